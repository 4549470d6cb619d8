"""What came of a benchmark: `benchmarks/results/latest.json`, whose names others rely on, and its page."""

import json
import os
import platform
import statistics
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from benchmarks import page
from benchmarks.measure import fixed_work
from benchmarks.stage import Found

RESULTS: Final = Path(__file__).resolve().parent / "results"
_LIBRARIES: Final = ("confluent-kafka", "aiokafka", "kafka-python", "quixstreams", "faststream", "faust-streaming")


def write(found: Mapping[str, Found], size: str, *, took: float, machine: Sequence[float]) -> None:
    """Write the JSON of a run. Ratios are ours over the other's for the same CPU: above 1 we are the faster."""
    RESULTS.mkdir(exist_ok=True)
    result = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "size": size,
        "took_seconds": round(took),
        "machine": _machine(machine),
        "libraries": {name: version(name) for name in _LIBRARIES},
        "ratios": {name: value for one in found.values() for name, value in one.ratios.items()},
        "latency_ms": {name: value for one in found.values() for name, value in one.latency_ms.items()},
        "stages": {name: one.figures for name, one in found.items()},
    }
    (RESULTS / "latest.json").write_text(json.dumps(result, indent=2) + "\n")
    page.write(result, RESULTS)


def _machine(noise: Sequence[float]) -> dict[str, Any]:
    noise = noise or [fixed_work()]
    middle = statistics.median(noise)
    return {
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "system": platform.platform(),
        "fixed_work_ms": {
            "median": round(middle, 2),
            "least": round(min(noise), 2),
            "most": round(max(noise), 2),
            "spread": round((max(noise) - min(noise)) / middle, 3),
        },
    }
