"""One message, one SMTP conversation: who is asked, and how long we wait."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from urllib.parse import unquote, urlsplit

import aiosmtplib

from schemas.vocabulary import Language

#: Seconds for each step of a conversation, and for all of it; a claim outlasts both.
_STEP, _WHOLE = 15, 40


@dataclass(frozen=True)
class MailServer:
    host: str
    port: int
    username: str | None = None
    password: str | None = None
    tls: bool = False


def mail_server(url: str) -> MailServer:
    """Read ``smtp://[user:password@]host[:port]`` or ``smtps://…``. Raises `ValueError` naming what is wrong, not the password."""
    parts = urlsplit(url)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise ValueError("FIXLINE_SMTP_URL: expected smtp://[user:password@]host[:port] or smtps://…")
    return MailServer(
        host=parts.hostname,
        port=parts.port or (465 if parts.scheme == "smtps" else 25),
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        tls=parts.scheme == "smtps",
    )


def letter(
    *, sender: str, to: str, subject: str, text: str, language: Language, at: datetime, message_id: str
) -> EmailMessage:
    """A message as it goes out: plain text, one language. ``message_id`` without the sender's host, which is added."""
    message = EmailMessage()
    message.set_content(text)  # first: it takes every Content-* header away
    message["From"] = sender
    message["To"] = Address(addr_spec=to)
    message["Subject"] = subject
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{message_id}@{parseaddr(sender)[1].rpartition('@')[2]}>"
    message["Content-Language"] = language.value
    message["Auto-Submitted"] = "auto-generated"  # so that holiday replies do not answer
    return message


def post(server: MailServer, message: EmailMessage) -> str:
    """What the server said when it took it. Raises `aiosmtplib.SMTPException`, `OSError` or `TimeoutError`."""
    return asyncio.run(_converse(server, message))


async def _converse(server: MailServer, message: EmailMessage) -> str:
    client = aiosmtplib.SMTP(
        hostname=server.host,
        port=server.port,
        username=server.username,
        password=server.password,
        use_tls=server.tls,
        start_tls=None,
        timeout=_STEP,
    )
    async with asyncio.timeout(_WHOLE):
        await client.connect()
        try:
            _refused, answer = await client.send_message(message)
        finally:
            client.close()
    return answer
