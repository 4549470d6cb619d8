"""The demo behind a real HTTP server: in a thread of this process, or as a process of its own that takes signals."""

import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

import uvicorn
from fastapi import FastAPI

from services.runtime.web.sse import Pace, ends_streams
from tests.unit.web.demo.build import Demo, a_demo

#: Faster than in earnest, so that tests see beats and ends.
QUICK = Pace(beat=0.3, look_again=0.1, life=60)


@dataclass(frozen=True)
class Served:
    demo: Demo
    url: str


@contextmanager
def served(pace: Pace = QUICK) -> Iterator[Served]:
    """The demo on a free port of 127.0.0.1, while the block runs."""
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    demo = a_demo(url, pace)
    server = uvicorn.Server(uvicorn.Config(demo.app, log_level="error", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield Served(demo, url)
    finally:
        demo.notes.signals.close()
        server.should_exit = True
        thread.join()


def main() -> None:
    """As a process: prints its port, then serves until a signal."""
    demo = a_demo(pace=Pace(look_again=60))

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        with ends_streams(demo.notes.signals):
            yield

    demo.app.router.lifespan_context = lifespan
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)  # noqa: T201 - read by the test that started us
    uvicorn.Server(uvicorn.Config(demo.app, log_level="error")).run(sockets=[listener])


if __name__ == "__main__":
    main()
