"""`make faults`: runs a campaign, tells how it goes, and ends with one JSON object; 0 if every promise held, else 1."""

import argparse
import contextlib
import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import orjson

from services.routing.rules.calendars import pin_time_zones
from services.runtime.logs import set_up_logs
from tests import servers
from tests.faults.campaign import Campaign
from tests.faults.mutants import MUTANTS
from tests.faults.plans import Plan, for_ci, long, usual
from tests.faults.run import Asked
from tests.faults.undertaker import nothing_left_behind

_DEFAULT_SEED = 20261123


def main() -> int:
    asked = _arguments()
    folder = asked.folder or Path(tempfile.mkdtemp(prefix="fixline-faults-"))
    folder.mkdir(parents=True, exist_ok=True)
    plan = _chosen(long(asked.seed) if asked.long else for_ci(asked.seed) if asked.ci else usual(asked.seed), asked)
    if not plan.runs:
        sys.exit("no run of this campaign is called so, or is of this kind: see --help, and tests/faults/plans.py")
    began, lock = time.monotonic(), threading.Lock()

    def say(line: str) -> None:
        with lock:
            sys.stdout.write(f"[{time.monotonic() - began:5.0f} s] {line}\n")
            sys.stdout.flush()

    pin_time_zones()
    set_up_logs("json", "error", service="faults")
    for number in (signal.SIGTERM, signal.SIGALRM):
        signal.signal(number, _give_up)
    signal.alarm(int(plan.seconds))
    say(f"{len(plan.runs)} runs, seed {asked.seed}; everything is kept in {folder}")
    servers.open_shared()
    try:
        with nothing_left_behind(folder):
            campaign = Campaign(plan, folder.resolve(), say)
            found = campaign.run()
    finally:
        signal.alarm(0)
        servers.close_shared()
    found |= {"seed": asked.seed, "folder": str(folder)}
    if not campaign.gone_on_with:  # else it took longer than we have seen
        found["seconds"] = round(time.monotonic() - began)
    (folder / "campaign.json").write_bytes(orjson.dumps(found, option=orjson.OPT_INDENT_2))
    sys.stdout.write(orjson.dumps(found).decode() + "\n")
    return 0 if found["ok"] else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--ci", action="store_true", help="5 minutes, two mutants")
    length.add_argument("--long", action="store_true", help="40 minutes, 500 kills, 200,000 requests")
    parser.add_argument("--seed", type=int, default=_DEFAULT_SEED, help="the same faults in the same order")
    parser.add_argument("--mode", choices=("kafka", "embedded"), help="only runs of this kind")
    parser.add_argument("--mutants", metavar="NAMES", help=f"only these, by commas, or none: {', '.join(MUTANTS)}")
    parser.add_argument("--control", action="store_true", help="the mutants' scenarios, with the program unbroken")
    parser.add_argument("--runs", metavar="NAMES", help="only these runs, by commas")
    parser.add_argument("--folder", type=Path, help="where the runs are kept; a campaign there is gone on with")
    return parser.parse_args()


def _chosen(plan: Plan, asked: argparse.Namespace) -> Plan:
    def wanted(name: str, mode: str, mutant: str | None) -> bool:
        if asked.mode and mode != asked.mode:
            return False
        if asked.runs is not None:
            return name in asked.runs.split(",")
        if asked.mutants is None:
            return True
        return mutant in asked.mutants.split(",") if asked.mutants != "none" else mutant is None

    def kept(runs: Sequence[Asked]) -> tuple[Asked, ...]:
        chosen = (run for run in runs if wanted(run.name, run.mode, run.mutant))
        return tuple(_control(run) for run in chosen if run.mutant) if asked.control else tuple(chosen)

    chosen = replace(plan, alone=kept(plan.alone), lanes=tuple(map(kept, plan.lanes)))
    return chosen if chosen.runs == plan.runs else replace(chosen, least={}, more={}, overload=0.0)


def _control(run: Asked) -> Asked:
    return replace(run, name=f"control-{run.mutant}", mutant=None, control=True)


def _give_up(number: int, _frame: object) -> None:
    """Nothing may last for ever. What was started ends with us: the servers by their guards, the rest by the undertaker."""
    with contextlib.suppress(OSError):
        sys.stdout.write(f"given up: {signal.Signals(number).name}\n")
        sys.stdout.flush()
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main())
