"""The sample day on Kafka and PostgreSQL is decided as it is embedded, and nothing of it is lost on the way."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from schemas.decision import show_instant
from services.commands.day import Addresses, Day, Driver, by_form
from services.commands.demo import serving
from services.commands.sample import fill_if_empty
from services.routing import sample
from services.runtime.settings import Settings
from services.stack import Stack
from tests.integration.stack import reading
from tests.integration.stack.processes import PATIENCE, ProcessStack
from tests.servers import free_port, wait_until

pytestmark = [pytest.mark.kafka, pytest.mark.postgres, pytest.mark.slow]


@pytest.fixture(scope="module")
def day(stack: ProcessStack) -> Day:
    """The day on seven processes."""
    return stack.driver().run()


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    """The day in one process on SQLite."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    clock = f"{show_instant(sample.OPENS)}@{datetime.now(UTC).isoformat()}"
    folder: Path = tmp_path_factory.mktemp("embedded")
    one = Stack(Settings(data_dir=folder, port=port, public_url=address, sample=True, clock=clock))
    one.migrate()
    sign_in = by_form(address, fill_if_empty(one), PATIENCE)
    with serving(one):
        yield Driver(Addresses(address, address, address), sign_in, patience=PATIENCE).run()
    for workshop in one.workshops.values():
        workshop.database.close()


def test_each_request_is_decided_the_same(day: Day, embedded: Day) -> None:
    """Outcome, level, queue, reasons, dates: all of the decision, request by request."""
    on_kafka, in_one = decisions(day), decisions(embedded)
    assert sorted(on_kafka) == sorted(in_one) == sorted(sent.request["external_id"] for sent in sample.day())
    differing = [
        f"{name} {part}: {in_one[name][part]} embedded, {on_kafka[name].get(part)} on Kafka"
        for name in in_one
        for part in in_one[name]
        if in_one[name][part] != on_kafka[name].get(part)
    ]
    assert differing == []
    assert all(one.keys() == in_one[name].keys() for name, one in on_kafka.items())


def decisions(day: Day) -> dict[str, dict[str, Any]]:
    """By `external_id`, without what depends on the second at which a request came: an hour by which we promise to come is
    kept as it is where the rules put it on the clock, and as its distance from the receipt where they count elapsed time.
    """
    found = {}
    for one in day.handled:
        decision = {name: value for name, value in one.decision.items() if name != "as_of"}
        if decision["respond_by"] is not None:
            due, received = (datetime.fromisoformat(one.decision[name]) for name in ("respond_by", "as_of"))
            decision["respond_by"] = str(due - received) if due.second or due.minute % 15 else due.isoformat()
        found[one.external_id] = decision
    return found


def test_the_same_work_was_done(day: Day, embedded: Day) -> None:
    """The same visits and parcels, by the same people, as far."""
    assert [(one.handled.external_id, one.by, one.steps) for one in day.done] == [
        (one.handled.external_id, one.by, one.steps) for one in embedded.done
    ]


def test_nothing_is_left_on_the_way(stack: ProcessStack, day: Day) -> None:
    """Outboxes empty, `fixline reconcile` finds no difference in the day, every mail that is held for sent arrived."""
    wait_until(lambda: reading.waiting_to_publish(stack.workshops) == 0, PATIENCE, "the relays to publish everything")
    assert [one for one in stack.differences() if one["subject"] in {handled.number for handled in day.handled}] == []
    wait_until(lambda: reading.mails_waiting(stack.workshops) == 0, PATIENCE, "all mail to be sent")
    sent = reading.mails_sent(stack.workshops)
    assert len(sent) >= len([one for one in day.handled if "email" in one.sent.request.get("contact", {})])
    assert {id_.partition("@")[0] for id_ in stack.mailbox.message_ids()} == set(sent)
    assert len(stack.mailbox.mails) == len(sent)
