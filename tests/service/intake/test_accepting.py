"""A request is accepted once, whoever repeats it and however, and one that is bad harms no other."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from starlette.requests import Request
from starlette.responses import Response

from schemas.request import as_json, parse_request
from schemas.service_requests import Submitter
from schemas.vocabulary import Channel, Role, Scope
from services.intake.admission import Admitted
from services.intake.channels import fingerprint
from services.intake.committer import Accepted, Committer, Key, Submission
from services.intake.tables import RUNTIME
from services.runtime.errors import Invalid, Unavailable
from services.runtime.identity.codes import request_number
from services.runtime.work import Work, Workshop
from services.stack import Stack
from tests.builders import a_number, a_request
from tests.service.intake.harness import Intake, on_postgres


def a_submission(key: str | None = None, correlation_id: str = "", **given: object) -> Submission:
    request = parse_request(a_request(**given))
    held = None if key is None else Key("test|api|submit", key, fingerprint(as_json(request)))
    admitted = Admitted(request, Submitter(type="anonymous"), Channel.API)
    return Submission(admitted, held, correlation_id or str(uuid4()))


def answers(*submissions: Submission) -> list[Accepted | type[BaseException]]:
    given: list[Accepted | type[BaseException]] = []
    for submission in submissions:
        error = submission.answer.exception(timeout=20)
        given.append(submission.answer.result() if error is None else type(error))
    return given


def test_an_accepted_request_is_stored_with_its_event(either: Intake) -> None:
    """201 with number, status and a code; the same number in the row and in version 0; the code is in neither."""
    answer = either.post(a_request(language="fr"))
    assert answer.status_code == 201, answer.text
    said = answer.json()
    number = said["number"]
    assert request_number(number) == number
    assert said == {
        "number": number,
        "status": "acknowledged",
        "tracking_url": f"http://127.0.0.1:8080/fr/demandes/{number}",
        "tracking_code": either.stack.parts.codes.code(number),
    }
    (row,) = either.requests()
    (event,) = either.events()
    assert (row["number"], row["sequence"], row["channel"], row["submitter_type"]) == (number, 0, "web", "anonymous")
    assert event["type"] == "request.accepted"
    assert event["number"] == number
    assert event["request"] == row["request"]
    assert said["tracking_code"] not in str(event)


def test_the_same_key_and_body_gives_the_first_answer_again(either: Intake) -> None:
    """Spelling that means the same is the same; one request, one event."""
    first = either.post(a_request(machine={"serial": "21-0f3at"}), {"Idempotency-Key": "k1"})
    again = either.post(a_request(machine={"serial": "210F3AT"}), {"Idempotency-Key": "k1"})
    assert again.status_code == first.status_code == 201
    assert again.json() == first.json()
    assert len(either.requests()) == len(either.events()) == 1


def test_the_same_key_with_another_body_is_refused(either: Intake) -> None:
    """422 that names the header; the first stays as it was."""
    either.post(a_request(), {"Idempotency-Key": "k1"})
    other = either.post(a_request(text="Something else."), {"Idempotency-Key": "k1"})
    assert other.status_code == 422
    assert [(one["path"], one["code"]) for one in other.json()["errors"]] == [
        ("Idempotency-Key", "idempotency_key_reused")
    ]
    assert len(either.requests()) == 1


def test_a_refused_request_leaves_its_key_free(either: Intake) -> None:
    """Only accepted answers are kept: the mended body goes under the same key."""
    assert either.post(a_request(severity=9), {"Idempotency-Key": "k1"}).status_code == 422
    assert either.post(a_request(severity=1), {"Idempotency-Key": "k1"}).status_code == 201


def test_a_key_belongs_to_one_principal(either: Intake) -> None:
    """Two programs may use the same key for different things."""
    bodies = [a_request(customer_number="C-1"), a_request(customer_number="C-2")]
    numbers = {
        either.post(body, either.token(Scope.REQUESTS_WRITE, customers=(customer,)) | {"Idempotency-Key": "1"}).json()[
            "number"
        ]
        for body, customer in zip(bodies, ("C-1", "C-2"), strict=True)
    }
    assert len(numbers) == 2


def test_a_stranger_who_opened_the_request_is_still_the_same_stranger(intake: Intake) -> None:
    """The first answer's page opens the request in this browser; the resend must not become a second request."""
    browser = intake.browser()
    first = browser.post("/api/requests", json=a_request(), headers={"Idempotency-Key": "k1"}).json()["number"]
    cookies = intake.stack.parts.cookies
    response = Response()
    cookies.open(response, Request({"type": "http", "headers": []}), first)
    browser.cookies.set(cookies.opened_name, response.headers["set-cookie"].partition("=")[2].partition(";")[0])
    assert browser.post("/api/requests", json=a_request(), headers={"Idempotency-Key": "k1"}).json()["number"] == first


def test_repeats_in_one_group_fold_into_the_first(either: Intake) -> None:
    """Also one with another body: it is refused, and its neighbours are not."""
    committer = Committer(either.workshop)
    group = [a_submission("k"), a_submission("k"), a_submission("k", text="Another."), a_submission()]
    committer.commit(group)
    first, second, third, fourth = answers(*group)
    assert isinstance(first, Accepted)
    assert second == Accepted(first.number, repeated=True)
    assert third is Invalid
    assert isinstance(fourth, Accepted)
    assert len(either.requests()) == len(either.events()) == 2


def test_one_bad_submission_never_fails_its_neighbours(either: Intake, monkeypatch: pytest.MonkeyPatch) -> None:
    """An event that cannot be saved is told to its own caller alone."""
    emit = Work.emit

    def breaking(work: Work, *given: object, **more: object) -> str:
        if work.correlation_id == "the bad one":
            raise RuntimeError("a bug")
        return emit(work, *given, **more)  # type: ignore[arg-type]  # passed through

    monkeypatch.setattr(Work, "emit", breaking)
    group = [a_submission("a"), a_submission("b", "the bad one"), a_submission("c")]
    Committer(either.workshop).commit(group)
    first, bad, last = answers(*group)
    assert isinstance(first, Accepted)
    assert bad is RuntimeError
    assert isinstance(last, Accepted)
    assert len(either.requests()) == len(either.events()) == 2


def test_a_number_that_is_taken_is_drawn_anew(either: Intake) -> None:
    """Taken by an older request, and by a neighbour in the same group."""
    drawn = iter([a_number(index) for index in (1, 1, 2, 2, 2, 2, 3)])
    committer = Committer(either.workshop, draw=lambda: next(drawn))
    one = a_submission()
    committer.commit([one])
    two = [a_submission(), a_submission()]  # 1 and 2, then 2 and 2, then 2 and 3
    committer.commit(two)
    assert answers(one, *two) == [Accepted(a_number(1)), Accepted(a_number(2)), Accepted(a_number(3))]


def test_a_caller_who_hangs_up_stops_nobody(intake: Intake) -> None:
    """Whoever goes away before the commit is left out; the thread lives on."""
    committer = Committer(intake.workshop)
    gone, stays = a_submission(), a_submission()
    assert gone.answer.cancel()
    committer.commit([gone, stays])
    assert isinstance(stays.answer.result(timeout=5), Accepted)
    assert len(intake.requests()) == 1


def test_too_many_waiting_are_turned_away(intake: Intake) -> None:
    """503 with Retry-After at once, before they harm those who wait."""
    committer = Committer(intake.workshop)
    admitted = a_submission().admitted
    for _ in range(2_000):
        committer.submit(admitted, None, "c")
    with pytest.raises(Unavailable) as refused:
        committer.submit(admitted, None, "c")
    assert (refused.value.http_status, refused.value.retry_after, refused.value.code) == (503, 2, "overloaded")
    committer.start()
    committer.stop()
    assert len(intake.requests()) == 2_000


@pytest.mark.postgres
def test_a_repeat_in_flight_in_another_process_waits_for_the_first(emptied: str) -> None:
    """Two processes, one key: the second's answer is the first's, whichever commits first."""
    shops = [Stack(on_postgres(emptied), ("intake",)).workshops["intake"] for _ in range(2)]
    held, go_on = threading.Event(), threading.Event()
    first = a_submission("k")
    second = a_submission("k")
    # The first holds its key in an open transaction while the second asks.
    shop = shops[0]
    slowly = Slow(shop.service, shop.database, shop.tables, shop.clock, held, go_on)
    slow = threading.Thread(target=Committer(slowly).commit, args=([first],))
    slow.start()
    assert held.wait(10)
    quick = threading.Thread(target=Committer(shops[1]).commit, args=([second],))
    quick.start()
    quick.join(0.5)
    assert quick.is_alive()
    go_on.set()
    slow.join(10)
    quick.join(10)
    one, two = answers(first, second)
    assert isinstance(one, Accepted)
    assert two == Accepted(one.number, repeated=True)
    for shop in shops:
        shop.database.close()


@dataclass(frozen=True)
class Slow(Workshop):
    """Its transactions stay open between their inserts and their COMMIT."""

    held: threading.Event
    go_on: threading.Event

    @contextmanager
    def begin(self, **given: Any) -> Iterator[Work]:
        with super().begin(**given) as work:
            yield work
            self.held.set()
            self.go_on.wait(10)


def test_many_at_once_each_get_a_number_of_their_own(either: Intake) -> None:
    """Forty threads, ten keys: ten requests, each key's callers told the same."""
    told: dict[int, set[str]] = {}

    def send(index: int) -> None:
        answer = either.post(a_request(text=f"n {index % 10}"), {"Idempotency-Key": f"k{index % 10}"})
        told.setdefault(index % 10, set()).add(answer.json()["number"])

    threads = [threading.Thread(target=send, args=(index,)) for index in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {len(numbers) for numbers in told.values()} == {1}
    assert len(either.requests()) == 10


def test_the_outbox_holds_nothing_else(either: Intake) -> None:
    """The event's id is unique and its row unpublished."""
    either.post(a_request())
    with either.workshop.database.reading() as connection:
        (row,) = connection.execute(RUNTIME.outbox.select()).mappings()
    assert (row["topic"], row["ordinal"], row["published_at"]) == ("service-requests", 0, None)


STRANGERS_MAY_NOT = ("contract_copy", "termination", "billing_dispute", "software_key", "machine_transfer")


@pytest.mark.parametrize("kind", STRANGERS_MAY_NOT)
def test_other_kinds_need_an_identity(intake: Intake, kind: str) -> None:
    """403 `identity_required`; nothing is stored."""
    answer = intake.post({"kind": kind})
    assert (answer.status_code, answer.json()["code"]) == (403, "identity_required")
    assert intake.requests() == []


@pytest.mark.parametrize("kind", ["hardware_repair", "software_support", "repair", "inquiry"])
def test_strangers_may_ask_for_repair_and_help(intake: Intake, kind: str) -> None:
    """The four anonymous kinds; what they claim of a customer stays a claim."""
    answer = intake.post({"kind": kind, "customer_number": "C-9"})
    assert answer.status_code == 201
    (row,) = intake.requests()
    assert (row["customer_number"], row["submitter_type"]) == (None, "anonymous")


def test_a_program_acts_for_its_customers_only(intake: Intake) -> None:
    """Its own: recorded as the token, over the API. Another's or nobody's: the field is named."""
    headers = intake.token(Scope.REQUESTS_WRITE)
    answer = intake.post({"kind": "contract_copy", "customer_number": " c-1 "}, headers)
    assert answer.status_code == 201
    (row,) = intake.requests()
    assert (row["channel"], row["submitter_type"], row["customer_number"]) == ("api", "token", "C-1")
    for given, code in (({"customer_number": "C-2"}, "not_yours"), ({}, "required")):
        refused = intake.post({"kind": "contract_copy", **given}, headers)
        assert refused.status_code == 422
        assert [(one["path"], one["code"]) for one in refused.json()["errors"]] == [("customer_number", code)]


def test_a_token_without_the_scope_is_refused(intake: Intake) -> None:
    """403, and 401 for one that was revoked or never was."""
    answer = intake.post(a_request(customer_number="C-1"), intake.token(Scope.REQUESTS_READ))
    assert answer.status_code == 403
    assert intake.post(a_request(), {"Authorization": "Bearer fxl_" + "x" * 43}).status_code == 401


def test_nobody_but_the_provider_enters_the_providers_notice(intake: Intake) -> None:
    """`details.party` is named."""
    body = {"kind": "termination", "customer_number": "C-1", "details": {"party": "provider"}}
    answer = intake.post(body, intake.token(Scope.REQUESTS_WRITE))
    assert [(one["path"], one["code"]) for one in answer.json()["errors"]] == [("details.party", "not_for_channel")]


def test_channel_and_submitter_are_the_servers_to_say(intake: Intake) -> None:
    """In the body they are unknown fields."""
    for field in ("channel", "submitter", "received_at"):
        answer = intake.post(a_request(**{field: "web"}))
        assert [(one["path"], one["code"]) for one in answer.json()["errors"]] == [(field, "unknown_field")]


def test_an_agent_is_recorded_as_the_telephone(intake: Intake) -> None:
    """Whatever the address: staff speak for a caller. Other staff may not."""
    agent = intake.staff(Role.AGENT)
    answer = agent.post("/api/requests", json=a_request(customer_number="C-1"))
    assert answer.status_code == 201, answer.text
    (row,) = intake.requests()
    told = (row["channel"], row["submitter_type"], row["submitter_id"], row["customer_number"])
    assert told == ("phone", "staff", "mroy", "C-1")
    technician = intake.staff(Role.TECHNICIAN, username="tech")
    assert technician.post("/api/requests", json=a_request()).status_code == 403


def test_strangers_are_limited_by_source(intake: Intake) -> None:
    """429 with Retry-After after sixty in an hour."""
    assert {intake.post(a_request()).status_code for _ in range(60)} == {201}
    last = intake.post(a_request())
    assert last.status_code == 429
    assert int(last.headers["Retry-After"]) > 0
