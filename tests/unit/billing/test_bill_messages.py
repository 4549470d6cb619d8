"""What customers are written about money: once each, in the request's language, and only to the address on file."""

from datetime import UTC, datetime
from typing import Any

import pytest

from schemas.bill import Bill, BillLine, Dispute, Estimate, Invoice
from schemas.request_status import Recipient, Standing, StatusChanged, StatusMessage
from schemas.vocabulary import Channel, Kind, Language, Milestone, Role, Status
from services.notifier.deliveries import due_messages
from services.notifier.messages import Messages
from services.notifier.words import NOTIFIER_WORDS
from services.runtime.identity.codes import TrackingCodes
from services.runtime.log import Event
from services.runtime.web.assets import Assets
from services.runtime.web.pages import Pages, Site
from services.runtime.web.words import Phrase
from tests.builders import MONDAY, a_number, a_record, an_envelope

UNTIL = datetime(2026, 12, 7, 15, tzinfo=UTC)
LINE = BillLine.model_validate(
    {
        "line": 1,
        "sort": "labour",
        "reason": "repair",
        "quantity": "2.00",
        "unit_price": "617.25",
        "amount": "1234.50",
    }
)
OFFER: dict[str, Any] = {
    "estimate": "E-1",
    "version": 2,
    "way": "onsite",
    "currency": "CAD",
    "lines": (LINE,),
    "total": "1234.50",
    "good_until": UNTIL,
}
SENT = Bill(estimate=Estimate(status="sent", **OFFER))
ACCEPTED = Estimate(status="accepted", **OFFER)
BILLED = Bill(
    estimate=ACCEPTED,
    invoice=Invoice(
        invoice_number="INV-CA-000001",
        currency="CAD",
        lines=(LINE,),
        total="1234.50",
        issued_at=MONDAY,
        dispute_until=UNTIL,
    ),
)
CREDITED = Bill(
    dispute=Dispute(
        invoice_number="INV-CA-000001",
        currency="CAD",
        lines=(1,),
        held="1234.50",
        outcome="credited",
        credit_note="CRN-CA-000001",
        credited="1234.50",
    )
)


def told(bill: Bill | None, milestone: Milestone, status: Status = Status.PENDING, **given: Any) -> StatusChanged:
    """A step of a customer's request, to the address on file and to another."""
    return StatusChanged(
        number=a_number(),
        version=2,
        occurred_at=MONDAY,
        received_at=MONDAY,
        by=Role.DESK,
        kind=Kind.HARDWARE_REPAIR,
        channel=Channel.WEB,
        language=Language.FR,
        timezone="America/Toronto",
        customer_number="C-1",
        submitter_known=True,
        external_id=None,
        device="8286 OLD",
        standing=Standing(status=status, milestone=milestone, bill=bill),
        recipients=(
            Recipient(email="on-file@example.com", language=Language.FR, full=True),
            Recipient(email="other@example.com", language=Language.EN, full=False),
        ),
        **given,
    )


def written(message: StatusChanged) -> dict[str, str]:
    """What each address is sent."""
    pages = Pages(
        "services.notifier",
        NOTIFIER_WORDS,
        Site("http://testserver", "+18005550199", Phrase("every day", "tous les jours")),
        Assets(),
        lambda: MONDAY,
    )
    writes = Messages(pages, TrackingCodes(b"t" * 32))
    event: Event[StatusMessage] = Event(an_envelope(message), message.key, message, a_record(message))
    due = due_messages(event, message.model_dump(mode="json"), MONDAY, superseded=False)
    return {
        row["recipient"]["email"]: writes.write(
            row["body"], Language(row["recipient"]["language"]), full=row["recipient"]["full"]
        )[1].replace("\u00a0", " ")
        for row in due
    }


def test_an_estimate_is_written_with_its_total_and_its_day_to_the_address_on_file() -> None:
    """Another address learns that there is one."""
    mails = written(told(SENT, Milestone.ESTIMATE_SENT))
    offer = "La réparation coûterait 1 234,50 $, avant taxes. L'estimation est valide jusqu'au lundi 7 décembre, 10 h"
    assert offer in mails["on-file@example.com"]
    assert "Acceptez l'estimation ou refusez-la." in mails["on-file@example.com"]
    assert "Your estimate is ready." in mails["other@example.com"]
    assert "1,234.50" not in mails["other@example.com"]


@pytest.mark.parametrize(
    ("message", "sentence"),
    [
        (
            told(Bill(estimate=ACCEPTED), Milestone.QUEUED_FOR_TECHNICIAN, reason="estimate_accepted"),
            "Vous avez accepté l'estimation de 1 234,50 $, avant taxes.",
        ),
        (
            told(BILLED, Milestone.REPAIRED, Status.RESOLVED),
            "Facture INV-CA-000001 : 1 234,50 $, avant taxes.",
        ),
        (
            told(CREDITED, Milestone.ANSWERED, Status.RESOLVED, reason="credited", note="Une heure de trop."),
            "Une heure de trop.\n\nNous vous remboursons 1 234,50 $ : note de crédit CRN-CA-000001.",
        ),
        (told(None, Milestone.ESTIMATE_EXPIRED, Status.CANCELLED), "L'estimation n'a pas été acceptée à temps"),
        (told(None, Milestone.ESTIMATE_DECLINED, Status.CANCELLED), "Vous avez refusé l'estimation"),
    ],
)
def test_each_step_of_billing_is_written_in_one_sentence(message: StatusChanged, sentence: str) -> None:
    assert sentence in written(message)["on-file@example.com"]


def test_what_is_only_shown_is_not_written() -> None:
    """The step after an accepted estimate that is nobody's news."""
    assert written(told(Bill(estimate=ACCEPTED), Milestone.QUEUED_FOR_TECHNICIAN)) == {}
