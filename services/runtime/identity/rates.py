"""How often is too often. Counted per name and key in fixed windows, in memory for one process, in SQL for several."""

import ipaddress
from dataclasses import dataclass
from math import ceil
from time import time

from limits import RateLimitItemPerSecond
from limits.storage import MemoryStorage, Storage
from limits.strategies import FixedWindowRateLimiter
from starlette.requests import Request


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `amount` in any window of `seconds`."""

    amount: int
    seconds: int


class RateLimiter:
    """`hit` before doing what is limited, `blocked` where only failures count."""

    def __init__(self, storage: Storage | None = None) -> None:
        self._windows = FixedWindowRateLimiter(storage or MemoryStorage())

    def hit(self, name: str, key: str, limit: Limit) -> int | None:
        """Count one. None while within the limit, else the seconds to wait."""
        if self._windows.hit(_item(limit), name, key):
            return None
        return self._wait(name, key, limit)

    def blocked(self, name: str, key: str, limit: Limit) -> int | None:
        """The seconds to wait when the limit is used up, without counting."""
        if self._windows.test(_item(limit), name, key):
            return None
        return self._wait(name, key, limit)

    def forget(self, name: str, key: str, limit: Limit) -> None:
        self._windows.clear(_item(limit), name, key)

    def _wait(self, name: str, key: str, limit: Limit) -> int:
        return max(1, ceil(self._windows.get_window_stats(_item(limit), name, key).reset_time - time()))


def source_of(request: Request) -> str:
    """Whom to count: the client's address as the server saw it, an IPv6 one cut to its /64 (one household, one line).

    Behind a proxy uvicorn must be told to trust its X-Forwarded-For, and no other's (docs/operations.md).
    """
    host = request.client.host if request.client else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host or "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def _item(limit: Limit) -> RateLimitItemPerSecond:
    return RateLimitItemPerSecond(limit.amount, limit.seconds, namespace="fixline")
