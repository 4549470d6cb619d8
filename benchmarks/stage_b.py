"""Stages B and C: the product's real path, on PostgreSQL with Kafka and embedded on SQLite.

A backlog → look-ups, decision, state, outbox and inbox in one transaction a batch → published. The floor is the cheapest
program with the same SQL effects, written three ways; before anything is measured, what each saves is held against what
Fixline saves, row by row (`same.py`). The usual ways have one transaction an event.
"""

from typing import Final

from benchmarks import databases, same
from benchmarks.measure import TRIAL, a_group, median
from benchmarks.programs.task import Task
from benchmarks.stage import Found, Setting, figures, ratio
from services.commands.kafka_roles import catalogue
from services.runtime.kafka import topics

OURS: Final = "b_fixline"
FLOORS: Final = ("b_floor_unnest", "b_floor_executemany")
#: The same floor with our way of sending rows, which is nobody's usual one.
FLOOR_BY_JSON: Final = "b_floor_json"
USUAL: Final = ("b_faststream", "b_faust")
EMBEDDED: Final = "c_fixline"

_WARM_UP: Final = 1_000


def measure(setting: Setting) -> Found:
    """All in turns. The ratios are to the better floor and to the best of the usual ways; C's to B for the same CPU."""
    topics.apply(setting.servers.broker.bootstrap, [one for one in catalogue() if one.name != setting.topic])
    size, counts = setting.size, dict[str, int]()

    def task(program: str) -> Task:
        url = "" if program == EMBEDDED else setting.servers.postgres.new_database()
        if url:
            databases.routing(url, size.copies).database.close()
        skip, count = (_WARM_UP // 5 if program in USUAL else _WARM_UP), counts.get(program, TRIAL)
        return Task(setting.servers.broker.bootstrap, setting.topic, a_group(), skip, count, size.copies, url)

    same.check(setting.servers.postgres)
    setting.backlog()
    measured = (*FLOORS, OURS, EMBEDDED, *((FLOOR_BY_JSON,) if size.whole else ()))
    counts |= setting.counts(measured, task)
    # Milliseconds an event: ten thousand of them would take all the time there is.
    counts |= dict.fromkeys(USUAL, size.least_usual)
    runs = setting.in_turns((*measured, *USUAL), task)
    floor = min(FLOORS, key=lambda name: median(runs[name], "cpu_us"))
    return Found(
        figures={
            **figures(runs),
            "floor": floor,
            **({"ours_vs_floor_by_json": ratio(runs, OURS, FLOOR_BY_JSON)} if size.whole else {}),
        },
        ratios={
            "B_vs_floor": ratio(runs, OURS, floor),
            "B_vs_usual": min(ratio(runs, OURS, usual) for usual in USUAL),
            "C_vs_B": ratio(runs, EMBEDDED, OURS),
        },
    )
