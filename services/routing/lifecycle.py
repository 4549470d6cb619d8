"""The lives of a request, a work order, a depot return (docs/rules.md §10) and an estimate (§8).

Each is one table from a state and what happens to the next state. A step that is not in its table is an error; nothing
else in the system decides whether a step is legal. The documentation's tables and diagrams are made from these.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final, Generic, TypeVar

from schemas.vocabulary import Action, EstimateState, MoveState, ReturnState, Status, WorkOrderState

State = TypeVar("State", bound=StrEnum)


class IllegalStep(ValueError):
    """Something that cannot happen in this state."""

    def __init__(self, life: str, state: str, event: str) -> None:
        super().__init__(f"{life}: no '{event}' from '{state}'")
        self.life, self.state, self.event = life, state, event


class Lifecycle(Generic[State]):
    """A table of steps. An absent entry is an error."""

    __slots__ = ("_events", "first", "name", "steps")

    def __init__(self, name: str, first: State, steps: Mapping[tuple[State, str], State]) -> None:
        self.name = name
        self.first = first
        self.steps: Final = MappingProxyType(dict(steps))
        self._events: dict[State, tuple[str, ...]] = {}
        for state, event in steps:
            self._events[state] = (*self._events.get(state, ()), event)

    def step(self, state: State, event: str) -> State:
        """The state after `event`. Raises `IllegalStep`."""
        try:
            return self.steps[state, event]
        except KeyError:
            raise IllegalStep(self.name, state, event) from None

    def may(self, state: State, event: str) -> bool:
        return (state, event) in self.steps

    def events(self, state: State) -> tuple[str, ...]:
        """What can happen in `state`, in the table's order; nothing: it is final."""
        return self._events.get(state, ())

    def leads(self, state: State, target: State) -> bool:
        """Whether one step leads from `state` to `target`."""
        return any(at is state and to is target for (at, _), to in self.steps.items())

    def way(self, state: State, target: State) -> tuple[State, ...]:
        """The shortest legal way, `target` last; empty when already there. Raises `IllegalStep` when there is none.

        A new decision on a held request can resolve it, and the table has it pass `inProgress` on the way.
        """
        ways: dict[State, tuple[State, ...]] = {state: ()}
        ends = [state]
        for at in ends:  # grows while it is walked: breadth first
            if at is target:
                return ways[at]
            for to in self._after(at):
                if to not in ways:
                    ways[to] = (*ways[at], to)
                    ends.append(to)
        raise IllegalStep(self.name, state, f"to {target}")

    def final(self, state: State) -> bool:
        return not self.events(state)

    def _after(self, state: State) -> Iterator[State]:
        return (to for (at, _), to in self.steps.items() if at is state)


#: The request. `pending` waits for the customer, `held` for us.
REQUEST: Final = Lifecycle(
    "request",
    Status.ACKNOWLEDGED,
    {
        (Status.ACKNOWLEDGED, "begin"): Status.IN_PROGRESS,
        (Status.ACKNOWLEDGED, "ask"): Status.PENDING,
        (Status.ACKNOWLEDGED, "hold"): Status.HELD,
        (Status.ACKNOWLEDGED, "resolve"): Status.RESOLVED,
        (Status.ACKNOWLEDGED, "reject"): Status.REJECTED,
        (Status.ACKNOWLEDGED, "cancel"): Status.CANCELLED,
        (Status.PENDING, "begin"): Status.IN_PROGRESS,
        (Status.PENDING, "hold"): Status.HELD,
        (Status.PENDING, "resolve"): Status.RESOLVED,
        (Status.PENDING, "reject"): Status.REJECTED,
        (Status.PENDING, "cancel"): Status.CANCELLED,
        (Status.HELD, "begin"): Status.IN_PROGRESS,
        (Status.HELD, "ask"): Status.PENDING,
        (Status.HELD, "reject"): Status.REJECTED,
        (Status.HELD, "cancel"): Status.CANCELLED,
        (Status.IN_PROGRESS, "ask"): Status.PENDING,
        (Status.IN_PROGRESS, "hold"): Status.HELD,
        (Status.IN_PROGRESS, "resolve"): Status.RESOLVED,
        (Status.IN_PROGRESS, "cancel"): Status.CANCELLED,
        (Status.RESOLVED, "close"): Status.CLOSED,
        (Status.RESOLVED, "reopen"): Status.IN_PROGRESS,  # within the policy's `reopen_days`
    },
)

#: A new decision (a coverage review upheld) may leave these for any status, as a recorded correction.
CORRECTABLE: Final = frozenset({Status.REJECTED, Status.CLOSED})

#: One onsite visit in a territory's queue.
WORK_ORDER: Final = Lifecycle(
    "work order",
    WorkOrderState.QUEUED,
    {
        (WorkOrderState.QUEUED, "claim"): WorkOrderState.ASSIGNED,
        (WorkOrderState.QUEUED, "assign"): WorkOrderState.ASSIGNED,
        (WorkOrderState.QUEUED, "cancel"): WorkOrderState.CANCELLED,
        (WorkOrderState.ASSIGNED, "accept"): WorkOrderState.ACCEPTED,
        (WorkOrderState.ASSIGNED, "decline"): WorkOrderState.QUEUED,
        (WorkOrderState.ASSIGNED, "lapse"): WorkOrderState.QUEUED,  # the claim's lease ran out
        (WorkOrderState.ASSIGNED, "withdraw"): WorkOrderState.QUEUED,  # the dispatcher declines for the technician
        (WorkOrderState.ASSIGNED, "cancel"): WorkOrderState.CANCELLED,
        (WorkOrderState.ACCEPTED, "en_route"): WorkOrderState.EN_ROUTE,
        (WorkOrderState.ACCEPTED, "release"): WorkOrderState.QUEUED,
        (WorkOrderState.ACCEPTED, "withdraw"): WorkOrderState.QUEUED,
        (WorkOrderState.ACCEPTED, "cancel"): WorkOrderState.CANCELLED,
        (WorkOrderState.EN_ROUTE, "arrive"): WorkOrderState.ON_SITE,
        (WorkOrderState.EN_ROUTE, "release"): WorkOrderState.QUEUED,
        (WorkOrderState.EN_ROUTE, "withdraw"): WorkOrderState.QUEUED,
        (WorkOrderState.ON_SITE, "complete"): WorkOrderState.COMPLETED,
        (WorkOrderState.ON_SITE, "leave"): WorkOrderState.INCOMPLETE,  # not fixed: a new visit, the parts awaited
    },
)

#: One mail-in repair.
DEPOT_RETURN: Final = Lifecycle(
    "depot return",
    ReturnState.ISSUED,
    {
        (ReturnState.ISSUED, "ship"): ReturnState.IN_TRANSIT,
        (ReturnState.ISSUED, "expire"): ReturnState.EXPIRED,  # after the policy's `return_days`
        (ReturnState.IN_TRANSIT, "receive"): ReturnState.RECEIVED,
        (ReturnState.RECEIVED, "diagnose"): ReturnState.DIAGNOSED,
        (ReturnState.DIAGNOSED, "repair"): ReturnState.REPAIRED,
        (ReturnState.DIAGNOSED, "replace"): ReturnState.REPLACED,
        (ReturnState.DIAGNOSED, "give_up"): ReturnState.UNREPAIRABLE,
        (ReturnState.REPAIRED, "ship_back"): ReturnState.RETURN_SHIPPED,
        (ReturnState.REPLACED, "ship_back"): ReturnState.RETURN_SHIPPED,
        (ReturnState.UNREPAIRABLE, "ship_back"): ReturnState.RETURN_SHIPPED,
        (ReturnState.RETURN_SHIPPED, "deliver"): ReturnState.DELIVERED,
    },
)

#: An appliance that goes to another country (docs/rules.md §9). Nothing is done before approval, by two persons.
APPLIANCE_MOVE: Final = Lifecycle(
    "appliance move",
    MoveState.SUBMITTED,
    {
        (MoveState.SUBMITTED, "review"): MoveState.UNDER_REVIEW,
        (MoveState.UNDER_REVIEW, "approve"): MoveState.APPROVED,
        (MoveState.UNDER_REVIEW, "reject"): MoveState.REJECTED,
        (MoveState.APPROVED, "assign"): MoveState.ASSIGNED,
        (MoveState.ASSIGNED, "execute"): MoveState.EXECUTED,  # the service country changes here alone
    },
)

#: An offer to repair what is not covered (docs/rules.md §8).
ESTIMATE: Final = Lifecycle(
    "estimate",
    EstimateState.PREPARED,
    {
        (EstimateState.PREPARED, "send"): EstimateState.SENT,
        (EstimateState.PREPARED, "withdraw"): EstimateState.WITHDRAWN,  # the request ended, or was decided otherwise
        (EstimateState.SENT, "accept"): EstimateState.ACCEPTED,
        (EstimateState.SENT, "decline"): EstimateState.DECLINED,
        (EstimateState.SENT, "expire"): EstimateState.EXPIRED,  # after the policy's `estimate_days`
        (EstimateState.SENT, "withdraw"): EstimateState.WITHDRAWN,  # as above, or the desk makes a better one
        (EstimateState.ACCEPTED, "withdraw"): EstimateState.WITHDRAWN,  # decided again: it is covered after all
    },
)

#: What a customer can still change: nobody works on it yet.
AMENDABLE: Final = frozenset({Status.ACKNOWLEDGED, Status.PENDING, Status.HELD})


def redecided(state: Status, target: Status) -> tuple[Status, ...]:
    """The statuses that a new decision passes, `target` last. A correction goes straight. Raises `IllegalStep`."""
    if state in CORRECTABLE and state is not target:
        return (target,)
    return REQUEST.way(state, target)


def actions(
    status: Status,
    *,
    visit: WorkOrderState | None = None,
    parcel: ReturnState | None = None,
    estimate: EstimateState | None = None,
    resolved_at: datetime | None = None,
    now: datetime,
    reopen_days: int,
) -> tuple[Action, ...]:
    """What the customer may ask next; the work in hand can forbid what the request's own table would allow.

    Amend while nobody works on it; cancel until somebody is on the way or a parcel is; reopen for `reopen_days`; answer an
    estimate that was sent.
    """
    idle = parcel in (None, ReturnState.ISSUED)
    still = visit is None or WORK_ORDER.final(visit) or WORK_ORDER.may(visit, "cancel")
    legal = (
        (Action.AMEND, status in AMENDABLE and idle),
        (Action.CANCEL, REQUEST.may(status, "cancel") and still and idle),
        (
            Action.REOPEN,
            REQUEST.may(status, "reopen")
            and resolved_at is not None
            and now < resolved_at + timedelta(days=reopen_days),
        ),
        (Action.ACCEPT_ESTIMATE, status is Status.PENDING and _may(estimate, "accept")),
        (Action.DECLINE_ESTIMATE, status is Status.PENDING and _may(estimate, "decline")),
    )
    return tuple([action for action, is_legal in legal if is_legal])


def _may(estimate: EstimateState | None, event: str) -> bool:
    return estimate is not None and ESTIMATE.may(estimate, event)
