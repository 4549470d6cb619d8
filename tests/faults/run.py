"""One run: load on a stage, hurt by a script; then rest, evidence, and the checker's verdict. Its folder stays."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from tests.faults.checker import judge
from tests.faults.evidence import collect
from tests.faults.generator import Generator
from tests.faults.nemesis import Nemesis
from tests.faults.rest import come_to_rest
from tests.faults.stage import Stage, heal
from tests.faults.timeline import draw

#: What is done to the stage while the load goes on; returns when that is enough.
Script = Callable[[Nemesis, Generator], None]
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Asked:
    """What one run is. ``rate``: requests a second to aim at; ``patience``: seconds to come to rest; ``control``: a mutant's
    scenario with the program unbroken."""

    name: str
    mode: str
    seed: int
    rate: float
    script: Script
    mutant: str | None = None
    watchers: int = 12
    patience: float = 120.0
    control: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """How it went. ``violations`` by the rule that was broken, each in a sentence."""

    name: str
    mode: str
    mutant: str | None
    kills: int
    counts: Mapping[str, int]
    violations: tuple[tuple[str, str], ...]
    figures: Mapping[str, Any] = field(default_factory=dict)


def perform(asked: Asked, folder: Path, staged: AbstractContextManager[Stage], say: Say) -> Verdict:
    """Everything of one run. ``staged`` is opened and closed here."""
    folder.mkdir(parents=True, exist_ok=True)
    with staged as stage:
        begun = datetime.now(UTC)
        nemesis = Nemesis(stage, asked.seed)
        generator = Generator(
            stage.addresses, stage.clients, folder, asked.seed, asked.rate, stage.bootstrap, asked.watchers
        )
        told = {"seed": asked.seed, "mode": asked.mode, "mutant": asked.mutant, "begun": begun, "rate": asked.rate}
        told |= {"addresses": stage.addresses, "settings": {"clock": stage.clock, "clock_shift": _shift(stage.clock)}}
        _write(folder / "run.json", told)
        generator.start()
        with _progress(asked.name, nemesis, generator, say):
            asked.script(nemesis, generator)
            heal(stage)
            generator.stop()
        say(f"{asked.name}: comes to rest")
        moving = come_to_rest(stage, asked.patience)
        generator.finish()
        say(f"{asked.name}: {'still moving: ' + ', '.join(moving) if moving else 'at rest'}; the evidence is copied")
        collect(folder, asked.mode, dict(stage.urls), stage.bootstrap)
        counts, kills = dict(generator.counts()), nemesis.kills
        figures = {**nemesis.figures, "restarts": stage.supervisor.restarts}
    told |= {"ended": datetime.now(UTC), "kills": kills, "moving": moving}
    _write(folder / "run.json", told | {"counts": counts, "figures": figures})
    say(f"{asked.name}: is judged")
    draw(folder)
    said = judge(folder)
    broken = [(one["promise"], f"{one['subject']}: {one['what']}") for one in said["violations"]]
    broken += [("rest", what) for what in moving]
    say(f"{asked.name}: {len(broken)} violations, {kills} kills, {counts['acknowledged']} acknowledged")
    return Verdict(asked.name, asked.mode, asked.mutant, kills, said["counts"], tuple(broken), figures)


@contextmanager
def _progress(name: str, nemesis: Nemesis, generator: Generator, say: Say) -> Iterator[None]:
    done, began = threading.Event(), time.monotonic()

    def tell() -> None:
        while not done.wait(10):
            count = generator.counts().get("acknowledged", 0)
            say(f"{name}: {time.monotonic() - began:4.0f} s, {count} acknowledged, {nemesis.kills} kills")

    thread = threading.Thread(target=tell, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _shift(clock: str) -> float:
    """Seconds that the program's clock is ahead of the real one."""
    shown, real = (datetime.fromisoformat(part) for part in clock.split("@"))
    return (shown - real).total_seconds()


def _write(path: Path, value: object) -> None:
    path.write_bytes(orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z, default=str))
