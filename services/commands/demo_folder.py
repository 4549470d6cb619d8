"""The demo's data folder: made anew each time, and nothing in it is touched unless a demo made it."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from services.commands.sample import PASSWORDS
from services.stack import SERVICES

#: Says that a demo made the folder; locked while one runs in it.
MARK: Final = ".fixline-demo"

#: What the other commands need to look at the demo: FIXLINE_CONFIG=fixline-demo/fixline.toml fixline queue list
CONFIG: Final = "fixline.toml"


class NotOurs(Exception):
    """The folder holds something else, or another demo runs in it; the message says which, and the mend."""


@contextmanager
def fresh(folder: Path) -> Iterator[None]:
    """`folder` without anything of an earlier demo, ours until the block ends. Raises `NotOurs`."""
    mark = folder / MARK
    if folder.exists() and not mark.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise NotOurs(f"{folder} is no demo's folder and is left alone; name another with --data-dir")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = mark.open("a")
    except OSError as error:
        raise NotOurs(f"{folder}: {error.strerror}; name another folder with --data-dir") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise NotOurs(f"another demo runs in {folder}; end it, or name another folder with --data-dir") from error
        _empty(folder)
        yield


def _empty(folder: Path) -> None:
    """Only files that a demo makes, by their names; whatever else somebody put there stays."""
    databases = [f"{service}.db{end}" for service in SERVICES for end in ("", "-wal", "-shm")]
    for name in (*databases, "keys.json", PASSWORDS, CONFIG):
        (folder / name).unlink(missing_ok=True)
