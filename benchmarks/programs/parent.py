"""A program under test ends with whoever measures it: a benchmark that was killed leaves nothing running."""

import os
import threading
import time


def end_with_it() -> None:
    threading.Thread(target=_watch, args=(os.getppid(),), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(2)
    os._exit(1)
