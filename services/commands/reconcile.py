"""`fixline reconcile`: everything recomputed from the stored events and compared with what is shown (docs/architecture.md).

Three services' databases are read one after the other while work goes on, so an event can be on its way: what differs is
looked at again, and only what still differs counts.
"""

import heapq
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from operator import attrgetter
from pathlib import Path
from typing import Annotated, Any, Final, Protocol

import orjson
import typer
from pydantic import SecretStr
from sqlalchemy import Connection, func, select

from schemas import request_status, service_requests
from schemas.service_requests import RequestAccepted
from services.commands.console import DataDir, ServiceName, existing_stack, reachable
from services.commands.terminal import AsJson, Exit, fail, out, print_json, settings
from services.intake import reconcile as intake
from services.intake.tables import REQUESTS as ACCEPTED
from services.notifier import reconcile as notifier
from services.notifier.reconcile import Told
from services.routing import reconcile as routing
from services.routing.tables import REQUESTS as ROUTED
from services.runtime import metrics, quarantine
from services.runtime.tables import RuntimeTables
from services.runtime.work import Workshop
from services.stack import SERVICES, Stack

#: Differences told one by one.
SHOWN: Final = 100

Workshops = Mapping[str, Workshop]


class _Difference(Protocol):
    """What each service's own reconcile finds."""

    @property
    def subject(self) -> str: ...
    @property
    def what(self) -> str: ...
    @property
    def expected(self) -> object: ...
    @property
    def found(self) -> object: ...


@dataclass(frozen=True, slots=True, order=True)
class Found:
    """One thing that is not as the events say, of one service; values as text."""

    service: str
    subject: str
    what: str
    expected: str
    found: str

    def __str__(self) -> str:
        return f"{self.service} {self.subject} {self.what}: expected {self.expected}, found {self.found}"


def reconcile(
    data_dir: DataDir = None,
    service: ServiceName = None,
    patience: Annotated[
        float, typer.Option(min=0, help="Seconds that an event may be on its way before it counts as lost.")
    ] = 15.0,
    *,
    as_json: AsJson = False,
) -> None:
    """Compare all that is shown with the events that say so; 0 differences, or it ends with 1.

    On PostgreSQL it reads all three databases: FIXLINE_INTAKE_DATABASE_URL, FIXLINE_ROUTING_DATABASE_URL and
    FIXLINE_NOTIFIER_DATABASE_URL. With --service intake or routing it looks at that one by itself.
    """
    workshops = _workshops(data_dir, service)
    with reachable():
        found = settled(workshops, patience)
        counted = count(workshops)
    if as_json:
        print_json({"requests": counted, "differences": [asdict(one) for one in found]})
    for one in found[:SHOWN] if not as_json else ():
        out.print(str(one), markup=False)
    if found:
        fail(Exit.NO, f"{len(found)} differences in {counted} requests; see docs/runbooks/reconcile-differences.md")
    if not as_json:
        out.print(f"✓ {counted} requests: {', '.join(workshops)} show what the events say, 0 differences")


def settled(workshops: Workshops, patience: float) -> list[Found]:
    """What differs, and still does when there was time for events on their way. Sets the metric."""
    ends = time.monotonic() + patience
    found = set(compare(workshops))
    while found and time.monotonic() < ends:
        time.sleep(min(1.0, patience / 5))
        found &= set(compare(workshops))
    metrics.RECONCILE_DIFFERENCES.set(len(found))
    return sorted(found)


def compare(workshops: Workshops) -> Iterator[Found]:
    """One look: each service by itself, then what one handed to the other."""
    with ExitStack() as opened:
        # The last in the flow first: what it shows, the others have told by the time we look at them.
        connections = {
            name: opened.enter_context(workshops[name].database.reading(at_leisure=True))
            for name in reversed(SERVICES)
            if name in workshops
        }
        if "intake" in connections:
            yield from _found("intake", intake.differences(connections["intake"]))
        if "routing" in connections:
            yield from _found("routing", routing.differences(connections["routing"]))
        if len(connections) == len(SERVICES):
            yield from _undecided(workshops, connections)
            yield from _untold(workshops, connections)


def count(workshops: Workshops) -> int:
    """How many requests were looked at."""
    name = "intake" if "intake" in workshops else "routing"
    table = ACCEPTED if name == "intake" else ROUTED
    with workshops[name].database.reading() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def _undecided(workshops: Workshops, connections: Mapping[str, Connection]) -> Iterator[Found]:
    """Every acceptance has reached routing, and routing decides nothing that was not accepted."""
    letters = _letters(workshops["routing"], connections["routing"])
    accepted = (
        told
        for told in _told(connections["intake"], workshops["intake"].tables, service_requests.TOPIC)
        if told.event_id not in letters.discarded
    )
    decided = connections["routing"].execution_options(yield_per=1000)
    numbers = decided.execute(select(ROUTED.c.number).order_by(ROUTED.c.number)).scalars()
    known = next(numbers, None)
    for told in accepted:
        while known is not None and known < told.number:
            known = next(numbers, None)  # older than intake's log: its acceptance was pruned
        if known != told.number:
            found = "in quarantine" if told.number in letters.keys else "nothing"
            yield Found("routing", told.number, "request", "decided", found)


def _untold(workshops: Workshops, connections: Mapping[str, Connection]) -> Iterator[Found]:
    """Every acceptance and every step is on the timeline, once, as it was told."""
    letters = _letters(workshops["notifier"], connections["notifier"])
    logs = (("intake", service_requests.TOPIC), ("routing", request_status.TOPIC))
    streams = [_told(connections[name], workshops[name].tables, topic) for name, topic in logs]
    merged = heapq.merge(*streams, key=attrgetter("number", "version"))
    told = (one for one in merged if one.event_id not in letters.discarded)
    for one in _found("notifier", notifier.differences(connections["notifier"], told)):
        waits = one.found == "None" and one.subject in letters.keys
        yield Found(one.service, one.subject, one.what, one.expected, "in quarantine") if waits else one


def _told(connection: Connection, tables: RuntimeTables, topic: str) -> Iterator[Told]:
    """Acceptances, or status events, as their outbox holds them; sorted by request, then version."""
    outbox = tables.outbox.c
    query = (
        select(outbox.subject, outbox.ordinal, outbox.event_id, outbox.type, outbox.body)
        .where(outbox.topic == topic)
        .order_by(outbox.subject, outbox.ordinal)
    )
    if topic == service_requests.TOPIC:
        query = query.where(outbox.type == RequestAccepted.TYPE)
    for row in connection.execution_options(yield_per=1000).execute(query):
        yield Told(row.subject, row.ordinal, row.event_id, row.type, orjson.loads(row.body))


@dataclass(frozen=True, slots=True)
class _Letters:
    """What a service's quarantine holds: keys that wait in it, and events that a person gave up."""

    keys: frozenset[str]
    discarded: frozenset[str]


def _letters(workshop: Workshop, connection: Connection) -> _Letters:
    columns = workshop.tables.quarantine.c
    keys = connection.execute(select(columns.key).where(columns.state == quarantine.OPEN)).scalars()
    events = connection.execute(select(columns.event_id).where(columns.state == quarantine.DISCARDED)).scalars()
    return _Letters(frozenset(key for key in keys if key), frozenset(event for event in events if event))


def _found(service: str, differences: Iterable[_Difference]) -> Iterator[Found]:
    for one in differences:
        yield Found(service, one.subject, one.what, _text(one.expected), _text(one.found))


def _text(value: Any) -> str:
    if isinstance(value, Mapping | list):
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS, default=str).decode()
    return str(value)


def _workshops(data_dir: Path | None, service: str | None) -> Workshops:
    loaded = settings(data_dir=data_dir)
    urls: dict[str, SecretStr | None] = {
        "intake": loaded.intake_database_url,
        "routing": loaded.routing_database_url,
        "notifier": loaded.notifier_database_url,
    }
    if service is None and any(urls.values()):
        missing = [f"FIXLINE_{name.upper()}_DATABASE_URL" for name, url in urls.items() if url is None]
        if missing:
            fail(Exit.USAGE, f"{', '.join(missing)}: missing; all three databases are compared")
        own = {name: loaded.model_copy(update={"database_url": url}) for name, url in urls.items()}
        return {name: Stack(own[name], (name,)).workshops[name] for name in SERVICES}
    if loaded.database_url is not None and service in (None, "notifier"):
        fail(
            Exit.USAGE,
            "set FIXLINE_INTAKE_DATABASE_URL, FIXLINE_ROUTING_DATABASE_URL and FIXLINE_NOTIFIER_DATABASE_URL: all three "
            "are compared; or name intake or routing with --service to look at that one by itself",
        )
    return existing_stack(data_dir, service).workshops
