"""A letter as mail programs read it."""

from datetime import UTC, datetime

from schemas.vocabulary import Language
from services.runtime.mail import letter


def test_a_letter_says_its_language_and_that_nobody_wrote_it() -> None:
    """For screen readers and for holiday replies; the id is the sender's own."""
    mail = letter(
        sender="Fixline <no-reply@fixline.example>",
        to="claire@example.com",
        subject="Votre demande",
        text="C'est noté.",
        language=Language.FR,
        at=datetime(2026, 11, 23, 15, tzinfo=UTC),
        message_id="4c1f",
    )
    assert dict(mail.items()) | {"Content-Transfer-Encoding": ""} == {
        "Content-Type": 'text/plain; charset="utf-8"',
        "Content-Transfer-Encoding": "",
        "MIME-Version": "1.0",
        "From": "Fixline <no-reply@fixline.example>",
        "To": "claire@example.com",
        "Subject": "Votre demande",
        "Date": "Mon, 23 Nov 2026 15:00:00 +0000",
        "Message-ID": "<4c1f@fixline.example>",
        "Content-Language": "fr",
        "Auto-Submitted": "auto-generated",
    }
