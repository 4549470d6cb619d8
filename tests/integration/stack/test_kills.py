"""kill -9 of each process in turn during the sample day: nothing is lost, nothing is done twice.

The day is cut into as many pieces as there are processes. While a piece is on its way, when intake has accepted the
first two of its requests, one process is killed and started again. Who submits does what every program should: a call that
failed is sent again under the same Idempotency-Key (`services/commands/day.py`).
"""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from services.commands.day import Day
from services.routing import sample
from services.routing.sample import Sent
from tests.integration.stack import reading
from tests.integration.stack.processes import PATIENCE, ROLES, ProcessStack
from tests.servers import wait_until

pytestmark = [pytest.mark.kafka, pytest.mark.postgres, pytest.mark.slow]


def pieces() -> list[list[Sent]]:
    """The day, cut so that each process has its own."""
    day = sample.day()
    return [day[index :: len(ROLES)] for index in range(len(ROLES))]


def during(stack: ProcessStack, piece: list[Sent], role: tuple[str, str]) -> Day:
    """One piece of the day, in the middle of which a process is killed; it stays away for a moment."""
    before = len(reading.accepted(stack.workshops))
    with ThreadPoolExecutor(1) as pool:
        driven = pool.submit(stack.driver(f"killed-{'-'.join(role)}").run, piece)
        wait_until(
            lambda: driven.done() or len(reading.accepted(stack.workshops)) >= before + 2,
            PATIENCE,
            "the first requests to be accepted",
        )
        stack[role].kill()
        time.sleep(0.3)
        stack[role].start()
        return driven.result(timeout=2 * PATIENCE)


def test_nothing_is_lost_and_nothing_done_twice(stack: ProcessStack) -> None:
    """Every accepted request decided, none dispatched twice, every version on the timeline and in a row."""
    days = [during(stack, piece, role) for piece, role in zip(pieces(), ROLES, strict=True)]
    acknowledged = {one.number: one for day in days for one in day.handled}
    assert len(acknowledged) == len(sample.day())
    wait_until(lambda: reading.waiting_to_publish(stack.workshops) == 0, PATIENCE, "the relays to publish everything")
    wait_until(lambda: _all_shown(stack), PATIENCE, "the timelines to show everything")

    assert reading.accepted(stack.workshops) == set(acknowledged)  # an answer that was lost made no second request
    told, shown = reading.versions_told(stack.workshops), reading.versions_shown(stack.workshops)
    assert set(told) == set(acknowledged)
    assert {number: versions for number, versions in told.items() if versions != _in_a_row(versions)} == {}
    assert shown == {number: [0, *versions] for number, versions in told.items()}

    assert max(reading.live_work_orders(stack.workshops).values()) == 1
    assert set(reading.offers(stack.bootstrap).values()) == {1}
    _one_visit_unless_asked_for(stack, days)

    assert stack.differences() == []
    wait_until(lambda: reading.mails_waiting(stack.workshops) == 0, PATIENCE, "all mail to be sent")
    assert set(reading.mails_sent(stack.workshops)) == {id_.partition("@")[0] for id_ in stack.mailbox.message_ids()}


def _one_visit_unless_asked_for(stack: ProcessStack, days: list[Day]) -> None:
    """A request has one visit; one more for each time that a technician left without a repair."""
    left = [one.handled.number for day in days for one in day.done if "leave" in one.steps]
    by_number: dict[str, int] = {}
    orders = reading.visits(stack.workshops)
    for order in reading.offers(stack.bootstrap):
        by_number[orders[order]] = by_number.get(orders[order], 0) + 1
    assert by_number == {number: 1 + left.count(number) for number in by_number}


def _in_a_row(versions: list[int]) -> list[int]:
    return list(range(1, len(versions) + 1))


def _all_shown(stack: ProcessStack) -> bool:
    told, shown = reading.versions_told(stack.workshops), reading.versions_shown(stack.workshops)
    return shown == {number: [0, *versions] for number, versions in told.items()}
