"""`make bench`: real servers, every stage, and what came of it as JSON and as a page.

    python -m benchmarks.run [--size quick|usual|full] [--only A --only B …]

Stages and what is compared with what: docs/performance.md.
"""

import argparse
import logging
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from typing import Final

import structlog

from benchmarks import report, stage_a, stage_b, stage_i, stage_l, stage_m, stage_s
from benchmarks.servers import servers
from benchmarks.sizes import SIZES
from benchmarks.stage import Found, Setting

STAGES: Final[Mapping[str, Callable[[Setting], Found]]] = {
    "A": stage_a.measure,
    "B": stage_b.measure,  # and C
    "I": stage_i.measure,
    "S": stage_s.measure,
    "M": stage_m.measure,
    "L": stage_l.measure,  # last: it empties the topics
}
#: Those that no ratio or latency comes from.
_BESIDE: Final = ("S", "M")


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    asked.add_argument("--size", choices=SIZES, default="usual")
    asked.add_argument("--only", choices=STAGES, action="append")
    given = asked.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    began = time.monotonic()
    found: dict[str, Found] = {}
    with servers() as running:
        setting = Setting(running, SIZES[given.size])
        asked_for = given.only or [one for one in STAGES if setting.size.whole or one not in _BESIDE]
        for name in (one for one in STAGES if one in asked_for):
            print(f"== stage {name}", flush=True)
            try:
                found[name] = STAGES[name](setting)
            except Exception as error:  # the other stages are worth having, and the page says that this one failed
                traceback.print_exc()
                found[name] = Found({"failed": f"{type(error).__name__}: {error}"[:2000]})
    report.write(found, given.size, took=time.monotonic() - began, machine=setting.noise)
    return 1 if any("failed" in one.figures for one in found.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
