"""Pages that are followed: a request's stream, read line by line, left and taken up again with Last-Event-ID.

Each watcher follows one request at a time, as its customer or with its tracking code, and now and then asks for somebody
else's, which must look as if it were not there.
"""

import asyncio
from dataclasses import dataclass
from typing import Any, Final

import httpx
import orjson

from tests.faults.generator.bodies import Bodies
from tests.faults.generator.calls import Caller, Who, pause
from tests.faults.generator.pace import Board, Known
from tests.faults.ledger import Ledger

#: Seconds that one request is followed, and that one connection is kept.
FOLLOWED, CONNECTED = (15.0, 60.0), (1.0, 15.0)
#: A page that is read for this long without a line, when all is at rest, has them all.
REST: Final = 2.0
#: Among so many of the last that were acknowledged a page chooses.
_NEWEST: Final = 10


@dataclass
class _Place:
    """The id of the last line that a page has seen."""

    last: int


@dataclass
class Watcher:
    """One page. `stopping`: no new request; `finishing`: all is at rest, read what is left and end."""

    caller: Caller
    board: Board
    bodies: Bodies
    seen: Ledger
    stopping: asyncio.Event
    finishing: asyncio.Event

    async def run(self) -> None:
        while not self.stopping.is_set():
            if not self.board.pages:
                await pause(0.3, self.stopping)
                continue
            # The newest: there is still something to come.
            known = self.bodies.random.choice(list(self.board.pages)[-_NEWEST:])
            await self._follow(known)

    async def _follow(self, known: Known) -> None:
        """Follow it for a while; whoever follows when the campaign stops, follows to the end."""
        name = f"{self.bodies.client}-{known.number}-{self.bodies.random.getrandbits(24):06x}"
        last, connection = 0, 0
        loop = asyncio.get_running_loop()
        ends = loop.time() + self.bodies.random.uniform(*FOLLOWED)
        while not self.finishing.is_set() and (self.stopping.is_set() or loop.time() < ends):
            connection += 1
            if not self.stopping.is_set():
                await self._look_around(known)
            last = await self._connect(name, known, last, connection, self.bodies.random.uniform(*CONNECTED))
        if not self.finishing.is_set():
            return
        for _ in range(5):
            connection += 1
            before, last = last, await self._connect(name, known, last, connection, REST)
            if before == last and last > 0:
                break
        self._note(name, known, connection, event="closed", id=last, data=None)

    async def _connect(self, name: str, known: Known, last: int, connection: int, seconds: float) -> int:
        """One connection; the id of the last line seen. The end of its time is not a time-out around the stream: between
        two libraries' own, such a cancellation can get lost, and the page would be read for ever."""
        place = _Place(last)
        reading = asyncio.create_task(self._read(name, known, place, connection))
        await asyncio.wait({reading}, timeout=seconds)
        while not reading.done():
            reading.cancel()
            await asyncio.wait({reading}, timeout=1)
        return place.last

    async def _read(self, name: str, known: Known, place: "_Place", connection: int) -> None:
        """Until it ends, or is cancelled."""
        who = self._who(known)
        address = f"{self.caller.where.notifier}/api/requests/{known.number}/events"
        try:
            headers = {**await self.caller.headers(who), "Accept": "text/event-stream"}
            if who.token is None:
                headers["Tracking-Code"] = known.code
            if place.last:
                headers["Last-Event-ID"] = str(place.last)
            async with self.caller.http.stream("GET", address, headers=headers) as answer:
                if answer.status_code != httpx.codes.OK:
                    await asyncio.sleep(0.5)
                    return
                self.caller.tally.add("reconnects")
                event: dict[str, str] = {}
                async for line in answer.aiter_lines():
                    if line:
                        field, _, value = line.partition(":")
                        event[field] = value.removeprefix(" ")
                        continue
                    if event.get("event") == "change":
                        place.last = int(event["id"])
                        self.caller.tally.add("lines_seen")
                        data = orjson.loads(event["data"])
                        self._note(name, known, connection, event="change", id=place.last, data=data)
                    event = {}
        except Exception:  # an outage: the page tries again
            await asyncio.sleep(0.5)

    def _note(self, name: str, known: Known, connection: int, **what: Any) -> None:
        line = {"watcher": name, "number": known.number, "customer": known.customer, "connection": connection}
        self.seen.put(line | what)

    async def _look_around(self, known: Known) -> None:
        """Its own standing, and somebody else's, with what this customer has in hand."""
        who = self._who(known)
        mine = {} if who.token else {"Tracking-Code": known.code}
        base = f"{self.caller.where.notifier}/api/requests"
        await self.caller.call(who, "look", "GET", f"{base}/{known.number}", headers=mine, number=known.number)
        other = self.board.another(self.bodies.random, known.customer)
        if other is not None and who.token is not None:
            self.caller.tally.add("pries")
            await self.caller.call(who, "pry", "GET", f"{base}/{other.number}", number=other.number)
            stream = f"{base}/{other.number}/events"
            await self.caller.call(who, "pry", "GET", stream, number=other.number)
            await self.caller.call(
                who, "pry", "POST", f"{self.caller.where.intake}/api/requests/{other.number}/cancel",
                body={"reason": "Not mine."}, number=other.number,
            )  # fmt: skip

    def _who(self, known: Known) -> Who:
        token = self.caller.clients.tokens.get(known.customer)
        return Who(self.bodies.client, "page", acts_for=known.theirs, token=token)
