"""What docs/reliability.md says was found: the figures of campaigns and overloads, from their folders.

    python -m tests.faults.report FOLDER…        # writes docs/reliability.json; then `make generate`

A folder is a campaign's (`campaign.json`; the overload in it is told too) or an overload's (`run.json` with its figures, and `verdict.json`). No figure is typed in.
"""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import orjson

REPORT: Final = Path(__file__).resolve().parents[2] / "docs" / "reliability.json"
#: Where a run was is nobody's business but its machine's.
_LEFT_OUT: Final = frozenset({"folder"})


def gathered(folders: Sequence[Path]) -> dict[str, Any]:
    """`{"campaigns": […], "overloads": […]}`. Raises `ValueError` for a folder that is neither."""
    found: dict[str, Any] = {"campaigns": [], "overloads": []}
    for folder in folders:
        if (folder / "campaign.json").exists():
            told = orjson.loads((folder / "campaign.json").read_bytes())
            found["campaigns"].append({name: value for name, value in told.items() if name not in _LEFT_OUT})
            if (part := _overload(folder / "overload")) is not None:
                found["overloads"].append(part)
        elif (overload := _overload(folder)) is not None:
            found["overloads"].append(overload)
        else:
            raise ValueError(f"{folder}: neither a campaign's folder nor an overload's")
    return found


def _overload(folder: Path) -> Mapping[str, Any] | None:
    if not (folder / "run.json").exists() or not (folder / "verdict.json").exists():
        return None
    run, verdict = (orjson.loads((folder / name).read_bytes()) for name in ("run.json", "verdict.json"))
    if "overload" not in run.get("figures", {}):
        return None
    counts = {name: verdict["counts"][name] for name in ("acknowledged", "lost", "dispatched_twice")}
    return {
        "mode": run["mode"],
        "seed": run["seed"],
        **run["figures"]["overload"],
        **counts,
        "violations": verdict["broken"],
    }


def main() -> None:
    found = gathered([Path(name) for name in sys.argv[1:]])
    REPORT.write_bytes(orjson.dumps(found, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


if __name__ == "__main__":
    main()
