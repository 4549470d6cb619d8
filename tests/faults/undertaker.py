"""Ends what a campaign started and did not end, because it was killed itself: no process outlives its campaign.

It waits for the end of its standard input, which is ours; then it kills whatever runs with a run's folder of this campaign
in its environment.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.faults.switches import FOLDER
from tests.servers import ROOT


@contextmanager
def nothing_left_behind(folder: Path) -> Iterator[None]:
    """While the block runs, and for whatever ends it."""
    command = [sys.executable, "-m", "tests.faults.undertaker", str(folder.resolve())]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, start_new_session=True) as process:
        yield
        assert process.stdin is not None
        process.stdin.close()


def bury(folder: str) -> None:
    """kill -9 of the program's processes that were started for a run below ``folder``."""
    mark = f"{FOLDER}={folder}/".encode()
    for environment in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):
            if any(one.startswith(mark) for one in environment.read_bytes().split(b"\0")):
                os.kill(int(environment.parent.name), signal.SIGKILL)


if __name__ == "__main__":
    sys.stdin.buffer.read()
    bury(sys.argv[1])
