"""A campaign: the runs of a plan, beside each other where they may be, each judged by itself, and the sum of all.

A campaign's folder can be gone on with: a run that has its verdict there is not run again.
"""

import shutil
import threading
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from types import MappingProxyType
from typing import Any, Final

import orjson

from tests.faults import overload
from tests.faults.mutants import NONE, program
from tests.faults.plans import Plan
from tests.faults.run import Asked, Say, Verdict, perform
from tests.faults.scenarios import SCENARIOS
from tests.faults.servers import Servers
from tests.faults.stage import Stage, embedded_stage, kafka_stage

#: Seconds from a restart to the first decision, median; and until a stuck worker is back.
MOST: Final[Mapping[str, float]] = {
    "restart_embedded": 4.0,
    "restart_static": 4.5,
    "restart_dynamic": 7.0,
    "stuck": 60.0,
    "deaf": 60.0,
}
#: Parts that are added have numbers from here on, and are no more than so many.
_NEXT_PART, _MOST_PARTS = 11, 10
_VERDICT: Final = "outcome.json"
_OVERLOAD: Final = "overload"
#: Violations of one run that are told at once; all are in its folder.
SHOWN: Final = 12


@dataclass
class Campaign:
    """``folder``: where the runs' folders are."""

    plan: Plan
    folder: Path
    say: Say
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    overload: Mapping[str, Any] = field(default_factory=dict)
    #: Whether a part of it was there already.
    gone_on_with: bool = False

    def run(self) -> dict[str, Any]:
        """All of it; the summary. A run that could not be judged fails the campaign, and the others go on."""
        with ExitStack() as opened:
            servers = _Once(opened)
            self._lane(self.plan.alone, servers)
            lanes = [
                threading.Thread(target=self._lane, args=(runs, servers if number == 0 else _Once(opened)))
                for number, runs in enumerate(self.plan.lanes)
            ]
            for lane in lanes:
                lane.start()
            for lane in lanes:
                lane.join()
            for part in range(_NEXT_PART, _NEXT_PART + _MOST_PARTS):
                short = [name for name in self._summary()["too_few"] if name in self.plan.more]
                if not short:
                    break
                self.say(f"too few {short[0]} yet: one part more")
                self._lane([self.plan.more[short[0]](part)], servers)
        if self.plan.overload:
            self._overload()
        return self._summary()

    def _summary(self) -> dict[str, Any]:
        return summary(list(self.verdicts.values()), self.failed, self.plan.least, self.overload)

    def _overload(self) -> None:
        """On a machine that has nothing else to do by now."""
        folder = self.folder / _OVERLOAD
        if (folder / _VERDICT).exists():
            self.overload = orjson.loads((folder / _VERDICT).read_bytes())
            self.say(f"{_OVERLOAD}: has its verdict already")
            return
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        try:
            self.overload = overload.perform(folder, self.plan.seed, self.plan.overload, self.say)
        except Exception as error:
            self.failed.append(_OVERLOAD)
            (self.folder / f"{_OVERLOAD}.failed").write_text(traceback.format_exc())
            self.say(f"{_OVERLOAD}: could not be judged: {type(error).__name__}: {str(error)[:300]}")
            return
        (folder / _VERDICT).write_bytes(orjson.dumps(self.overload, option=orjson.OPT_INDENT_2))

    def _lane(self, runs: Sequence[Asked], servers: "_Once") -> None:
        for asked in runs:
            try:
                self._one(asked, servers)
            except Exception as error:
                self.failed.append(asked.name)
                (self.folder / f"{asked.name}.failed").write_text(traceback.format_exc())
                self.say(f"{asked.name}: could not be judged: {type(error).__name__}: {str(error)[:300]}")

    def _one(self, asked: Asked, servers: "_Once") -> None:
        folder = self.folder / asked.name
        if (folder / _VERDICT).exists():
            self.gone_on_with = True
            self.verdicts[asked.name] = _read(folder / _VERDICT)
            self.say(f"{asked.name}: has its verdict already")
            return
        self.say(f"{asked.name}: seed {asked.seed}")
        shutil.rmtree(folder, ignore_errors=True)  # begun before, and not ended
        verdict = perform(asked, folder, _staged(asked, folder, servers), self.say)
        (folder / _VERDICT).write_bytes(orjson.dumps(asdict(verdict), option=orjson.OPT_INDENT_2))
        self.verdicts[asked.name] = verdict
        for rule, what in verdict.violations[:SHOWN] if asked.mutant is None else ():
            self.say(f"{asked.name}: {rule}: {what}")


class _Once:
    """A lane's servers, started by its first run that needs them."""

    def __init__(self, opened: ExitStack) -> None:
        self._opened = opened
        self._servers: Servers | None = None

    def get(self) -> Servers:
        if self._servers is None:
            self._servers = self._opened.enter_context(Servers())
        return self._servers


@contextmanager
def _staged(asked: Asked, folder: Path, servers: _Once) -> Iterator[Stage]:
    broken = program(asked.mutant or NONE)
    if asked.mode == "embedded":
        with embedded_stage(folder, program=broken) as embedded:
            yield embedded
    elif asked.mutant or asked.control:
        with kafka_stage(folder, servers.get(), program=broken) as mutant:
            yield mutant
    else:
        with kafka_stage(folder, servers.get()) as stage:
            yield stage


def summary(
    verdicts: Sequence[Verdict],
    failed: Sequence[str] = (),
    least: Mapping[str, int] = MappingProxyType({}),
    overload: Mapping[str, Any] = MappingProxyType({}),
) -> dict[str, Any]:
    """The campaign's last line. ``ok``: there was something to judge, nothing was found but the mutants, all of those,
    and enough was done to find it."""
    sound = [one for one in verdicts if one.mutant is None]
    mutants = [one for one in verdicts if one.mutant is not None]
    caught = [one for one in mutants if is_caught(one)]
    slow = {name: figure for name, figure in _figures(sound).items() if figure > MOST[name]}
    found = {
        "runs": len(verdicts),
        "kills": sum(one.kills for one in verdicts),
        "kills_embedded": sum(one.kills for one in verdicts if one.mode == "embedded"),
        "acknowledged": sum(one.counts.get("acknowledged", 0) for one in sound),
        "unknown": sum(one.counts.get("unknown", 0) for one in sound),
        "lost": sum(one.counts.get("lost", 0) for one in sound),
        "dispatched_twice": sum(one.counts.get("dispatched_twice", 0) for one in sound),
        "violations": sum(len(one.violations) for one in sound),
        "mutants_caught": f"{len(caught)}/{len(mutants)}",
        "mutants_missed": sorted(str(one.mutant) for one in mutants if one not in caught),
    }
    for name in ("acknowledged", "unknown", "lost", "dispatched_twice"):
        found[name] += overload.get(name, 0)
    found["violations"] += sum(overload.get("violations", {}).values())
    too_few = sorted(name for name, number in least.items() if int(str(found[name])) < number)
    wrong = {"too_few": too_few, "too_slow": sorted(slow), "not_judged": sorted(failed)}
    wrong["overload"] = list(overload.get("broken", ()))
    ok = bool(verdicts) and not (found["violations"] or found["mutants_missed"] or any(wrong.values()))
    skipped = [str(one.figures["skipped"]) for one in sound if "skipped" in one.figures]
    return {"ok": ok, **found, **_figures(sound), **wrong, "skipped": skipped}


def is_caught(verdict: Verdict) -> bool:
    """By a promise that it breaks: a run that fails for another reason has caught nothing."""
    broken = {rule for rule, _ in verdict.violations}
    return not broken.isdisjoint(SCENARIOS[str(verdict.mutant)].breaks)


def _figures(verdicts: Sequence[Verdict]) -> dict[str, float]:
    """Medians, in seconds."""
    found: dict[str, list[float]] = {}
    for verdict in verdicts:
        for name in MOST:
            if (figure := verdict.figures.get(name)) is not None:
                found.setdefault(name, []).extend(figure if isinstance(figure, list) else [figure])
    return {name: round(median(figures), 2) for name, figures in found.items()}


def _read(path: Path) -> Verdict:
    told = orjson.loads(path.read_bytes())
    return Verdict(**{**told, "violations": tuple((rule, what) for rule, what in told["violations"])})
