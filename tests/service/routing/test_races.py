"""Everybody reaches for the same work order at the same moment: one winner each, the others told in words, nothing half done.

Two workers that were handed the same cancellation, two technicians, the lease's timer and a second decision (the site turns
out to be in another territory), for each of many work orders at once; and two who must never get anything: a technician who
reaches for what others hold, and a dispatcher who takes back what they saw held before the lease ran out. Whatever comes
first, the tables say what the events say, nobody holds two, and a request that ended has no work left.
"""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select

from schemas.dispatch import Accepted, EnRoute, Withdrawn
from schemas.message import Message
from schemas.request_status import CommandRefused, RequestDecided, StatusChanged
from schemas.vocabulary import Action, Language, Status, WorkOrderState
from services.routing import late_data, queue_steps, store
from services.routing.lifecycle import WORK_ORDER
from services.routing.people import Person, Said
from services.routing.queues import WorkOrder
from services.routing.reconcile import differences
from services.routing.requests import Life
from services.routing.tables import RUNTIME
from services.routing.timers import fire_due
from services.routing.words import ROUTING_WORDS
from services.runtime.errors import Conflict
from tests.builders import a_cancellation, a_number, a_record
from tests.service.routing.harness import Routing, a_dispatcher, a_site, a_technician, covered

#: How many work orders are fought for: the promise on PostgreSQL, its smaller sister embedded.
ROUNDS = {"postgresql": 1000, "sqlite": 60}
PORTION = 100
#: Seconds between two claims, and so between two leases that run out: each in the round that its job is raced for.
APART = 0.1


@dataclass
class Racers:
    """What each of them does to one work order, and what came of it."""

    routing: Routing
    numbers: Sequence[str]
    outcomes: Counter[str] = field(default_factory=Counter)
    told: list[str] = field(default_factory=list)
    failures: list[BaseException] = field(default_factory=list)

    def technician(self, by: Person) -> Callable[[int], None]:
        """Claims the job, accepts it, sets out; at each step somebody may have been quicker, and a thief who sees it as it is
        now tries to go on with it: whose it is is asked, not only whether it moved."""

        def race(index: int) -> None:
            id_ = f"WO-{self.numbers[index]}-1"
            with self.routing.database.reading() as connection:
                order = store.one(connection, WorkOrder, id_)
            assert order is not None
            seen = order.version
            for step in ("claim", "accept", "en-route"):
                try:
                    with self.routing.workshop.begin(origin=f"{by.id}-{id_}-{step}") as work:
                        areas = self.routing.judge.facts.reference(work.connection).areas
                        done = queue_steps.take_step(work, self.routing.judge.policy, areas, id_, step, by, seen)
                except Conflict as refused:
                    self.outcomes[f"technician: {refused.code}"] += 1
                    self.told.append(ROUTING_WORDS.say(f"error.{refused.code}", Language.EN, **refused.values))
                    return
                seen = done.version
                if (following := {"claim": "accept", "accept": "en-route"}.get(step)) is not None:
                    self._in_vain("thief", index, following, a_technician("thief", "CA-QC-MTL", "CA-ON-TOR"), seen)
            self.outcomes["technician: on the way"] += 1

        return race

    def dispatcher(self, index: int) -> None:
        """Takes back a job that they saw held by somebody whose time is over: not what has happened to it since."""
        self._in_vain("dispatcher", index, "withdraw", a_dispatcher("dispatch1"), HELD_AT)

    def _in_vain(self, who: str, index: int, step: str, by: Person, seen: int) -> None:
        id_ = f"WO-{self.numbers[index]}-1"
        try:
            with self.routing.workshop.begin(origin=f"{by.id}-{id_}-{step}-{seen}") as work:
                areas = self.routing.judge.facts.reference(work.connection).areas
                queue_steps.take_step(work, self.routing.judge.policy, areas, id_, step, by, seen, Said(reason="other"))
        except Conflict as refused:
            self.outcomes[f"{who}: {refused.code}"] += 1
            self.told.append(ROUTING_WORDS.say(f"error.{refused.code}", Language.EN, **refused.values))
        else:
            raise AssertionError(f"{who} could {step} {id_}, seen at version {seen}")

    def worker(self, offset: int) -> Callable[[int], None]:
        """Is handed the cancellation, like the other worker: delivery is at least once."""
        processor = Routing(self.routing.database, self.routing.clock).processor

        def race(index: int) -> None:
            processor.process([a_record(a_cancellation(self.numbers[index]), offset=offset + index)])

        return race

    def timer(self, _index: int) -> None:
        fire_due(self.routing.workshop, self.routing.judge)

    def decider(self, index: int) -> None:
        second = late_data.decide_again(self.routing.workshop, self.routing.judge, self.numbers[index])
        self.outcomes[f"decider: {'nothing to decide' if second is None else second.stuck or 'decided'}"] += 1

    def run(self) -> None:
        racers = [
            self.technician(a_technician("tech1", "CA-QC-MTL", "CA-ON-TOR")),
            self.technician(a_technician("tech2", "CA-QC-MTL", "CA-ON-TOR")),
            self.worker(10_000_000),
            self.worker(10_000_000),
            self.timer,
            self.decider,
            self.dispatcher,
        ]
        start = threading.Barrier(len(racers), action=lambda: self.routing.clock.forward(seconds=APART))
        threads = [threading.Thread(target=self._laps, args=(racer, start)) for racer in racers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if self.failures:
            raise self.failures[0]

    def _laps(self, racer: Callable[[int], None], start: threading.Barrier) -> None:
        try:
            for index in range(len(self.numbers)):
                start.wait()
                racer(index)
        except BaseException as failure:
            self.failures.append(failure)
            start.abort()


#: The version of a visit that somebody claimed in time and did not accept.
HELD_AT = 2


def claimed_and_lapsing(routing: Routing, numbers: Sequence[str]) -> None:
    """A visit for each request, held by somebody whose time to accept runs out as the race for it begins; their site moves."""
    for first in range(0, len(numbers), PORTION):
        routing.receives(*(covered(number) for number in numbers[first : first + PORTION]))
    policy, slow = routing.judge.policy, a_technician("slow")
    for number in numbers:
        with routing.workshop.begin(origin=f"claim of {number}") as work:
            areas = routing.judge.facts.reference(work.connection).areas
            queue_steps.take_step(work, policy, areas, f"WO-{number}-1", "claim", slow, 1)
        routing.clock.forward(seconds=APART)
    routing.clock.forward(seconds=policy.claim_lease.total_seconds() - (len(numbers) + 0.5) * APART)
    routing.given([a_site(postal_code="M5V1A1")])


def test_one_winner_each_and_nothing_half_done(routing: Routing) -> None:
    """Every end is one that somebody's first word explains."""
    numbers = [a_number(n) for n in range(ROUNDS[routing.database.engine.dialect.name])]
    claimed_and_lapsing(routing, numbers)
    race = Racers(routing, numbers)
    race.run()
    while fire_due(routing.workshop, routing.judge):
        pass

    with routing.database.reading() as connection:
        assert list(differences(connection)) == []
        assert connection.execute(select(RUNTIME.quarantine.c.reason)).all() == []
    told = routing.said()
    _nobody_shares_a_job(told)
    _a_lease_ran_out_for_the_slow_one_alone(routing)
    _each_request_ended_one_way(routing, told, numbers)
    assert {name for name in race.outcomes if name.startswith("decider")} <= {
        "decider: decided",
        "decider: nothing to decide",
        "decider: redecide.en_route",
    }
    assert all(words.startswith("Not saved") for words in race.told)
    assert len(race.outcomes) >= 4, f"not much of a race: {race.outcomes}"


def _nobody_shares_a_job(said: Sequence[Message]) -> None:
    """Of each visit: accepted by one, begun once, and not after it was withdrawn."""
    ended: set[str] = set()
    told: Counter[tuple[str, str]] = Counter()
    for message in said:
        if isinstance(message, Accepted | EnRoute):
            assert message.work_order not in ended
            told[message.work_order, message.TYPE] += 1
        if isinstance(message, Withdrawn):
            ended.add(message.work_order)
    assert set(told.values()) <= {1}


def _a_lease_ran_out_for_the_slow_one_alone(routing: Routing) -> None:
    """Whoever claimed a minute ago keeps it, whatever timer of an earlier claim fires now."""
    lapsed = [(step["subject"], step["by_name"]) for step in routing.stored("steps") if step["step"] == "lapse"]
    assert {name for _, name in lapsed} <= {"Name of slow"}
    assert len(lapsed) == len(set(lapsed))


def _each_request_ended_one_way(routing: Routing, said: Sequence[Message], numbers: Sequence[str]) -> None:
    """The customer has one answer to the cancellation: done, and no work is left; or refused, and somebody is on the way."""
    answers: Counter[str] = Counter()
    refused = set()
    for message in said:
        if isinstance(message, StatusChanged | CommandRefused) and message.command_id is not None:
            answers[message.number] += 1
        if isinstance(message, CommandRefused):
            assert (message.command, message.reason) == (Action.CANCEL, "technician_on_the_way")
            refused.add(message.number)
        if isinstance(message, RequestDecided):
            assert message.index <= 2
    assert answers == Counter(dict.fromkeys(numbers, 1))
    live = {order.number: order for order in everything(routing) if not WORK_ORDER.final(order.status)}
    statuses = {life.number: life.status for life in all_lives(routing)}
    for number in numbers:
        if number in refused:
            assert (statuses[number], live[number].status) == (Status.IN_PROGRESS, WorkOrderState.EN_ROUTE)
        else:
            assert (statuses[number], live.get(number)) == (Status.CANCELLED, None)


def everything(routing: Routing) -> list[WorkOrder]:
    with routing.database.reading() as connection:
        return store.found(connection, WorkOrder, limit=10_000)


def all_lives(routing: Routing) -> list[Life]:
    with routing.database.reading() as connection:
        return store.found(connection, Life, limit=10_000)
