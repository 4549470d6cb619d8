"""Corrections teach: versions come into use, are named by decisions, and are undone (docs/rules.md §3.3)."""

from typing import Any

import pytest
from sqlalchemy import update

from schemas.vocabulary import Role
from services.routing import learning, triage
from services.routing.learning import Models, NothingToChange
from services.routing.people import Person
from services.routing.rules.text_kind import judge
from services.routing.rules.text_kind_learning import learnt
from services.routing.rules.text_kind_model import Model, packaged
from services.routing.tables import MODELS
from services.runtime.identity.principal import Staff
from services.runtime.work import Work
from tests.builders import a_number, an_acceptance
from tests.service.routing.browsing import Browsing
from tests.service.routing.harness import Routing

ME = Person("desk1", "Ann", Staff("desk1", "Ann", frozenset({Role.DESK})))
OTHER = Person("desk2", "Ben", Staff("desk2", "Ben", frozenset({Role.DESK})))


#: Neither the machine nor the product decides: the text does.
BOTH: dict[str, Any] = {"kind": "repair", "machine": {"type": "8286", "serial": "SN4"}, "product_id": "P-1"}


def asked(routing: Routing, text: str) -> None:
    """A request of its own that says this."""
    number = a_number(len(routing.lives()) + 1)
    routing.receives(an_acceptance(number, customer_number="C-1", text=text, **BOTH))


def corrected(routing: Routing, said: Any, *texts: str, by: Person = ME) -> None:
    """A request for each text, which nobody can read, and what a person says of it."""
    for text in texts:
        asked(routing, text)
        case = next(case for case in reversed(routing.cases()) if case.closed_at is None and case.desk == "triage")

        def act(work: Work, case: Any = case) -> None:
            triage.correct(work, routing.judge, case.id, by, case.version, said)

        routing.does(act)


def kestrel(routing: Routing, times: int = 4) -> None:
    """Nobody outside could know that a kestrel is a program."""
    corrected(routing, "software", *(f"kestrel {n} xy" for n in range(times)))


def learn(routing: Routing) -> int:
    return learning.learn(routing.workshop)


def in_use(routing: Routing, models: Models | None = None) -> Model:
    with routing.database.reading() as connection:
        return (models or Models()).in_use(connection)


def ids(routing: Routing) -> list[int]:
    return [row["id"] for row in routing.stored("corrections")]


def last_read(routing: Routing, text: str) -> dict[str, Any]:
    """What the first decision on a new request of this text read in it."""
    asked(routing, text)
    [evidence] = [
        row["evidence"] for row in routing.stored("decisions") if row["request"]["text"] == text and row["index"] == 1
    ]
    read: dict[str, Any] = evidence["text"]
    return read


def test_before_anything_was_corrected_the_packaged_model_reads(routing: Routing) -> None:
    assert learn(routing) == 0
    assert last_read(routing, "kestrel here")["model"] == packaged().version


def test_what_was_corrected_is_used_and_named_by_the_next_decision(routing: Routing) -> None:
    """No worker starts again: the same one judges by the new version."""
    unread = last_read(routing, "kestrel before")
    kestrel(routing)
    assert learn(routing) == 1
    read = last_read(routing, "kestrel after")
    assert (unread["words"], unread["model"]) == ([], packaged().version)
    assert ([word["word"] for word in read["words"]], read["kind"]) == (["kestrel"], "software")
    assert read["model"] == in_use(routing).version
    assert read["model"].startswith(f"{packaged().version}.4.")


def test_nothing_new_makes_no_version(routing: Routing) -> None:
    kestrel(routing)
    assert [learn(routing), learn(routing)] == [1, 0]
    assert len(routing.stored("model_steps")) == 1


def test_another_worker_uses_it_with_its_next_batch(routing: Routing) -> None:
    """It has met a former version; one query tells it of the new one."""
    elsewhere = Models()
    assert in_use(routing, elsewhere) is packaged()
    kestrel(routing)
    learn(routing)
    assert in_use(routing, elsewhere).version == in_use(routing).version != packaged().version


def test_of_two_workers_that_learn_at_once_one_finds_it_done(routing: Routing, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second has reckoned on what the first puts into use meanwhile."""
    kestrel(routing)
    reckon = learnt

    def meanwhile(base: Model, lessons: Any) -> Model:
        monkeypatch.setattr("services.routing.learning.learnt", reckon)
        assert learn(routing) == 1
        return reckon(base, lessons)

    monkeypatch.setattr("services.routing.learning.learnt", meanwhile)
    assert learn(routing) == 0
    assert len(routing.stored("model_steps")) == 1


def test_a_bad_batch_is_undone_and_stays_on_record(routing: Routing) -> None:
    """The version of before is in use again; who undid it, and why, is kept beside it."""
    kestrel(routing)
    learn(routing)
    before = in_use(routing)
    corrected(routing, "hardware", *(f"ombrelle {n} xy" for n in range(4)), by=OTHER)
    learn(routing)
    with routing.database.reading() as connection:
        bad = [row["id"] for row in learning.corrections(connection, version=in_use(routing).version)]
        assert bad == [row["id"] for row in learning.corrections(connection, by="desk2")]
    routing.does(lambda work: learning.undo(work, bad, "ops1", "ombrelle is a program"))
    after = in_use(routing)
    assert (after.version, after.weights) == (before.version, before.weights)
    assert len(ids(routing)) == 8
    last = routing.stored("model_steps")[-1]
    assert (last["step"], last["by"], last["note"], last["corrections"]) == (
        "undone",
        "ops1",
        "ombrelle is a program",
        sorted(bad),
    )
    assert learn(routing) == 0


def test_what_was_undone_can_count_again(routing: Routing) -> None:
    kestrel(routing)
    learn(routing)
    taught = in_use(routing)
    routing.does(lambda work: learning.undo(work, ids(routing), "ops1", "by mistake"))
    assert in_use(routing) is packaged()
    routing.does(lambda work: learning.redo(work, ids(routing), "ops1", "they were right"))
    assert in_use(routing).version == taught.version
    assert [row["step"] for row in routing.stored("model_steps")] == ["learnt", "undone", "redone"]


def test_what_does_not_count_is_not_undone_twice(routing: Routing) -> None:
    kestrel(routing)
    routing.does(lambda work: learning.undo(work, ids(routing), "ops1", "wrong"))
    with pytest.raises(NothingToChange):
        routing.does(lambda work: learning.undo(work, ids(routing), "ops1", "wrong"))


def test_a_former_version_judges_as_it_did(routing: Routing) -> None:
    """To run an old decision again, by the model that its evidence names."""
    kestrel(routing)
    learn(routing)
    former = last_read(routing, "kestrel then")
    corrected(routing, "hardware", *(f"ombrelle {n} kestrels" for n in range(4)))
    learn(routing)
    with routing.database.reading() as connection:
        model = learning.model(connection, former["model"])
    assert model is not None
    again = judge(model, "kestrel then", "en")
    assert [(word.word, word.weight) for word in again.words] == [(w["word"], w["weight"]) for w in former["words"]]


def test_running_a_decision_again_says_which_models_read_it(routing: Routing, web: Browsing) -> None:
    """Then the packaged one, now what was learnt; the page says so."""
    kestrel(routing)
    learn(routing)
    first = f"/desk/requests/{routing.lives()[0].number}/decisions/1"
    said = web.staff(Role.DESK).get(first, headers={"accept": "application/json"}).json()["run_again"]
    assert said["model"] == {"then": packaged().version, "now": in_use(routing).version}
    assert f"model {in_use(routing).version} now" in web.staff(Role.DESK).get(first).text


def test_a_model_of_another_release_waits_until_it_is_learnt_anew(routing: Routing) -> None:
    """A newer release's workers learn it on their base; an older release's leave it alone."""
    kestrel(routing)
    learn(routing)
    version = in_use(routing).version
    with routing.database.transaction() as connection:
        connection.execute(update(MODELS).values(base="1"))
    assert in_use(routing) is packaged()
    with routing.database.reading() as connection:
        assert learning.model(connection, version) is None
    with routing.database.transaction() as connection:
        connection.execute(update(MODELS).values(base="999"))
    assert learn(routing) == 0
