"""The form's questions: which come, and what the answers say."""

import pytest

from schemas.vocabulary import Kind
from services.intake.form import KIND_OF, Need, Step, body_of, faults_of, first_unfinished, needs_identity, steps_of

LABEL = "Where it is:"


def test_only_kinds_that_strangers_may_ask_are_asked_here() -> None:
    """The other needs lead to the telephone."""
    from schemas.vocabulary import ANONYMOUS_KINDS

    assert set(KIND_OF.values()) == ANONYMOUS_KINDS
    assert {need for need in Need if needs_identity({"need": need})} == set(Need) - set(KIND_OF)


def test_who_cannot_find_the_number_gets_one_more_page() -> None:
    """Right behind the device."""
    steps = steps_of({"need": "device", "lost": "yes"})
    assert steps[:3] == (Step.NEED, Step.DEVICE, Step.LOST)
    assert Step.LOST not in steps_of({"need": "device"})
    assert Step.DEVICE not in steps_of({"need": "other", "lost": "yes"})


def test_answers_to_questions_no_longer_asked_are_not_sent() -> None:
    """Need changed from software to a device: product and severity stay behind, and so does a serial now lost."""
    answers = {"need": "other", "product_id": "P", "severity": "1", "machine.serial": "A1", "text": "Hello."}
    assert body_of(answers, LABEL) == {"kind": Kind.INQUIRY.value, "text": "Hello."}


def test_where_it_stands_ends_the_story() -> None:
    """It has no field of its own."""
    answers = {"need": "device", "text": "It hums.", "place": "Laval", "machine.serial": "A1"}
    assert body_of(answers, LABEL)["text"] == "It hums.\n\nWhere it is: Laval"


@pytest.mark.parametrize("length", [1_000, 1_001])
def test_a_story_has_at_most_a_thousand_characters(length: int) -> None:
    """The thousandth is still good."""
    found = faults_of(Step.PROBLEM, {"need": "other", "text": "x" * length}, LABEL)
    assert [fault.code for fault in found] == (["too_long"] if length > 1_000 else [])


def test_the_first_open_question_is_found_in_order() -> None:
    """Nothing answered, then each in turn."""
    answers: dict[str, str] = {}
    found = []
    for more in ({"need": "software"}, {"text": "x", "severity": "2"}, {"contact.phone": "5145550123"}, {}):
        found.append(first_unfinished(answers, LABEL))
        answers |= more
    assert found == [Step.NEED, Step.PROBLEM, Step.CONTACT, None]
