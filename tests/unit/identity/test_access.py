"""Every route says who may; who is not admitted learns nothing (docs/decisions/0009-identity.md)."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.staticfiles import StaticFiles

from schemas.vocabulary import Role, Scope
from services.runtime.errors import Unavailable
from services.runtime.identity.access import ANYONE, declarations, may, undeclared_routes
from services.runtime.identity.codes import new_token, token_hash
from services.runtime.identity.cookies import Session
from services.runtime.identity.directories import IntrospectingSessions, IntrospectingTokens, Remembered
from services.runtime.identity.principal import Customer, Staff, Token
from tests.unit.web.asking import TestClient, asking
from tests.unit.web.demo.build import SERVICE_KEY, Demo, a_demo

NUMBER = "482190347716"
AGENT = Staff("agent1", "A. Gent", frozenset({Role.AGENT}))
TECHNICIAN = Staff("tech1", "T. Ech", frozenset({Role.TECHNICIAN}), frozenset({"CA-QC-QUE"}))


def signed_in(demo: Demo, who: Staff | Customer, version: int = 1) -> TestClient:
    name = f"staff:{who.username}" if isinstance(who, Staff) else f"customer:{who.customer_number}"
    demo.accounts.versions.setdefault(name, version)
    response = Response()
    demo.cookies.sign_in(response, Session(who, version))
    return asking(demo, cookies={"fixline_session": response.headers["set-cookie"].split("=", 1)[1].split(";")[0]})


def with_token(demo: Demo, *scopes: Scope, customers: frozenset[str] = frozenset({"C-1001"})) -> dict[str, str]:
    token = new_token()
    demo.accounts.tokens[token_hash(token)] = Token("t1", frozenset(scopes), customers)
    return {"Authorization": f"Bearer {token}"}


def status(client: TestClient, path: str = f"/api/requests/{NUMBER}", **headers: str) -> int:
    return int(client.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()}).status_code)


def test_a_route_that_declares_nothing_is_found() -> None:
    """Also a mount, a plain route and one inside an included router; a router's own declaration counts."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    public, forgotten = APIRouter(dependencies=[may(ANYONE)]), APIRouter()
    public.add_api_route("/declared", lambda: None)
    forgotten.add_api_route("/forgotten", lambda: None, methods=["POST"])
    app.include_router(public)
    app.include_router(forgotten, prefix="/x")
    app.mount("/files", StaticFiles(directory="."))
    app.add_route("/plain", lambda request: PlainTextResponse("x"))
    assert sorted(undeclared_routes(app)) == ["* /files", "GET /plain", "HEAD /plain", "POST /x/forgotten"]


def test_the_demo_declares_every_route() -> None:
    """The test that each process's app has to pass."""
    app = a_demo().app
    assert undeclared_routes(app) == []
    assert {(method, path) for method, path, _ in declarations(app)} >= {
        ("GET", "/static/{path:path}"),
        ("GET", "/openapi.json"),
    }


def test_may_without_anyone_is_a_mistake() -> None:
    """Public is written out."""
    with pytest.raises(ValueError, match="ANYONE"):
        may()


def test_who_may_see_a_request() -> None:
    """200 for those it belongs to, 404 for those it does not, 401 for nobody."""
    demo = a_demo()
    assert status(asking(demo)) == 401
    assert status(signed_in(demo, Customer("C-1001"))) == 200
    assert status(signed_in(demo, Customer("C-1002"))) == 404
    assert status(signed_in(demo, AGENT)) == 200
    assert status(signed_in(demo, TECHNICIAN)) == 404
    assert status(asking(demo), **with_token(demo, Scope.REQUESTS_READ)) == 200
    assert status(asking(demo), **with_token(demo, Scope.REQUESTS_READ, customers=frozenset({"C-1002"}))) == 404
    assert status(asking(demo), **with_token(demo, Scope.REQUESTS_WRITE)) == 403


def test_a_tracking_code_opens_one_request_to_a_program() -> None:
    """In a header, where no log sees it; a wrong one is 422, and the sixth has to wait."""
    demo = a_demo()
    client = asking(demo)
    code = demo.codes.code(NUMBER)
    assert status(client, Tracking_Code=code) == 200
    assert status(client, "/api/requests/4821-9034-7716", Tracking_Code=code) == 200
    assert status(client, "/api/requests/735011824605", Tracking_Code=code) == 422
    assert [status(client, Tracking_Code="00000000") for _ in range(5)] == [422, 422, 422, 422, 429]
    assert status(client, Tracking_Code=code) == 429


def test_an_opened_request_stays_open_in_this_browser() -> None:
    """By the cookie, also for somebody signed in as another customer."""
    demo = a_demo()
    response = Response()
    demo.cookies.open(response, Request({"type": "http", "headers": []}), NUMBER)
    opened = response.headers["set-cookie"].split("=", 1)[1].split(";")[0]
    assert status(asking(demo, cookies={"fixline_opened": opened})) == 200
    assert status(asking(demo, cookies={"fixline_opened": opened}), "/api/requests/735011824605") == 404
    other = signed_in(demo, Customer("C-1002"))
    other.cookies["fixline_opened"] = opened
    assert status(other) == 200
    assert status(other, "/api/opened") == 200
    assert status(other, "/api/mine") == 200
    assert asking(demo, cookies={"fixline_opened": opened}).get("/api/opened").json() == [NUMBER]


def test_a_disabled_or_changed_account_is_signed_out() -> None:
    """The cookie is good by itself; its session version is not any more."""
    demo = a_demo()
    client = signed_in(demo, AGENT)
    assert status(client) == 200
    demo.accounts.versions["staff:agent1"] = 2
    assert status(client) == 401
    del demo.accounts.versions["staff:agent1"]
    assert status(client) == 401


def test_a_call_that_would_change_something_is_not_done_in_nobodys_name_when_the_session_is_over() -> None:
    """Open to anyone as it is: an agent's request must not arrive as a stranger's. Pages and looks go on as nobody's."""
    demo = a_demo()
    client = signed_in(demo, AGENT)
    from_our_page, note = {"Sec-Fetch-Site": "same-origin"}, {"kind": "repair", "text": "it rang"}
    assert client.post("/api/notes", json=note, headers=from_our_page).status_code == 201
    demo.accounts.versions["staff:agent1"] = 2
    refused = client.post("/api/notes", json=note, headers=from_our_page)
    assert (refused.status_code, refused.json()["code"]) == (401, "identity_required")
    assert status(client, "/api/pages/1") == 200
    stale = asking(demo, cookies={"fixline_session": "stale"})
    assert stale.post("/api/notes", json=note, headers=from_our_page).status_code == 401
    assert asking(demo).post("/api/notes", json=note).status_code == 201


def test_a_role_is_not_enough_for_another_roles_page() -> None:
    """403 for staff who may not, the sign-in page for nobody, with the way back."""
    demo = a_demo()
    assert status(signed_in(demo, AGENT), "/desk/notes") == 200
    assert status(signed_in(demo, TECHNICIAN), "/desk/notes") == 403
    assert status(signed_in(demo, Customer("C-1001")), "/desk/notes") == 403
    answer = asking(demo).get("/desk/notes?x=1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/staff/sign-in?lang=en&next=%2Fdesk%2Fnotes")


@pytest.mark.parametrize(
    "header",
    ["Bearer", "Bearer x", "Bearer fxl_" + "a" * 43, "Basic dXNlcjpwYXNz", "Bearer \u00e9", "", "Bearer  " + "s" * 32],
)
def test_a_bad_bearer_is_refused_also_on_public_routes(header: str) -> None:
    """A program whose token was revoked must hear of it, not be served as nobody."""
    answer = asking(a_demo()).get("/api/pages/1", headers={"Authorization": header.encode("latin-1")})
    assert answer.status_code == 401
    assert answer.json()["code"] == "bearer_wrong"
    assert answer.headers["www-authenticate"] == 'Bearer realm="fixline"'


def over_http(demo: Demo) -> httpx.Client:
    """Another service's client, whose calls go straight into the demo's app."""
    inner = asking(demo)

    def send(request: httpx.Request) -> httpx.Response:
        answer = inner.post(request.url.path, content=request.content, headers=dict(request.headers))
        return httpx.Response(answer.status_code, content=answer.content)

    headers = {"Authorization": f"Bearer {SERVICE_KEY.decode()}"}
    return httpx.Client(base_url="http://intake", transport=httpx.MockTransport(send), headers=headers)


def test_other_services_ask_intake() -> None:
    """Tokens and session versions, over the real endpoint; only a hash of the token travels."""
    demo = a_demo()
    token = Token("t1", frozenset({Scope.REQUESTS_READ, Scope.REQUESTS_BULK}), frozenset({"C-1001", "C-1002"}))
    demo.accounts.tokens[token_hash("fxl_x")] = token
    demo.accounts.versions["staff:mroy"] = 7
    tokens = IntrospectingTokens("http://intake", "", over_http(demo))
    sessions = IntrospectingSessions("http://intake", "", over_http(demo))
    assert tokens.find(token_hash("fxl_x")) == token
    assert tokens.find(token_hash("fxl_y")) is None
    assert (sessions.version("staff:mroy"), sessions.version("staff:gone")) == (7, None)


def test_only_services_may_ask_about_tokens() -> None:
    """401 without the key, 403 with somebody's token."""
    demo = a_demo()
    question = {"account": "staff:mroy"}
    assert asking(demo).post("/internal/introspect", json=question).status_code == 401
    assert asking(demo).post("/internal/introspect", json=question, headers=with_token(demo, *Scope)).status_code == 403


def test_answers_are_remembered_for_a_minute_and_trusted_for_ten_in_need() -> None:
    """A disabled user dies within 60 s; intake's outage does not sign everybody out at once."""
    now, asked, up = [0.0], [], [True]

    def ask(key: str) -> int:
        asked.append(key)
        if not up[0]:
            raise httpx.ConnectError("down")
        return len(asked)

    remembered = Remembered(ask, clock=lambda: now[0])
    assert [remembered.get("a"), remembered.get("a")] == [1, 1]
    now[0] = 29.9
    assert remembered.get("a") == 1
    now[0] = 60.0
    assert remembered.get("a") == 2
    up[0] = False
    now[0] = 60.0 + 599
    assert remembered.get("a") == 2
    with pytest.raises(Unavailable):
        remembered.get("b")
    now[0] = 60.0 + 601
    with pytest.raises(Unavailable):
        remembered.get("a")


def test_one_asks_for_all_who_want_to_know() -> None:
    """Twenty requests of one program in the instant in which its token is due are one look-up, not twenty."""
    asked, everybody = [], threading.Barrier(20)

    def ask(key: str) -> str:
        asked.append(key)
        time.sleep(0.2)  # the others have come by then
        return f"who {key} is"

    remembered = Remembered(ask, clock=lambda: 0.0)

    def wanted() -> str:
        everybody.wait(10)
        return remembered.get("a")

    with ThreadPoolExecutor(20) as callers:
        answers = [callers.submit(wanted) for _ in range(20)]
        assert {one.result(10) for one in answers} == {"who a is"}
    assert asked == ["a"]


def test_what_grows_old_is_asked_for_by_one_while_the_others_go_on() -> None:
    """Nobody but who asks is kept waiting by an answer that is renewed before it ends; when it has ended, all wait."""
    now, asked, under_way, answer = [0.0], [], threading.Event(), threading.Event()

    def ask(_key: str) -> int:
        asked.append(now[0])
        if len(asked) == 2:
            under_way.set()
            answer.wait(10)
        return len(asked)

    remembered = Remembered(ask, clock=lambda: now[0])
    assert remembered.get("a") == 1
    assert remembered.recent("a") == 1
    now[0] = 31.0
    assert remembered.recent("a") is None  # somebody must ask
    with ThreadPoolExecutor(2) as callers:
        renews = callers.submit(remembered.get, "a")
        assert under_way.wait(10)
        now[0] = 59.9
        assert (remembered.recent("a"), remembered.get("a")) == (1, 1)
        now[0] = 60.0
        assert remembered.recent("a") is None
        waits = callers.submit(remembered.get, "a")
        with pytest.raises(TimeoutError):
            waits.result(0.05)
        answer.set()
        assert (renews.result(10), waits.result(10)) == (2, 2)
    assert asked == [0.0, 31.0]


def test_a_question_that_fails_fails_for_all_who_wait_and_is_asked_again() -> None:
    """An error is nobody's answer: the next caller asks anew."""
    asked: list[str] = []

    def ask(key: str) -> int:
        asked.append(key)
        if len(asked) == 1:
            raise RuntimeError("the database is away")
        return 7

    remembered = Remembered(ask, clock=lambda: 0.0)
    with pytest.raises(RuntimeError):
        remembered.get("a")
    assert remembered.get("a") == 7


def test_memory_is_bounded() -> None:
    """Ten thousand invented tokens push each other out, nothing more."""
    remembered = Remembered(lambda key: key, clock=lambda: 0.0)
    for number in range(10_050):
        remembered.get(str(number))
    assert len(remembered._known) == 10_000
