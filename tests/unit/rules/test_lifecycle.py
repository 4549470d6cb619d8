"""The four lives (docs/rules.md §8, §10): every step that exists, and no other."""

from datetime import timedelta
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.vocabulary import Action, EstimateState, ReturnState, Status, WorkOrderState
from services.routing.lifecycle import (
    DEPOT_RETURN,
    ESTIMATE,
    REQUEST,
    WORK_ORDER,
    IllegalStep,
    Lifecycle,
    actions,
    redecided,
)
from tests.unit.rules.builders import MONDAY, at

REQUEST_STEPS = """
acknowledged → inProgress | pending | held | resolved | rejected | cancelled
pending → inProgress | held | resolved | rejected | cancelled
held → inProgress | pending | rejected | cancelled
inProgress → pending | held | resolved | cancelled
resolved → closed | inProgress
"""
WORK_ORDER_STEPS = """
queued → assigned | cancelled
assigned → accepted | queued | cancelled
accepted → en_route | queued | cancelled
en_route → on_site | queued
on_site → completed | incomplete
"""
DEPOT_RETURN_STEPS = """
issued → in_transit | expired
in_transit → received
received → diagnosed
diagnosed → repaired | replaced | unrepairable
repaired → return_shipped
replaced → return_shipped
unrepairable → return_shipped
return_shipped → delivered
"""
ESTIMATE_STEPS = """
prepared → sent | withdrawn
sent → accepted | declined | expired | withdrawn
accepted → withdrawn
"""


def written(steps: str) -> set[tuple[str, str]]:
    lines = [line.split(" → ") for line in steps.strip().splitlines()]
    return {(state, target) for state, targets in lines for target in targets.split(" | ")}


@pytest.mark.parametrize(
    ("life", "states", "steps"),
    [
        (REQUEST, Status, REQUEST_STEPS),
        (WORK_ORDER, WorkOrderState, WORK_ORDER_STEPS),
        (DEPOT_RETURN, ReturnState, DEPOT_RETURN_STEPS),
        (ESTIMATE, EstimateState, ESTIMATE_STEPS),
    ],
)
def test_the_table_has_every_step_of_the_rules_and_no_other(
    life: Lifecycle[StrEnum], states: type[StrEnum], steps: str
) -> None:
    assert {(state.value, target.value) for (state, _), target in life.steps.items()} == written(steps)
    legal = written(steps)
    for state in states:
        assert life.final(state) is (state.value not in {at for at, _ in legal})
        for target in states:
            assert life.leads(state, target) is ((state.value, target.value) in legal)


def test_any_other_step_is_an_error() -> None:
    assert WORK_ORDER.step(WorkOrderState.QUEUED, "claim") is WorkOrderState.ASSIGNED
    with pytest.raises(IllegalStep, match="no 'accept' from 'queued'"):
        WORK_ORDER.step(WorkOrderState.QUEUED, "accept")
    with pytest.raises(IllegalStep):
        REQUEST.step(Status.CLOSED, "reopen")


def test_a_new_decision_goes_the_legal_way() -> None:
    assert redecided(Status.PENDING, Status.PENDING) == ()
    assert redecided(Status.PENDING, Status.RESOLVED) == (Status.RESOLVED,)
    assert redecided(Status.HELD, Status.RESOLVED) in (
        (Status.IN_PROGRESS, Status.RESOLVED),
        (Status.PENDING, Status.RESOLVED),
    )
    with pytest.raises(IllegalStep):
        redecided(Status.CANCELLED, Status.HELD)


@pytest.mark.parametrize("status", list(Status))
def test_a_correction_may_leave_rejected_or_closed_for_any_status(status: Status) -> None:
    for state in (Status.REJECTED, Status.CLOSED):
        assert redecided(state, status) == (() if status is state else (status,))


NOW = at(MONDAY)


def asks(status: Status, visit: str | None = None, parcel: str | None = None) -> set[Action]:
    return set(
        actions(
            status,
            visit=None if visit is None else WorkOrderState(visit),
            parcel=None if parcel is None else ReturnState(parcel),
            resolved_at=NOW,
            now=NOW,
            reopen_days=14,
        )
    )


def test_what_a_customer_may_ask_next() -> None:
    assert asks(Status.PENDING) == asks(Status.HELD) == {Action.AMEND, Action.CANCEL}
    assert asks(Status.PENDING, parcel="issued") == {Action.AMEND, Action.CANCEL}
    assert asks(Status.PENDING, parcel="in_transit") == set()
    assert asks(Status.IN_PROGRESS, visit="accepted") == {Action.CANCEL}
    assert asks(Status.IN_PROGRESS, visit="en_route") == asks(Status.IN_PROGRESS, visit="on_site") == set()
    assert asks(Status.IN_PROGRESS, visit="incomplete") == {Action.CANCEL}
    assert asks(Status.RESOLVED) == {Action.REOPEN}
    for final in (Status.CLOSED, Status.REJECTED, Status.CANCELLED):
        assert asks(final) == set()


@pytest.mark.parametrize("state", list(EstimateState))
@pytest.mark.parametrize("status", list(Status))
def test_only_an_estimate_that_waits_for_its_answer_is_accepted_or_declined(
    status: Status, state: EstimateState
) -> None:
    offered = set(actions(status, estimate=state, now=NOW, reopen_days=14))
    answers = {Action.ACCEPT_ESTIMATE, Action.DECLINE_ESTIMATE}
    waits = status is Status.PENDING and state is EstimateState.SENT
    assert offered & answers == (answers if waits else set())


def test_a_request_is_reopened_within_fourteen_days() -> None:
    almost, after = NOW + timedelta(days=14, seconds=-1), NOW + timedelta(days=14)
    for now, expected in ((almost, (Action.REOPEN,)), (after, ())):
        assert actions(Status.RESOLVED, resolved_at=NOW, now=now, reopen_days=14) == expected


@given(st.lists(st.sampled_from(sorted({event for _, event in WORK_ORDER.steps})), max_size=12))
def test_a_life_never_leaves_its_table(events: list[str]) -> None:
    state = WORK_ORDER.first
    for event in events:
        if WORK_ORDER.may(state, event):
            state = WORK_ORDER.step(state, event)
        else:
            with pytest.raises(IllegalStep):
                WORK_ORDER.step(state, event)
