"""A mail server that hangs, refuses and lies, and notes down every mail that it took."""

import asyncio
from email import message_from_bytes
from pathlib import Path
from typing import Any, Final

from tests.faults.journal import Journal
from tests.integration.stack.mailbox import Mailbox

#: ``lie``: it says that it took the mail, and throws it away. ``hang``: it answers nothing until the mode ends.
MODES: Final = ("take", "hang", "refuse", "lie")


class MoodyMailbox(Mailbox):
    """`mails.jsonl`: message id, recipient, what it replied, and whether that was a lie."""

    def __init__(self, notes: Path) -> None:
        super().__init__()
        self.mood = "take"
        self._notes = Journal(notes)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802  # aiosmtpd's name
        if self.mood == "hang":
            while self.mood == "hang":
                await asyncio.sleep(0.05)
            return "451 Too late"  # the client has left by now: to take it would be a copy that nobody asked for
        if self.mood == "refuse":
            return "451 Not now"
        reply, lied = "250 Taken", self.mood == "lie"
        mail = message_from_bytes(envelope.content)
        # Noted before the answer: what is noted may have been answered, what is not was not.
        for recipient in envelope.rcpt_tos:
            id_ = str(mail["Message-ID"]).strip("<>")
            self._notes.write(message_id=id_, to=recipient, reply=reply, lied=lied)
        return reply
