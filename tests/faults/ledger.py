"""The ledger: a line on the disk before each call, and one after it (FORMAT.md).

What is not in the ledger was not asked. A call whose second line is missing has an unknown outcome, as has one whose
answer was lost: the checker allows both, and demands each acknowledged one.
"""

import asyncio
import os
import queue
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import orjson

#: How a call ended. Unknown: it may have been done or not.
OK: Final = "ok"
FAIL: Final = "fail"
UNKNOWN: Final = "unknown"
#: The line before it.
CALL: Final = "call"


@dataclass
class Ledger:
    """One open file; a thread of its own writes and syncs, so that callers at the same time share one fsync."""

    path: Path
    _waiting: "queue.SimpleQueue[tuple[bytes, Future[None]] | None]" = field(default_factory=queue.SimpleQueue)
    _thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._run, name=f"ledger {self.path.name}")
        self._thread.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self._waiting.put(None)
        if self._thread is not None:
            self._thread.join()

    async def write(self, line: Mapping[str, Any]) -> None:
        """Returns when the line is on the disk; `at` is put in front."""
        await asyncio.wrap_future(self.put(line))

    def put(self, line: Mapping[str, Any]) -> "Future[None]":
        """The same for threads: the future is done when the line is on the disk."""
        done: Future[None] = Future()
        self._waiting.put((orjson.dumps({"at": now(), **line}) + b"\n", done))
        return done

    def _run(self) -> None:
        with self.path.open("ab", buffering=0) as out:
            going_on = True
            while going_on:
                lines, going_on = self._gather()
                out.write(b"".join(line for line, _ in lines))
                os.fsync(out.fileno())
                for _, done in lines:
                    done.set_result(None)

    def _gather(self) -> tuple[list[tuple[bytes, "Future[None]"]], bool]:
        """All that waits by now, at least one; False at the end."""
        lines = []
        found = self._waiting.get()
        while found is not None:
            lines.append(found)
            try:
                found = self._waiting.get_nowait()
            except queue.Empty:
                return lines, True
        return lines, False


def now() -> str:
    """The real instant, to the microsecond, in UTC."""
    return datetime.now(UTC).isoformat()


def lines(path: Path) -> Iterator[dict[str, Any]]:
    """Each line of a file of the run, one by one; a last line that was cut off by a kill is left out."""
    if not path.exists():
        return
    with path.open("rb") as file:
        for line in file:
            if line.endswith(b"\n"):
                yield orjson.loads(line)
