"""Mail-in repairs: a return authorisation with its depot, from the label to the device back home (docs/rules.md §10).

The bench scans what it has in hand: the return's number, the request's, or the machine's type and serial. A parcel that
nobody saw on its way is received all the same; the step in between is then taken with it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Table, tuple_

from schemas import text
from schemas.decision import MachineRef
from schemas.vocabulary import Milestone, ReturnState, Role, Status
from services.routing import clocks, store
from services.routing.lifecycle import DEPOT_RETURN
from services.routing.people import NOTHING_SAID, Person, Said, resource
from services.routing.requests import BY_ITSELF, Cause, Life, move, stop_clock
from services.routing.rules.book import Depot
from services.routing.rules.facts import Areas
from services.routing.rules.policy import Policy
from services.routing.store import Writes
from services.routing.tables import RETURNS, STEPS
from services.runtime.errors import Conflict, NotFound
from services.runtime.identity.owners import owns, require_owner
from services.runtime.work import Work

#: A return's own timer: the label that nobody used.
EXPIRY: Final = "expiry"


@dataclass(slots=True)
class Return:
    """One mail-in repair: the row of `returns`; `id` is the return authorisation's number."""

    TABLE: ClassVar[Table] = RETURNS
    KEY: ClassVar[str] = "id"

    id: str
    number: str
    version: int
    depot: str
    address: Mapping[str, Any]
    status: ReturnState
    machine_type: str
    serial: str
    issued_at: datetime
    happened_at: datetime
    received_at: datetime | None
    done_at: datetime | None

    @property
    def machine(self) -> MachineRef:
        return MachineRef(self.machine_type, self.serial)


#: What the customer sees after each step. `replace` and `give_up` say their own in the reason.
_MILESTONES: Final = {
    "ship": Milestone.PACKAGE_IN_TRANSIT,
    "receive": Milestone.PACKAGE_RECEIVED,
    "diagnose": Milestone.DIAGNOSED,
    "repair": Milestone.REPAIRED,
    "replace": Milestone.REPAIRED,
    "give_up": Milestone.DIAGNOSED,
    "ship_back": Milestone.RETURN_SHIPPED,
    "deliver": Milestone.DELIVERED,
}

#: By the last word of its address.
STEP_NAMES: Final = tuple(event.replace("_", "-") for event in _MILESTONES)


def issue(
    work: Work, writes: Writes, life: Life, depot: Depot, machine: MachineRef, policy: Policy, *, parcel: int = 1
) -> Return:
    """A return authorisation: the label that the customer prints, and what the depot expects."""
    address = {"name": depot.name, "line1": depot.line1, "city": depot.city, "postal_code": depot.postal_code}
    made = Return(
        id=f"RA-{life.number}-{parcel}",
        number=life.number,
        version=1,
        depot=depot.depot,
        address=address,
        status=DEPOT_RETURN.first,
        machine_type=machine.type,
        serial=machine.serial,
        issued_at=work.now,
        happened_at=work.now,
        received_at=None,
        done_at=None,
    )
    writes.begin(made)
    writes.add_timer(life.number, made.id, EXPIRY, work.now + timedelta(days=policy.of(life.country).return_days))
    life.parcel, life.parcel_status = {"return_number": made.id, "depot": depot.depot, **address}, made.status
    return made


def take_step(
    work: Work,
    policy: Policy,
    areas: Areas,
    id_: str,
    name: str,
    by: Person,
    seen: int | None,
    said: Said = NOTHING_SAID,
) -> Return:
    """The bench does `name` (`receive`, `ship-back` …); `seen` None: whatever its version, as a scan does.

    Raises `NotFound` for another depot's, `Conflict` with who and when where the step is not legal now.
    """
    life, parcel = _locked(work, id_)
    require_owner(by.principal, resource(queue=parcel.depot, customer_number=life.customer_number))
    if said.key and store.step_by_key(work.connection, parcel.id, said.key):
        return parcel
    event = name.replace("-", "_")
    if seen is not None and seen != parcel.version:
        raise _moved_on(work, life, parcel, said.note)
    writes = Writes()
    if event == "receive" and DEPOT_RETURN.may(parcel.status, "ship"):
        _step(work, writes, parcel, "ship", by, NOTHING_SAID)
    if not DEPOT_RETURN.may(parcel.status, event):
        raise _moved_on(work, life, parcel, said.note)
    _step(work, writes, parcel, event, by, said)
    life.parcel_status = parcel.status
    if event == "receive":
        parcel.received_at = work.now
        clocks.start(writes, life, policy, clocks.clock_from(life, policy, areas, work.now))
    if event == "ship_back":
        clocks.measure(writes, life, policy, areas, work.now)
        stop_clock(writes, life, work.now)
    status = Status.RESOLVED if DEPOT_RETURN.final(parcel.status) else Status.IN_PROGRESS
    reason = event if event in ("replace", "give_up") else None
    move(work, writes, life, policy, status, _MILESTONES[event], Cause(by=Role.DEPOT), reason=reason)
    writes.flush(work.connection)
    return parcel


def expire(
    work: Work, writes: Writes, life: Life, parcel: Return, policy: Policy, cause: Cause = BY_ITSELF
) -> list[str]:
    """Nobody sent the device in time: the request ends, and the customer is told. The events' ids."""
    withdraw(work, writes, life, parcel, cause)
    return move(work, writes, life, policy, Status.CANCELLED, Milestone.RETURN_EXPIRED, cause)


def withdraw(work: Work, writes: Writes, life: Life, parcel: Return, cause: Cause) -> None:
    """The label is good no longer. Raises `IllegalStep` once the parcel is on its way."""
    parcel.status = DEPOT_RETURN.step(parcel.status, "expire")
    parcel.version += 1
    parcel.happened_at = parcel.done_at = work.now
    life.parcel_status = parcel.status
    writes.change(parcel)
    writes.stop(parcel.id, EXPIRY)
    writes.add(
        STEPS,
        store.step(
            number=parcel.number,
            subject=parcel.id,
            version=parcel.version,
            step="expire",
            by=str(cause.by),
            by_name="",
            at=work.now,
        ),
    )


def scanned(connection: Connection, scan: str, by: Person) -> list[Return]:
    """The returns that a scan can mean, of the depots where `by` works; those still open first."""
    typed = scan.strip().rstrip("/").rpartition("/")[2] if "://" in scan else scan.strip()  # a QR code holds an address
    columns = RETURNS.c
    hits = store.found(connection, Return, columns.id == typed.upper())
    digits = typed.replace("-", "").replace(" ", "")
    if not hits and text.is_request_number(digits):
        hits = store.found(connection, Return, columns.number == digits)
    code = text.code(typed) or ""
    if not hits and 2 <= len(code) <= 64:
        splits = [(code[at:], code[:at]) for at in range(1, len(code))]  # type and serial, however they were parted
        hits = store.found(connection, Return, tuple_(columns.serial, columns.machine_type).in_(splits))
    mine = [hit for hit in hits if owns(by.principal, resource(queue=hit.depot, customer_number=None))]
    return sorted(mine, key=lambda hit: (DEPOT_RETURN.final(hit.status), -hit.issued_at.timestamp()))


def expected(connection: Connection, depots: Sequence[str] | None) -> list[Return]:
    """Parcels that are announced and not here yet; `depots` None: all."""
    waiting = RETURNS.c.status.in_([ReturnState.ISSUED, ReturnState.IN_TRANSIT])
    where = (waiting,) if depots is None else (waiting, RETURNS.c.depot.in_(depots))
    return store.found(connection, Return, *where, order=(RETURNS.c.issued_at,))


def on_the_bench(connection: Connection) -> list[Return]:
    """Devices that came and are not home yet, the longest here first."""
    here = RETURNS.c.status.not_in(
        [ReturnState.ISSUED, ReturnState.IN_TRANSIT, ReturnState.DELIVERED, ReturnState.EXPIRED]
    )
    return store.found(connection, Return, here, order=(RETURNS.c.received_at,))


def _locked(work: Work, id_: str) -> tuple[Life, Return]:
    seen = store.one(work.connection, Return, id_)
    if seen is None:
        raise NotFound
    life = store.one(work.connection, Life, seen.number, lock=True)
    parcel = store.one(work.connection, Return, id_, lock=True)
    if life is None or parcel is None:
        raise NotFound
    return life, parcel


def _step(work: Work, writes: Writes, parcel: Return, event: str, by: Person, said: Said) -> None:
    parcel.status = DEPOT_RETURN.step(parcel.status, event)
    parcel.version += 1
    parcel.happened_at = work.now
    if DEPOT_RETURN.final(parcel.status):
        parcel.done_at = work.now
    writes.stop(parcel.id, EXPIRY)
    writes.change(parcel)
    noted = store.step(
        number=parcel.number,
        subject=parcel.id,
        version=parcel.version,
        step=event,
        by=by.id,
        by_name=by.name,
        at=work.now,
        reason=said.reason,
        note=said.note,
        key=said.key,
    )
    writes.add(STEPS, noted)


def _moved_on(work: Work, life: Life, parcel: Return, typed: str | None) -> Conflict:
    last = store.step_at(work.connection, parcel.id, parcel.version)
    if last is None:
        return Conflict(f"return.is_{parcel.status.value}", typed=typed or "")
    clock = f"{last['at'].astimezone(ZoneInfo(life.timezone)):%H:%M}"
    return Conflict(f"return.{last['step']}", typed=typed or "", name=last["by_name"], time=clock)
