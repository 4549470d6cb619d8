"""Stage A: a backlog → decode and validate → decide, contracts in memory → commit offsets. No database, nothing produced."""

from typing import Final

from benchmarks.measure import TRIAL, a_group
from benchmarks.programs.task import Task
from benchmarks.stage import Found, Setting, figures, ratio

OURS: Final = "a_fixline"
FLOOR: Final = "a_floor"
CLIENTS: Final = ("a_aiokafka", "a_kafka_python")
IDIOMATIC_FAUST: Final = "a_faust"
FRAMEWORKS: Final = ("a_quixstreams", "a_faststream", IDIOMATIC_FAUST)
IN_RATIOS: Final = (FLOOR, OURS, *FRAMEWORKS)

_WARM_UP: Final = 2_000


def measure(setting: Setting) -> Found:
    """All programs over one backlog; each as many events as it does in the given seconds."""
    setting.backlog()
    size, broker = setting.size, setting.servers.broker.bootstrap
    counts: dict[str, int] = {}

    def task(program: str) -> Task:
        return Task(broker, setting.topic, a_group(), _WARM_UP, counts.get(program, TRIAL), size.copies)

    programs = (*IN_RATIOS, *CLIENTS) if size.whole else IN_RATIOS
    counts |= setting.counts(programs, task)
    runs = setting.in_turns(programs, task)
    return Found(
        figures=figures(runs),
        ratios={
            "A_vs_floor": ratio(runs, OURS, FLOOR),
            "A_vs_best_framework": min(ratio(runs, OURS, framework) for framework in FRAMEWORKS),
            "A_vs_idiomatic_faust": ratio(runs, OURS, IDIOMATIC_FAUST),
        },
    )
