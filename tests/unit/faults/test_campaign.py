"""When a campaign holds, and what it says at its end."""

from dataclasses import replace

import pytest

from tests.faults.campaign import summary
from tests.faults.mutants import MUTANTS
from tests.faults.plans import for_ci, long, usual
from tests.faults.run import Verdict
from tests.faults.scenarios import SCENARIOS

COUNTS = {"acknowledged": 100, "unknown": 2, "lost": 0, "dispatched_twice": 0}
SOUND = Verdict("kafka", "kafka", None, 30, COUNTS, (), {"restart_static": [3.0, 9.0, 3.5]})
CAUGHT = Verdict(
    "mutant-no-inbox", "kafka", "no-inbox", 6, COUNTS, (("only_poison_is_set_aside", "7: accepted-twice"),)
)


def test_it_holds_when_nothing_was_found_but_the_mutants() -> None:
    """The figures are the sound runs'; a mutant's kills are kills, its requests prove nothing."""
    found = summary([SOUND, replace(SOUND, mode="embedded", kills=5, figures={}), CAUGHT])
    assert found["ok"]
    assert (found["kills"], found["kills_embedded"], found["acknowledged"], found["mutants_caught"]) == (
        41,
        5,
        200,
        "1/1",
    )
    assert found["restart_static"] == 3.5


@pytest.mark.parametrize(
    "runs",
    [
        [replace(SOUND, violations=(("one_live_work_order", "8: 2 visits"),)), CAUGHT],
        [SOUND, replace(CAUGHT, violations=())],
        [SOUND, replace(CAUGHT, violations=(("rest", "2 mails wait"),))],
        [replace(SOUND, figures={"restart_static": [9.0]}), CAUGHT],
    ],
    ids=[
        "a broken promise",
        "a mutant that passed",
        "a mutant's run that failed for another reason",
        "a restart that took too long",
    ],
)
def test_it_fails(runs: list[Verdict]) -> None:
    """Each of these alone."""
    assert not summary(runs)["ok"]


def test_a_campaign_without_a_run_proves_nothing() -> None:
    """Whoever asks for runs that there are not must not read that all is well."""
    assert not summary([])["ok"]
    assert summary([SOUND])["runs"] == 1


def test_it_fails_where_too_little_was_done() -> None:
    """Nothing lost of ten requests is no proof."""
    found = summary([SOUND], least={"kills": 30, "acknowledged": 101})
    assert (found["ok"], found["too_few"]) == (False, ["acknowledged"])


OVERLOAD = {"acknowledged": 900, "lost": 0, "dispatched_twice": 0, "violations": {}, "broken": []}


def test_what_was_accepted_in_the_overload_counts() -> None:
    """It is a run like the others, and must be kept like all that was acknowledged."""
    found = summary([SOUND], overload=OVERLOAD)
    assert (found["ok"], found["acknowledged"], found["overload"]) == (True, 1_000, [])


@pytest.mark.parametrize(
    "harm",
    [{"violations": {"acknowledged_is_stored": 1}}, {"broken": ["turned away without Retry-After"]}],
    ids=["a broken promise", "not turned away as it must be"],
)
def test_it_fails_with_its_overload(harm: dict[str, object]) -> None:
    """Each of these alone."""
    assert not summary([SOUND], overload=OVERLOAD | harm)["ok"]


def test_what_this_machine_cannot_do_is_told() -> None:
    """A skip is no proof, and must not look like one."""
    assert summary([replace(SOUND, figures={"skipped": "a full disk"})])["skipped"] == ["a full disk"]


def test_every_mutant_has_its_scenario() -> None:
    """None is left out of the two long campaigns, and CI tries two."""
    assert set(SCENARIOS) == set(MUTANTS)
    for plan in (usual(1), long(1)):
        assert {run.mutant for run in plan.runs} - {None} == set(MUTANTS)
    assert len([run for run in for_ci(1).runs if run.mutant]) == 2


def test_no_two_runs_of_a_plan_have_one_name() -> None:
    """A run's name is its folder's."""
    for plan in (usual(1), for_ci(1), long(1)):
        names = [run.name for run in plan.runs]
        assert sorted(names) == sorted(set(names))
