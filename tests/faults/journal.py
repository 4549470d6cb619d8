"""A file that only grows, one JSON object a line, each whole as soon as it is written: what happened, and when."""

import threading
from datetime import UTC, datetime
from pathlib import Path

import orjson


class Journal:
    """Written from any thread. ``at`` is the real time, whatever clock the program was given."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab", buffering=0)
        self._lock = threading.Lock()

    def write(self, **fact: object) -> None:
        line = orjson.dumps({"at": datetime.now(UTC), **fact}, option=orjson.OPT_UTC_Z, default=str)
        with self._lock:
            self._file.write(line + b"\n")

    def close(self) -> None:
        self._file.close()
