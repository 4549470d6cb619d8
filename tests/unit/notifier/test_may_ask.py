"""Who may ask something of a request: whom its submitter proved to act for, and who holds its code (docs/architecture.md)."""

from typing import Any

import pytest

from schemas.vocabulary import Scope
from services.notifier.showing import may_ask
from services.runtime.identity.principal import Customer, OneRequest, Principal, Token

NUMBER, CUSTOMER = "482190347716", "C-1"
THEIRS, OPENED = Customer(CUSTOMER), Customer(CUSTOMER, frozenset({NUMBER}))
PROGRAM = Token("t-1", frozenset(Scope), frozenset({CUSTOMER}))


def row(proved: str | None, *, known: bool, accepted: bool = True) -> dict[str, Any]:
    """The request names C-1; `proved` is what its submitter proved."""
    return {
        "number": NUMBER,
        "customer_number": CUSTOMER,
        "accepted": {"customer_number": proved} if accepted else None,
        "latest": {"submitter_known": known},
    }


@pytest.mark.parametrize(
    ("who", "of", "may"),
    [
        (THEIRS, row(CUSTOMER, known=True), True),
        (THEIRS, row(None, known=False), False),
        (THEIRS, row(None, known=True), False),  # taken on the telephone before anybody said whose it is
        (OPENED, row(None, known=False), True),
        (OneRequest(frozenset({NUMBER})), row(None, known=False), True),
        (PROGRAM, row(CUSTOMER, known=True), True),
        (PROGRAM, row(None, known=False), False),
        (THEIRS, row(None, known=True, accepted=False), True),  # the acceptance is still on its way
        (THEIRS, row(None, known=False, accepted=False), False),
    ],
)
def test_who_may_ask_is_whom_the_submitter_proved_or_who_holds_the_code(
    who: Principal, of: dict[str, Any], may: bool
) -> None:
    assert may_ask(who, of) is may
