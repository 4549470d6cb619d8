"""E-mail: one message, one SMTP conversation (docs/architecture.md, Who owns what).

The ``Message-ID`` derives from the event, so that a second copy is known as one by every mail program.
"""

import asyncio
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from urllib.parse import unquote, urlsplit

import aiosmtplib
from sqlalchemy import RowMapping

from schemas.vocabulary import Language
from services.notifier.deliveries import Away, Refusal
from services.notifier.messages import Messages

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


@dataclass(frozen=True)
class MailSender:
    """Hands one delivery to the mail server."""

    server: MailServer
    sender: str  # as in From:
    messages: Messages

    def send(self, delivery: RowMapping) -> str:
        """What the server said when it took it. Raises `Refusal` for good, `Away` for now."""
        message = self.compose(delivery)
        try:
            return asyncio.run(self._converse(message))
        except (aiosmtplib.SMTPRecipientsRefused, aiosmtplib.SMTPResponseException) as error:
            code = getattr(error, "code", None) or max((r.code for r in getattr(error, "recipients", [])), default=451)
            said = f"{code} {getattr(error, 'message', '')}".strip()
            raise (Refusal(said) if 500 <= code < 600 else Away(said)) from error
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            raise Away(type(error).__name__) from error

    def compose(self, delivery: RowMapping) -> EmailMessage:
        """The message as it goes out: plain text, in the recipient's language."""
        language = Language(delivery["recipient"]["language"])
        subject, text = self.messages.write(delivery["body"], language, full=delivery["recipient"]["full"])
        message = EmailMessage()
        message["From"] = self.sender
        message["To"] = Address(addr_spec=delivery["recipient"]["email"])
        message["Subject"] = subject
        message["Date"] = format_datetime(self.messages.at(delivery["body"]))
        message["Message-ID"] = f"<{delivery['message_id']}@{parseaddr(self.sender)[1].rpartition('@')[2]}>"
        message["Content-Language"] = language.value
        message["Auto-Submitted"] = "auto-generated"  # so that holiday replies do not answer
        message.set_content(text)
        return message

    async def _converse(self, message: EmailMessage) -> str:
        client = aiosmtplib.SMTP(
            hostname=self.server.host,
            port=self.server.port,
            username=self.server.username,
            password=self.server.password,
            use_tls=self.server.tls,
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
