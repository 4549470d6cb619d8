"""Event streams for live pages (docs/architecture.md, Web).

A stream reads what is newer than `Last-Event-ID`, sends it, and waits for a signal; it looks again every few seconds
even without one, so that a lost signal costs seconds. A `beat` event every 15 s tells the page that the line is alive (a
comment would be invisible to scripts) and brings the words that the page shows should the line go quiet. A stream ends
after 15 minutes, and at once when the server stops; the browser comes back by itself, and who it is is checked anew.
"""

import asyncio
import signal as signals_of_the_system
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic
from types import FrameType

import anyio
import orjson
from fastapi.sse import ServerSentEvent, format_sse_event
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from services.runtime.web.signal import Signals

BEAT = 15.0
LOOK_AGAIN = 5.0
LIFE = 15 * 60.0
RECONNECT_MS = 2000
LONGEST_ID = 200

#: What is newer than an event id (None: from the beginning). Runs in a worker thread; at most a few hundred a call.
Read = Callable[[str | None], Sequence[ServerSentEvent]]


@dataclass(frozen=True)
class Pace:
    """Seconds between beats, between looks without a signal, and until a stream ends."""

    beat: float = BEAT
    look_again: float = LOOK_AGAIN
    life: float = LIFE


class EventStream(StreamingResponse):
    """Sends `ServerSentEvent`s; stops as soon as the client is gone."""

    media_type = "text/event-stream"

    def __init__(self, events: AsyncIterator[ServerSentEvent]) -> None:
        super().__init__(_encoded(events), headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # Starlette waits for a failing send under newer ASGI versions; an idle stream would outlive its client by a beat.
        async with anyio.create_task_group() as group:

            async def run() -> None:
                await self.stream_response(send)
                group.cancel_scope.cancel()

            group.start_soon(run)
            await self.listen_for_disconnect(receive)
            group.cancel_scope.cancel()


def last_event_id(request: Request) -> str | None:
    """Where a returning browser wants to go on; None at the first visit or for something that cannot be an id of ours."""
    given = request.headers.get("last-event-id") or request.query_params.get("last_event_id")
    return given if given and given.isprintable() and len(given) <= LONGEST_ID else None


def stream(
    request: Request,
    signals: Signals,
    channel: str,
    read: Read,
    *,
    beat: Callable[[], object] = dict,
    pace: Pace = Pace(),
) -> EventStream:
    """Live events of one channel, from `Last-Event-ID` on. Check who may *before* calling: nothing is asked later.

    Each event must have an `id` that `read` understands; the last one sent is handed back to it. `beat()` is sent as the
    data of each beat, e.g. `{"paused": t("live.paused", time=…)}`.
    """
    return EventStream(_events(last_event_id(request), signals, channel, read, beat, pace))


async def _events(
    after: str | None, signals: Signals, channel: str, read: Read, beat: Callable[[], object], pace: Pace
) -> AsyncIterator[ServerSentEvent]:
    ends, next_beat = monotonic() + pace.life, monotonic() + pace.beat
    with signals.listen(channel) as bell:
        yield ServerSentEvent(event="beat", data=beat(), retry=RECONNECT_MS)
        while not bell.closed and monotonic() < ends:
            for event in await run_in_threadpool(read, after):
                after = event.id if event.id is not None else after
                yield event
            await bell.wait(min(pace.look_again, max(0.0, next_beat - monotonic())))
            if monotonic() >= next_beat and not bell.closed:
                yield ServerSentEvent(event="beat", data=beat())
                next_beat = monotonic() + pace.beat


async def _encoded(events: AsyncIterator[ServerSentEvent]) -> AsyncIterator[bytes]:
    async for event in events:
        data = event.raw_data if event.raw_data is not None else orjson.dumps(event.data).decode()
        yield format_sse_event(data_str=data, event=event.event, id=event.id, retry=event.retry, comment=event.comment)


@contextmanager
def ends_streams(signals: Signals) -> Iterator[None]:
    """While the app runs (in its lifespan): SIGTERM and SIGINT end the streams first.

    uvicorn waits for open connections before it ends the lifespan, and a stream never ends by itself: without this a
    stop would last until the server's patience is over. Outside the main thread (tests) there is nothing to hook.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        signals.close()
        return
    loop = asyncio.get_running_loop()
    before = {number: signals_of_the_system.getsignal(number) for number in _STOPS}

    def stop(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(signals.close)
        handler = before[signals_of_the_system.Signals(number)]
        if callable(handler):
            handler(number, frame)

    for number in _STOPS:
        signals_of_the_system.signal(number, stop)
    try:
        yield
    finally:
        signals.close()
        for number, handler in before.items():
            signals_of_the_system.signal(number, handler)


_STOPS = (signals_of_the_system.SIGTERM, signals_of_the_system.SIGINT)
