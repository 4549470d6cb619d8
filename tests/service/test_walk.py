"""Nobody sees another's: every route of the program is asked for one customer's things by all who are not that customer.

The customer's things hold words that stand nowhere else (`CANARIES`). No answer to anybody else may hold one of them, whatever
its status; where an address names a thing of the customer's, the answer must be a refusal; and afterwards nothing of the
customer's has changed. A route with a part in its address that this walk does not know fails it: teach it.
"""

import html
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from schemas.vocabulary import Desk, Milestone, Outcome, Role, Scope
from services.intake.tables import REQUESTS as ACCEPTED
from services.intake.tables import RUNTIME as INTAKE
from services.notifier.tables import TIMELINE
from services.routing.tables import CASES, RETURNS, STEPS, WORK_ORDERS
from services.runtime.identity.access import Declaration, declarations
from services.runtime.web.phrases import KIT_WORDS
from tests.embedded import OUR_PAGE, PATIENCE, Fixline, running
from tests.servers import wait_until

pytestmark = pytest.mark.slow

OURS, ANOTHER = "C-1001", "C-1010"
VISITED = {"type": "8286", "serial": "210F3AT"}  # onsite, in Montréal
SENT_IN = {"type": "7944", "serial": "KQ1X9P2"}  # to the depot in Montréal
QUEUE, DEPOT = "CA-QC-MTL", "MTL"

#: The customer's own words, then what our data hold of them: name, sites, contracts.
CANARIES = (
    "canari-texte",
    "Canari-Contact",
    "canari@example.com",
    "canari-externe",
    "canari-brouillon",
    "Canari-Technicien",
    "Trois-Ruisseaux",
    "des Érables",
    "chemin du Barrage",
    "M-77",
    "W-203",
)
#: 429: too many wrong codes for one number.
REFUSED = {401, 403, 404, 429}


@dataclass(frozen=True)
class Walked:
    """The program with one customer's things in it."""

    fixline: Fixline
    numbers: Mapping[str, str]
    order: Mapping[str, Any]
    parcel: str
    case: str
    draft: str
    theirs: tuple[tuple[str, Mapping[str, str]], ...]  # addresses, and who may see the customer's things there

    def standing(self) -> tuple[object, ...]:
        """All that could have been changed by somebody who may not."""
        workshops = self.fixline.stack.workshops
        numbers = list(self.numbers.values())
        with workshops["intake"].database.reading() as connection:
            accepted = connection.execute(
                select(ACCEPTED.c.number, ACCEPTED.c.sequence).where(ACCEPTED.c.number.in_(numbers))
            ).all()
            asked = connection.execute(
                select(func.count()).select_from(INTAKE.outbox).where(INTAKE.outbox.c.subject.in_(numbers))
            ).scalar_one()
        with workshops["routing"].database.reading() as connection:
            held = [
                connection.execute(select(table.c.id, table.c.version).where(table.c.number.in_(numbers))).all()
                for table in (WORK_ORDERS, RETURNS, CASES)
            ]
            steps = connection.execute(
                select(func.count()).select_from(STEPS).where(STEPS.c.number.in_(numbers))
            ).scalar_one()
        with workshops["notifier"].database.reading() as connection:
            lines = connection.execute(
                select(TIMELINE.c.number, TIMELINE.c.version).where(TIMELINE.c.number.in_(numbers))
            ).all()
        return sorted(map(tuple, accepted)), asked, [sorted(map(tuple, rows)) for rows in held], steps, len(lines)

    def places(self, path: str) -> Iterator[dict[str, str]]:
        """What to put into an address, so that it names something of the customer's."""
        if path.startswith("/api/customers/"):
            yield {"number": OURS}
        elif "{number}" in path:
            yield from ({"number": number, "index": "1", "answer": "accept"} for number in self.numbers.values())
        elif "{draft}" in path:
            yield {"draft": self.draft}
        elif "returns/{id}" in path:
            yield {"id": self.parcel, "step": "receive"}
        elif "work-orders/{id}" in path or "dispatch/{queue}" in path:
            yield {"id": self.order["id"], "queue": QUEUE, "step": "release"}
        elif "{id}" in path or "{desk}" in path:  # what is left is a desk's
            yield {"id": self.case, "desk": Desk.TRIAGE.value, "act": "take"}
        else:
            yield {"queue": QUEUE, "path": "kit.css", "asked_id": "anybody-s"}


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walked]:
    with running(tmp_path_factory.mktemp("walk")) as fixline:
        yield _furnished(fixline)


def _furnished(fixline: Fixline) -> Walked:
    """One customer with a visit that a technician has accepted, a parcel, a case at triage, and a half-filled form."""
    customer, technician = (
        fixline.as_customer(OURS),
        fixline.as_staff("tech-ours", Role.TECHNICIAN, queues=(QUEUE,), name="Canari-Technicien"),
    )
    asked: dict[str, dict[str, Any]] = {
        Outcome.ONSITE_DISPATCH: {"kind": "hardware_repair", "machine": VISITED},
        Outcome.MAIL_IN: {"kind": "hardware_repair", "machine": SENT_IN},
        Outcome.TRIAGE: {"kind": "repair"},
    }
    words: dict[str, Any] = {
        "text": "canari-texte: ça ne marche plus depuis hier, pouvez-vous nous rappeler?",
        "contact": {"name": "Canari-Contact", "email": "canari@example.com"},
        "external_id": "canari-externe",
        "language": "fr",
    }
    numbers = {outcome: fixline.submits(request | words, customer) for outcome, request in asked.items()}
    shown = {outcome: fixline.decided(number, customer) for outcome, number in numbers.items()}
    assert {outcome: one["decision"]["outcome"] for outcome, one in shown.items()} == {one: one for one in asked}
    work_order = shown[Outcome.ONSITE_DISPATCH]["visit"]["work_order"]
    order = _accepted(fixline, work_order, technician)
    desk = fixline.as_staff("desk", Role.DESK)
    cases = fixline.ask("GET", "/api/desks/triage", desk).json()["cases"]
    case = next(one["id"] for one in cases if one["number"] == numbers[Outcome.TRIAGE])
    draft = _draft(fixline)
    parcel = shown[Outcome.MAIL_IN]["parcel"]["return_number"]
    agent = fixline.as_staff("agent", Role.AGENT)
    theirs = [(f"/api/requests/{number}", customer) for number in numbers.values()]
    theirs += [(f"/desk/requests/{number}/decisions/1", agent) for number in numbers.values()]
    theirs += [(f"/api/customers/{OURS}", agent), (f"/api/work-orders/{work_order}", agent)]
    theirs += [("/tech", technician), ("/desk/triage", desk)]
    visited = numbers[Outcome.ONSITE_DISPATCH]
    wait_until(
        lambda: bool(fixline.shown(visited, customer)["milestone"] == Milestone.TECHNICIAN_ASSIGNED),
        PATIENCE,
        "the acceptance to be seen",
    )
    return Walked(fixline, numbers, order, parcel, case, draft, tuple(theirs))


def _accepted(fixline: Fixline, id_: str, technician: Mapping[str, str]) -> dict[str, Any]:
    version = 1
    answer: dict[str, Any] = {}
    for step in ("claim", "accept"):
        done = fixline.ask("POST", f"/api/work-orders/{id_}/{step}", technician, json={"version": version})
        assert done.status_code == 200, done.text
        answer = done.json()
        version = answer["version"]
    return answer


def _draft(fixline: Fixline) -> str:
    """A half-filled form's id; its browser is gone."""
    begun = fixline.ask("POST", "/fr/demandes/nouvelle", OUR_PAGE, data={"need": "device"})
    assert begun.status_code == 303, begun.text
    cookie = "; ".join(f"{name}={value}" for name, value in begun.cookies.items())
    headers = {"Cookie": cookie, **OUR_PAGE}
    draft = begun.headers["location"].split("/")[4]
    fields = {"machine.type": "8286", "machine.serial": "canari-brouillon"}
    fixline.ask("POST", begun.headers["location"], headers, data=fields)
    told = {"text": "canari-brouillon", "contact.email": "canari@example.com"}
    fixline.ask("POST", f"/fr/demandes/nouvelle/{draft}/probleme", headers, data=told)
    own = fixline.ask("GET", f"/fr/demandes/nouvelle/{draft}/probleme", headers)
    assert "canari-brouillon" in own.text  # its own browser sees it
    return draft


#: Who asks, by name: headers for a program in which the customer's things are.
CALLERS: Mapping[str, Callable[[Walked], Mapping[str, str]]] = {
    "anonymous": lambda _: {},
    "another customer": lambda walked: walked.fixline.as_customer(ANOTHER),
    "a technician of another queue": lambda walked: walked.fixline.as_staff(
        "tech-other", Role.TECHNICIAN, queues=("CA-AB-CGY",)
    ),
    "the bench of another depot": lambda walked: walked.fixline.as_staff("bench", Role.DEPOT, queues=("VAN",)),
    "a token without scope": lambda walked: walked.fixline.as_token(customers=(OURS,)),
    "another customer's token": lambda walked: walked.fixline.as_token(*Scope, customers=(ANOTHER,)),
    "who opened another request": lambda walked: walked.fixline.as_holder(
        walked.fixline.submits({"kind": "inquiry", "text": "Are you open on Sunday?"})
    ),
    "a wrong code": lambda _: {"Tracking-Code": "00000000"},
    "a bearer that is none": lambda _: {"Authorization": "Bearer flx_nobody"},
    "a cookie of another key": lambda _: {"Cookie": "fixline_session=e30.e30.e30"},
}


@pytest.mark.parametrize("caller", CALLERS)
def test_nobody_sees_or_does_anything_of_anothers(walked: Walked, caller: str) -> None:
    """Every method of every address."""
    headers = CALLERS[caller](walked)
    before = walked.standing()
    wrong = []
    asked = 0
    for method, path, declared in declarations(_app(walked)):
        assert declared is not None
        for places in walked.places(path):
            answer = _answer(walked, method, _filled(path, places), headers, asked)
            asked += 1
            wrong += [f"{method} {path}: {problem}" for problem in _problems(method, path, declared, answer)]
    assert wrong == []
    assert walked.standing() == before
    assert asked > 100


def test_the_customer_sees_them(walked: Walked) -> None:
    """Else the walk would prove nothing: each word is to be seen by those who may, but how to reach somebody and a form
    that was not sent."""
    told = "\n".join(walked.fixline.ask("GET", address, headers).text for address, headers in walked.theirs)
    unseen = {"Canari-Contact", "canari@example.com", "canari-brouillon"}
    assert [word for word in CANARIES if word not in told and word not in unseen] == []


def test_a_stranger_who_names_anothers_machine_learns_the_outcome_and_the_hour(walked: Walked) -> None:
    """Naming a customer number and a serial number proves nothing: no contract, no site, no name is told."""
    fixline = walked.fixline
    machine = {"type": "4210", "serial": "B52K7WQ"}
    number = fixline.submits(
        {"kind": "hardware_repair", "customer_number": OURS, "machine": machine, "text": "It is dead, no lights."}
    )
    holder = fixline.as_holder(number)
    standing = fixline.decided(number, holder)
    assert standing["decision"]["outcome"] == Outcome.ONSITE_DISPATCH
    for address in (f"/api/requests/{number}", f"/en/requests/{number}", f"/fr/demandes/{number}"):
        text = fixline.ask("GET", address, holder).text
        assert [word for word in CANARIES if word in text] == []


def _app(walked: Walked) -> Any:
    return walked.fixline.stack.app()


def _filled(path: str, places: Mapping[str, str]) -> str:
    def value(found: re.Match[str]) -> str:
        name = found[1].partition(":")[0]
        assert name in places, f"{path}: the walk does not know what to put for {name}; teach it"
        return places[name]

    return re.sub(r"{([^{}]+)}", value, path) + _QUERIES.get(path, "")


#: What is looked up by query: the customer's, of course.
_QUERIES = {
    "/api/coverage": f"?type={VISITED['type']}&serial={VISITED['serial']}",
    "/api/customers": f"?number={OURS}",
    "/phone": f"?customer={OURS}&q={OURS}",
    "/en/requests/{number}": "?k=00000000",
}

_REPAIR = {"kind": "hardware_repair", "customer_number": OURS, "machine": VISITED, "text": "It is dead, no lights."}
_SAID = {"note": "x", "reason": "x"}
#: Bodies that would be taken if they came from somebody who may, by the last part of the address.
_BODIES: Mapping[str, dict[str, Any]] = {
    "requests": {"kind": "inquiry", "text": "Are you open on Sunday?"},
    "amend": {"text": "changed by a stranger"},
    "cancel": {"reason": "x"},
    "reopen": {"reason": "x"},
    "assign": {"technician": "tech-other"},
    "complete": {"fixed": True},
    "correct": {"said": "hardware"},
    "ask": {"fields": ["text"]},
    "note": {"text": "x"},
    "answer": {"text": "x"},
    "close": {"ending": "rejected", "reason": "x"},
    "hand-over": {"desk": "general_desk", "reason": "x"},
    "redecide": {"reason": "x"},
    "wait": {"note": "x"},
    "foresee": {"reason": "x"},
    "preview": {"request": _REPAIR},
    "take-back": {"reason": "x"},
    "dispute": {"outcome": "upheld"},
    "payments": {"reference": "x", "amount": "1.00"},
}
_UNVERSIONED = {"requests", "amend", "cancel", "reopen", "preview", "payments"}


def _answer(
    walked: Walked, method: str, path: str, headers: Mapping[str, str], count: int
) -> tuple[httpx.Response, str]:
    """The answer and as much of it as arrives; of a stream its beginning. Each call comes from another address, so that no
    limit for the number of calls answers in place of the check that is meant."""
    sent: dict[str, Any] = {}
    if method == "POST":
        last = path.partition("?")[0].rpartition("/")[2]
        version = {} if last in _UNVERSIONED else {"version": walked.order["version"]}
        if path.startswith(("/api/", "/internal/")):
            sent["json"] = version | _BODIES.get(last, {})
        else:
            sent["data"] = {
                "number": walked.numbers[Outcome.ONSITE_DISPATCH],
                "tracking_code": "00000000",
                "scan": walked.parcel,
                "username": "tech-ours",
                "password": "wrong",
                "version": str(walked.order["version"]),
                "reason": "x",
                "text": "x",
            }
    source = {"X-Forwarded-For": f"203.0.{count // 250 % 250}.{count % 250 + 1}", **OUR_PAGE}
    address = walked.fixline.url + path
    with walked.fixline.http.stream(method, address, headers={**source, **headers}, timeout=PATIENCE, **sent) as answer:
        if not answer.headers.get("content-type", "").startswith("text/event-stream"):
            return answer, answer.read().decode(errors="replace")
        return answer, next(answer.iter_text(), "")


def _problems(method: str, path: str, declared: Declaration, got: tuple[httpx.Response, str]) -> Iterator[str]:
    answer, text = got
    told = text + "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
    yield from (f"tells {word!r} with {answer.status_code}" for word in CANARIES if word in told)
    if answer.status_code >= 500:
        yield f"answers {answer.status_code}"
    names_a_thing = re.search(r"{(number|id|draft|queue|desk)}", path) is not None
    if names_a_thing and not declared.is_public and not _is_refusal(answer) and '"work_orders":[]' not in text:
        yield f"is answered with {answer.status_code} {answer.headers.get('location', '')} {text[:200]}"


def _is_refusal(answer: httpx.Response) -> bool:
    if answer.status_code == 303:
        return re.match(r"/(staff/sign-in|en/sign-in|fr/connexion)\?", answer.headers["location"]) is not None
    told = KIT_WORDS["error.tracking_code_wrong"]  # programs get the code of the refusal, people its sentence
    wrong_code = answer.status_code == 422 and any(
        said in html.unescape(answer.text) for said in ("tracking_code_wrong", told.en, told.fr)
    )
    return answer.status_code in REFUSED or wrong_code
