"""Stage S: what grows with the backlog, with partitions and with contracts: nothing should, per event. By stage A's work."""

from typing import Final

from benchmarks.measure import Run, a_group
from benchmarks.programs.task import Task
from benchmarks.servers import fill
from benchmarks.stage import Found, Setting
from benchmarks.workload import CONTRACTS_A_COPY

_PROGRAM: Final = "s_fixline"
_WARM_UP: Final = 1_000


def measure(setting: Setting) -> Found:
    """One thing is changed at a time; each is run twice, where there is time, and the cheaper counts: noise only adds."""
    setting.backlog()
    size = setting.size
    figures: dict[str, dict[str, float]] = {}
    for events in size.backlogs:
        figures[f"backlog of {events:,}"] = _least(setting, setting.topic, events, size.copies)
    for partitions in (1, 32):
        topic = f"partitions-{partitions}"
        fill(setting.servers.broker.bootstrap, topic, size.least + 2 * _WARM_UP, size.copies, partitions=partitions)
        figures[f"{partitions} partitions"] = _least(setting, topic, size.least, size.copies)
    for contracts in size.contracts:
        copies = -(-contracts // CONTRACTS_A_COPY)
        topic = f"contracts-{contracts}"
        fill(setting.servers.broker.bootstrap, topic, size.least + 2 * _WARM_UP, copies)
        figures[f"{contracts:,} contracts"] = _least(setting, topic, size.least, copies)
    return Found(figures)


def _least(setting: Setting, topic: str, events: int, copies: int) -> dict[str, float]:
    def once() -> Run:
        task = Task(setting.servers.broker.bootstrap, topic, a_group(), _WARM_UP, events, copies)
        return setting.run(_PROGRAM, task)

    best = min((once() for _ in range(min(2, setting.size.rounds))), key=lambda run: run.cpu_us)
    return {
        "cpu_us": round(best.cpu_us, 1),
        "events_per_second": round(best.rate),
        "resident_mb": round(best.resident_mb),
    }
