"""What every log promises to a service (docs/architecture.md, The outbox is the log)."""

import pytest

from schemas.service_requests import CancelRequested
from services.runtime.failures import Halted, InvalidEvent
from tests.builders import a_cancellation, a_number, a_record, a_reopening, an_acceptance, an_amendment
from tests.conformance.stacks import Stack, dead, effects, mend

ONE, TWO, THREE = a_number(1), a_number(2), a_number(3)


def test_events_of_one_key_in_one_fetch_are_applied_in_order(stack: Stack) -> None:
    """Accept, amend, cancel, reopen, cancel of one request, published at once, while another request goes on beside it."""
    stack.publish(
        an_acceptance(ONE),
        an_amendment(ONE, 1),
        an_acceptance(TWO),
        a_cancellation(ONE, 2),
        a_reopening(ONE, 3),
        a_cancellation(ONE, 4),
    )
    stack.settle()
    assert [what for number, what, _ in effects(stack) if number == ONE] == [
        "accepted",
        "amended",
        "cancel-requested",
        "reopen-requested",
        "cancel-requested",
    ]
    assert [what for number, what, _ in effects(stack) if number == TWO] == ["accepted"]


def test_an_event_knows_what_waits_behind_it(stack: Stack) -> None:
    """So that a request whose cancellation is already there need not be dispatched first."""
    stack.publish(an_acceptance(ONE), a_cancellation(ONE, 1))
    stack.settle()
    assert effects(stack) == [(ONE, "accepted", ("request.cancel-requested",)), (ONE, "cancel-requested", ())]


def test_an_event_twice_in_one_fetch_is_applied_once(stack: Stack) -> None:
    """A relay that lost its lease may publish a repeat right behind the first."""
    record = a_record(an_acceptance(ONE), offset=1)
    stack.processor().process([record, a_record(an_acceptance(ONE), offset=2)])
    stack.processor().process([record])
    assert effects(stack) == [(ONE, "accepted", ())]


def test_what_was_applied_is_not_applied_again(stack: Stack) -> None:
    """Delivery is at least once; effects are once."""
    stack.publish(an_acceptance(ONE), an_acceptance(TWO), a_cancellation(ONE, 1))
    stack.settle()
    before = effects(stack)
    stack.redeliver()
    assert effects(stack) == before


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b"", b"null", b'{"number": 1}'], ids=repr)
def test_what_cannot_be_read_goes_to_quarantine_and_the_flow_goes_on(stack: Stack, body: bytes) -> None:
    """Byte for byte, with its reason; other requests do not notice."""
    stack.publish(an_acceptance(ONE))
    stack.publish_raw(an_acceptance(TWO), body)
    stack.publish(an_acceptance(THREE))
    stack.settle()
    assert {number for number, _, _ in effects(stack)} == {ONE, THREE}
    assert [(letter.reason, letter.record.value) for letter in dead(stack)] == [("body", body)]


def test_a_redelivered_dead_letter_is_a_repeat(stack: Stack) -> None:
    """It is neither applied nor quarantined a second time."""
    stack.publish_raw(an_acceptance(TWO), b"{")
    stack.publish(an_acceptance(ONE, text="poison"))
    stack.settle()
    stack.redeliver()
    assert effects(stack) == []
    assert len(dead(stack)) == 2


def test_poison_parks_the_events_behind_it_and_a_replay_runs_the_line_in_order(stack: Stack) -> None:
    """Poison in the middle of a key's line; the key waits, others go on; once mended, all of it is applied in order."""
    stack.publish(
        an_acceptance(ONE),
        a_cancellation(ONE, 1).model_copy(update={"reason": "poison"}),
        an_acceptance(TWO),
        a_reopening(ONE, 2),
    )
    stack.settle()
    stack.publish(a_cancellation(ONE, 3))
    stack.settle()
    assert sorted(effects(stack)) == [(ONE, "accepted", ()), (TWO, "accepted", ())]
    assert [letter.reason for letter in dead(stack)] == ["poison", "behind", "behind"]

    with pytest.raises(InvalidEvent):
        stack.processor().replay(ONE, by="ops")
    assert len(effects(stack)) == 2

    mend(stack, "poison")
    assert stack.processor().replay(ONE, by="ops") == 3
    assert effects(stack)[2:] == [
        (ONE, "cancel-requested", ("request.reopen-requested", "request.cancel-requested")),
        (ONE, "reopen-requested", ("request.cancel-requested",)),
        (ONE, "cancel-requested", ()),
    ]
    assert dead(stack) == []


def test_a_line_that_was_replayed_is_free_again(stack: Stack) -> None:
    """What comes after the replay is applied at once, and a redelivery of the line changes nothing."""
    stack.publish(an_acceptance(ONE, text="poison"), a_cancellation(ONE, 1))
    stack.settle()
    mend(stack, "poison")
    stack.processor().replay(ONE, by="ops")
    stack.publish(a_reopening(ONE, 2))
    stack.settle()
    stack.redeliver()
    assert [what for _, what, _ in effects(stack)] == ["accepted", "cancel-requested", "reopen-requested"]


def test_a_bug_takes_only_its_own_event_along(stack: Stack) -> None:
    """The batch is tried event by event; the culprit is quarantined as a bug."""
    stack.publish(*(an_acceptance(a_number(index), text="bug" if index == 4 else "fine") for index in range(9)))
    stack.settle()
    assert sorted(number for number, _, _ in effects(stack)) == sorted(a_number(i) for i in range(9) if i != 4)
    assert [letter.reason for letter in dead(stack)] == ["bug"]


def test_a_key_that_is_not_its_bodys_is_poison(stack: Stack) -> None:
    """Order per request comes from the key; a wrong one would break it unseen."""
    message = an_acceptance(ONE)
    body = an_acceptance(TWO).model_dump_json().encode()
    stack.publish_raw(message, body)
    stack.settle()
    assert effects(stack) == []
    assert [letter.reason for letter in dead(stack)] == ["key"]


def test_a_consumer_halts_rather_than_drain_a_topic_into_quarantine(stack: Stack) -> None:
    """Half of the last events, at least fifty: a person must look."""
    records = [a_record(an_acceptance(a_number(i)), offset=i, value=b"{") for i in range(60)]
    with pytest.raises(Halted, match="dead list"):
        stack.processor().process(records)


def test_what_waits_behind_a_dead_letter_is_not_counted_as_failed(stack: Stack) -> None:
    """One poisonous request with a long line must not stop the others."""
    line = [CancelRequested.model_validate(a_cancellation(ONE, i).model_dump()) for i in range(1, 90)]
    records = [a_record(an_acceptance(ONE), offset=0, value=b"{")]
    records += [a_record(message, offset=index + 1) for index, message in enumerate(line)]
    stack.processor().process(records)
    assert len(dead(stack)) == 90
