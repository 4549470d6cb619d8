"""Event streams on a real server: resumed, beating, ended with the client and with the server."""

import asyncio
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import httpx
import pytest

from services.runtime.web.signal import Signals
from services.runtime.web.sse import Pace
from tests.unit.web.serving import QUICK, Served, served


@pytest.fixture(scope="module")
def live() -> Iterator[Served]:
    with served() as running:
        yield running


def events(lines: Iterator[str], count: int) -> list[dict[str, str]]:
    """The next events of a stream, without beats."""
    found: list[dict[str, str]] = []
    event: dict[str, str] = {}
    for line in lines:
        if line:
            name, _, value = line.partition(": ")
            event[name] = value
            continue
        if event.get("event") != "beat":
            found.append(event)
        event = {}
        if len(found) == count:
            break
    return found


def test_a_stream_brings_what_is_there_and_what_comes(live: Served) -> None:
    """In order, each with its id; what a worker thread adds arrives at once, not at the next look."""
    live.demo.notes.texts[:] = ["one", "two"]
    with httpx.stream("GET", f"{live.url}/api/notes/events", timeout=5) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["x-accel-buffering"] == "no"
        lines = answer.iter_lines()
        assert [event["id"] for event in events(lines, 2)] == ["1", "2"]
        threading.Timer(0.2, live.demo.notes.add, ["three"]).start()
        assert events(lines, 1) == [{"event": "change", "data": '{"version":3}', "id": "3"}]


@pytest.mark.parametrize(("last", "first"), [("2", "3"), ("0", "1"), ("nonsense", "1"), ("9" * 300, "1")])
def test_a_stream_goes_on_after_the_last_event(live: Served, last: str, first: str) -> None:
    """`Last-Event-ID` is what the browser sends by itself; what cannot be an id of ours begins anew."""
    live.demo.notes.texts[:] = ["one", "two", "three"]
    with httpx.stream("GET", f"{live.url}/api/notes/events", headers={"Last-Event-ID": last}, timeout=5) as answer:
        assert events(answer.iter_lines(), 1)[0]["id"] == first


def test_a_quiet_stream_beats_with_the_words_for_silence(live: Served) -> None:
    """So that the page knows the line is alive; the words are in the page's language."""
    live.demo.notes.texts.clear()
    with httpx.stream("GET", f"{live.url}/api/notes/events?lang=fr", timeout=5) as answer:
        lines = answer.iter_lines()
        head = [next(lines) for _ in range(4)]
        assert head[0] == "event: beat"
        assert head[1] == 'data: {"paused":"Mise à jour en direct suspendue, dernières nouvelles\u00a0: 10\u00a0h"}'
        assert head[2] == "retry: 2000"
        started = time.monotonic()
        assert next(lines) == "event: beat"
        assert time.monotonic() - started < 10 * QUICK.beat


def test_a_stream_ends_with_its_client(live: Served) -> None:
    """Nobody is left listening on the channel once the connection is gone."""
    with httpx.stream("GET", f"{live.url}/api/notes/events", timeout=5) as answer:
        lines = answer.iter_lines()
        next(lines)
        assert live.demo.notes.signals._listening
    deadline = time.monotonic() + 5
    while live.demo.notes.signals._listening and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not live.demo.notes.signals._listening


def test_a_stream_does_not_live_for_ever() -> None:
    """After its time the browser has to come back, and who it is is asked again."""
    with served(Pace(beat=5, look_again=0.05, life=0.3)) as running:
        started = time.monotonic()
        with httpx.stream("GET", f"{running.url}/api/notes/events", timeout=5) as answer:
            assert list(answer.iter_lines())
        assert time.monotonic() - started < 3


def test_a_server_that_is_told_to_stop_does_not_wait_for_its_streams() -> None:
    """SIGTERM ends them at once, although the stream would have been quiet for a minute."""
    command = [sys.executable, "-m", "tests.unit.web.serving"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        port = int(process.stdout.readline())
        with httpx.stream("GET", f"http://127.0.0.1:{port}/api/notes/events", timeout=30) as answer:
            lines = answer.iter_lines()
            next(lines)
            started = time.monotonic()
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=20) in (0, -signal.SIGTERM)
            assert time.monotonic() - started < 3


def test_news_between_two_waits_is_kept() -> None:
    """A listener that was busy hears it at its next wait; another channel's news is not its own."""

    async def listens() -> list[bool]:
        signals = Signals()
        with signals.listen("a") as bell:
            signals.notify("a")
            signals.notify("a")
            heard = [await bell.wait(1), await bell.wait(0.01)]
            signals.notify("b")
            heard.append(await bell.wait(0.01))
            threading.Thread(target=signals.notify, args=["a"]).start()
            heard.append(await bell.wait(1))
        assert not signals._listening
        return heard

    assert asyncio.run(listens()) == [True, False, False, True]


def test_closing_wakes_everybody_and_keeps_nobody() -> None:
    """Those who listen, and those who come later."""

    async def closes() -> tuple[bool, bool, float]:
        signals, started = Signals(), time.monotonic()
        with signals.listen("a") as bell:
            asyncio.get_running_loop().call_later(0.05, signals.close)
            woken = await bell.wait(5)
        later = await signals.wait("b", 5)
        return woken, later, time.monotonic() - started

    woken, later, seconds = asyncio.run(closes())
    assert (woken, later) == (False, False)
    assert seconds < 1


def test_a_signal_after_the_loop_has_ended_hurts_nobody() -> None:
    """A worker thread may finish a transaction while the server is going down."""
    signals = Signals()

    async def leaves() -> None:
        listening = signals.listen("a")
        listening.__enter__()

    asyncio.run(leaves())
    signals.notify("a")
