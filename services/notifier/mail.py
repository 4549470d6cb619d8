"""E-mail: one message, one SMTP conversation (docs/architecture.md, Who owns what).

The ``Message-ID`` derives from the event, so that a second copy is known as one by every mail program.
"""

from dataclasses import dataclass
from email.message import EmailMessage

import aiosmtplib
from sqlalchemy import RowMapping

from schemas.vocabulary import Language
from services.notifier.deliveries import Away, Refusal
from services.notifier.messages import Messages
from services.runtime.mail import MailServer, letter, post


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
            return post(self.server, message)
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
        return letter(
            sender=self.sender,
            to=delivery["recipient"]["email"],
            subject=subject,
            text=text,
            language=language,
            at=self.messages.at(delivery["body"]),
            message_id=delivery["message_id"],
        )
