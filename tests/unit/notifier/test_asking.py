"""What a customer may ask from the tracking page: exactly the missing fields, and why not where it cannot be."""

import inspect
import re

import pytest

from schemas.vocabulary import Action
from services.notifier.view import fields_for
from services.notifier.words import NOTIFIER_WORDS
from services.routing import handlers
from services.routing.rules import contracts, desks, ending, naming, software
from services.routing.triage import ASKABLE


@pytest.mark.parametrize(
    ("missing", "asked"),
    [
        (["machine"], ("machine.serial", "machine.type", "contract_number")),
        (["machine.serial"], ("machine.serial",)),
        (["machine", "details.reason"], ("machine.serial", "machine.type", "contract_number", "details.reason")),
        (["contract_number", "machine"], ("contract_number", "machine.serial", "machine.type")),
        ([], ()),
    ],
)
def test_the_form_asks_for_exactly_what_is_missing(missing: list[str], asked: tuple[str, ...]) -> None:
    """A machine is a serial number and a type, or a contract; nothing is asked twice."""
    assert fields_for(missing) == asked


def test_every_field_that_can_be_missing_has_its_words() -> None:
    """Those that the rules name, and those that triage may ask for."""
    named = {
        field
        for module in (contracts, desks, ending, naming, software)
        for field in re.findall(
            r'"((?:details|machine)\.\w+|product_id|contract_number|text)"', inspect.getsource(module)
        )
    }
    assert named >= {"details.party", "details.invoice_number", "machine.serial"}
    for field in named | set(ASKABLE):
        assert f"missing.{field}" in NOTIFIER_WORDS


def test_every_refusal_says_what_and_why() -> None:
    """Each reason that routing gives has its sentence, in both languages."""
    source = inspect.getsource(handlers.why_not) + inspect.getsource(handlers._amended)
    source += inspect.getsource(handlers._answered)
    reasons = set(re.findall(r'"([a-z]+_[a-z_]+)"', source)) | {
        f"already_{status}" for status in ("cancelled", "closed", "rejected")
    }
    assert {"technician_on_the_way", "nothing_is_asked", "not_readable", "answer_in_words"} <= reasons
    for reason in reasons:
        assert f"refused.{reason}" in NOTIFIER_WORDS
    for action in (Action.AMEND, Action.CANCEL, Action.REOPEN):
        assert f"refused.{action}" in NOTIFIER_WORDS
