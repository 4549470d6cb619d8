"""How long it takes from a restart to the first decision, and how long a worker that is stuck or deaf is away.

Measured under load, from outside: decisions are counted in routing's outbox.
"""

import time
from collections.abc import Callable
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from schemas.request_status import ClockWarned, RequestDecided
from services.notifier.tables import TIMELINE
from services.routing.tables import RUNTIME
from tests.faults import switches
from tests.faults.mutants import NONE, program
from tests.faults.nemesis import Nemesis
from tests.faults.stage import Stage
from tests.servers import wait_until

#: Longer than anything here may take.
_PATIENCE: Final = 120.0


def decided(stage: Stage) -> int:
    """How many decisions there are."""
    query = select(func.count()).where(RUNTIME.outbox.c.type == RequestDecided.TYPE)
    return _count(stage, "routing", query)


def warned(stage: Stage) -> int:
    """How often response clocks have warned."""
    return _count(stage, "routing", select(func.count()).where(RUNTIME.outbox.c.type == ClockWarned.TYPE))


def shown(stage: Stage) -> int:
    """How many lines all timelines have."""
    return _count(stage, "notifier", select(func.count()).select_from(TIMELINE))


def restart_to_decision(nemesis: Nemesis, name: str, times: int) -> list[float]:
    """Seconds from each restart to the first decision after it. ``name``: the process that decides."""
    return [_moves_again(nemesis, name, decided, lambda: nemesis.kill(name)) for _ in range(times)]


def without_names(nemesis: Nemesis, name: str, times: int) -> list[float]:
    """The same for a worker that has no lasting name; afterwards it has its own again."""
    process = nemesis.stage.supervisor.processes[name]
    named = process.environment
    process.environment = {key: value for key, value in named.items() if key != "FIXLINE_INSTANCE"}
    restart_to_decision(nemesis, name, 1)  # its named self is still a member for one session
    found = restart_to_decision(nemesis, name, times)
    process.environment = named
    restart_to_decision(nemesis, name, 1)
    return found


def stuck_and_deaf(nemesis: Nemesis) -> dict[str, float]:
    """A worker that never returns from its handler, and one that lives but fetches nothing: both end themselves and are
    back; seconds from the fault to the next effect."""
    stage, found = nemesis.stage, {}
    names = {"stuck": "work routing", "deaf": "work notifier"}
    for name in names.values():
        stage.supervisor.processes[name].program = program(NONE)
        nemesis.kill(name)
    wait_until(stage.ready, _PATIENCE, "the workers to be back")
    before = {name: stage.supervisor.restarts[name] for name in names.values()}
    effects = {"stuck": decided, "deaf": shown}
    began = {}
    for fault, name in names.items():
        nemesis.note(fault, name, "begin")
        switches.turn_on(stage.folder, f"{fault}-{name.partition(' ')[2]}")
        began[fault] = time.monotonic()
    for fault, name in names.items():
        wait_until(lambda name=name: stage.supervisor.restarts[name] > before[name], _PATIENCE, f"{name} to end itself")  # type: ignore[misc]  # a lambda with a default
        count = effects[fault](stage)
        wait_until(lambda fault=fault, count=count: effects[fault](stage) > count, _PATIENCE, f"{name} to be back")  # type: ignore[misc]  # the same
        found[fault] = round(time.monotonic() - began[fault], 1)
        nemesis.note(fault, name, "end")
    return found


def _moves_again(nemesis: Nemesis, name: str, effects: Callable[[Stage], int], hurt: Callable[[], None]) -> float:
    stage = nemesis.stage
    wait_until(stage.ready, _PATIENCE, "everything to be ready")
    count = effects(stage)
    wait_until(lambda: effects(stage) > count, _PATIENCE, "load")
    before = stage.supervisor.restarts[name]
    hurt()
    wait_until(lambda: stage.supervisor.restarts[name] > before, _PATIENCE, f"{name} to be started again")
    began, count = time.monotonic(), effects(stage)
    wait_until(lambda: effects(stage) > count, _PATIENCE, f"{name} to decide again")
    return round(time.monotonic() - began, 2)


def _count(stage: Stage, service: str, query: object) -> int:
    try:
        with stage.workshops[service].database.reading() as connection:
            return int(connection.execute(query).scalar_one())  # type: ignore[call-overload]  # any select of one number
    except DBAPIError:
        return -1
