"""Faults that only the process itself can have, turned on by a file: `tests.faults.mutants` puts them into the program.

- ``disk``: SQLite may hold no page more than the file says (`max_page_count`): the disk is full.
- ``stuck-SERVICE``: the handler of the service's next batch never returns.
- ``deaf-SERVICE``: nothing is fetched any more, though the worker lives.
- ``frozen-SERVICE``: the process stops itself (SIGSTOP) with a batch of acceptances applied and not committed; of as
  many as the file says, at least.

The last three happen once, to the process that finds the file first: it takes the file away.
"""

import os
import signal
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

#: Where the files are; no setting of the program's.
FOLDER: Final = "FAULT_SWITCHES"


def switches(folder: Path) -> Mapping[str, str]:
    """The environment of a process whose switches lie in ``folder``."""
    return {FOLDER: str(folder / "switches")}


def turn_on(folder: Path, name: str, value: str = "") -> None:
    """``folder``: as given to `switches`."""
    at = folder / "switches"
    at.mkdir(exist_ok=True)
    draft = at / f"{name}.new"
    draft.write_text(value)
    draft.rename(at / name)


def turn_off(folder: Path, name: str) -> None:
    (folder / "switches" / name).unlink(missing_ok=True)


def install() -> None:
    """Put them into this process; before the program is imported."""
    _full_disk()
    _stuck_and_frozen()


def install_deaf(service: str) -> None:
    """The same for Kafka's transport, which the embedded stack never loads."""
    from services.runtime.kafka.transport import Consumer

    fetch = Consumer._may_fetch

    async def may_fetch(self: Consumer) -> bool:
        while _taken(f"deaf-{service}") or getattr(self, "_deaf", False):
            self._deaf = True  # type: ignore[attr-defined]  # ours
            await self.sleep(0.5)
        return await fetch(self)

    Consumer._may_fetch = may_fetch  # type: ignore[method-assign]  # what this file is for


def _full_disk() -> None:
    from sqlalchemy import event

    from services.runtime import database

    make = database._sqlite

    def sqlite(address: Any) -> Any:
        engine = make(address)

        @event.listens_for(engine, "begin")
        def limit(connection: Any) -> None:
            most = _read("disk")
            # A number below what the file has stands for what it has: not a page more.
            connection.exec_driver_sql(f"PRAGMA max_page_count = {int(most or 2**30)}")

        return engine

    database._sqlite = sqlite


def _stuck_and_frozen() -> None:
    from schemas.service_requests import RequestAccepted
    from services.runtime import consumer

    handle = consumer.Processor._handle

    def handling(self: consumer.Processor, work: Any, events: Sequence[Any]) -> None:
        handle(self, work, events)
        if _taken(f"stuck-{self.workshop.service}"):
            while True:
                time.sleep(1)
        types = {event.envelope.type for event in events}
        frozen = f"frozen-{self.workshop.service}"
        if types == {RequestAccepted.TYPE} and len(events) >= int(_read(frozen) or 1) and _taken(frozen):
            work.flush()
            # To this thread: sent to the process, another thread may take it, and this one commits before all stand still.
            signal.pthread_kill(threading.get_ident(), signal.SIGSTOP)

    consumer.Processor._handle = handling  # type: ignore[method-assign]  # what this file is for


def _read(name: str) -> str | None:
    try:
        return (Path(os.environ[FOLDER]) / name).read_text()
    except (KeyError, FileNotFoundError):
        return None


def _taken(name: str) -> bool:
    """Whether it was on, and is ours now."""
    try:
        (Path(os.environ[FOLDER]) / name).unlink()
    except (KeyError, FileNotFoundError):
        return False
    return True
