"""Only so many are inside at once; the others are asked to come again, and those who watch take no place."""

import asyncio
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from services.runtime.errors import Refused
from services.runtime.web.doors import Doors


@dataclass
class House:
    """An app whose requests stay inside until they are let go. `stream`: it answers with an event stream."""

    stream: bool = False
    go: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        kind = b"text/event-stream" if self.stream else b"text/plain"
        if self.stream:
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", kind)]})
        await self.go.wait()
        if not self.stream:
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", kind)]})
        await send({"type": "http.response.body", "body": b""})


def refusing(_request: Request, refused: Refused) -> Response:
    return Response(refused.code, refused.http_status, {"Retry-After": str(refused.retry_after)})


async def knock(doors: Doors, path: str = "/") -> Message:
    """How the answer begins."""
    heard: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b""}

    async def send(message: Message) -> None:
        heard.append(message)

    scope = {"type": "http", "method": "GET", "path": path, "headers": [], "query_string": b""}
    await doors(scope, receive, send)
    return heard[0]


async def settle() -> None:
    """Everybody who can go on has gone on."""
    for _ in range(5):
        await asyncio.sleep(0)


def test_one_too_many_is_asked_to_come_again() -> None:
    """503 and Retry-After at once; when somebody leaves there is room."""

    async def scenario() -> None:
        house = House()
        doors = Doors(house, 2, refusing)
        inside = [asyncio.create_task(knock(doors)) for _ in range(2)]
        await settle()
        refused = await knock(doors)
        assert refused["status"] == 503
        assert (b"retry-after", b"2") in refused["headers"]
        house.go.set()
        assert [(await one)["status"] for one in inside] == [200, 200]
        assert (await knock(doors))["status"] == 200
        assert doors.inside == 0

    asyncio.run(scenario())


def test_health_is_always_let_in() -> None:
    """An overload must not look like a death."""

    async def scenario() -> None:
        house = House()
        doors = Doors(house, 1, refusing)
        inside = asyncio.create_task(knock(doors))
        await settle()
        health = asyncio.create_task(knock(doors, "/healthz"))
        await settle()
        house.go.set()
        assert [(await one)["status"] for one in (inside, health)] == [200, 200]

    asyncio.run(scenario())


def test_an_event_stream_gives_its_place_back_when_it_has_begun() -> None:
    """Pages are watched for minutes; the place is given back once, also when the stream ends."""

    async def scenario() -> None:
        house = House(stream=True)
        doors = Doors(house, 1, refusing)
        watching = [asyncio.create_task(knock(doors)) for _ in range(3)]
        await settle()
        assert doors.inside == 0
        house.go.set()
        assert [(await one)["status"] for one in watching] == [200, 200, 200]
        assert doors.inside == 0

    asyncio.run(scenario())
