"""How many may be inside at once (docs/operations.md, Overload).

Work that cannot be done in time is better refused at the door, before its body is read, than queued until everybody waits:
those inside keep their speed, and the memory has a bound. Who is refused is told when to come again.

An event stream gives its place back once it has begun: it costs little and stays for minutes. Health and metrics are
always let in, or an overload would look like a death.
"""

from collections.abc import Callable
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.runtime.errors import Refused, Unavailable
from services.runtime.web.middleware import QUIET

#: Seconds until it is worth knocking again.
_RETRY = 2


@dataclass
class Doors:
    """Plain ASGI; all on one event loop, so that the count needs no lock. ``most``: requests in hand in this process."""

    app: ASGIApp
    most: int
    answer: Callable[[Request, Refused], Response]
    inside: int = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in QUIET:
            await self.app(scope, receive, send)
            return
        if self.inside >= self.most:
            await self.answer(Request(scope, receive), Unavailable(_RETRY, "overloaded"))(scope, receive, send)
            return
        await self._let_in(scope, receive, send)

    async def _let_in(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.inside += 1
        holds = True

        def leave() -> None:
            nonlocal holds
            self.inside -= holds
            holds = False

        async def watch(message: Message) -> None:
            if message["type"] == "http.response.start":
                kind = Headers(raw=message["headers"]).get("content-type", "")
                if kind.startswith("text/event-stream"):
                    leave()
            await send(message)

        try:
            await self.app(scope, receive, watch)
        finally:
            leave()
