"""Who is calling? Asked of routing, which owns contract data; 250 ms at most, and no answer never stops a call."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx
import structlog

PATIENCE = 0.25

logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Found:
    """``customer`` when exactly one fits, with what they hold; else ``several``, without. ``away``: routing did not answer."""

    customer: Mapping[str, Any] | None = None
    several: tuple[Mapping[str, Any], ...] = ()
    away: bool = False


@dataclass(frozen=True)
class Customers:
    """Routing's customers, over HTTP."""

    client: httpx.Client

    def find(self, typed: str) -> Found:
        """By customer number, else by telephone, else by a part of the name."""
        if not typed.strip():
            return Found()
        try:
            held = self._held(typed.strip())
            if held is not None:
                return Found(customer=held)
            by = "phone" if sum(one.isdigit() for one in typed) >= 7 else "name"
            fitting = self._get("/api/customers", {by: typed})["customers"]
            if len(fitting) == 1:
                return Found(customer=self._held(str(fitting[0]["number"])))
            return Found(several=tuple(fitting))
        except (httpx.HTTPError, ValueError, LookupError, TypeError) as error:
            logger.warning("customers.away", error=type(error).__name__)
            return Found(away=True)

    def at_address(self, email: str) -> list[str] | None:
        """The numbers of the customers that have this address on file; None: routing did not answer."""
        try:
            return [str(one["number"]) for one in self._get("/api/customers", {"email": email})["customers"]]
        except (httpx.HTTPError, ValueError, LookupError, TypeError) as error:
            logger.warning("customers.away", error=type(error).__name__)
            return None

    def _held(self, number: str) -> Mapping[str, Any] | None:
        answer = self.client.get(f"/api/customers/{quote(number[:64], safe='')}")
        if answer.status_code == httpx.codes.NOT_FOUND:
            return None
        held: Mapping[str, Any] = answer.raise_for_status().json()
        return held

    def _get(self, path: str, params: Mapping[str, str]) -> dict[str, Any]:
        answer = self.client.get(path, params={name: value[:100] for name, value in params.items()})
        found: dict[str, Any] = answer.raise_for_status().json()
        return found


def customers_at(routing_url: str, service_key: str) -> Customers:
    headers = {"Authorization": f"Bearer {service_key}", "Accept": "application/json"}
    return Customers(httpx.Client(base_url=routing_url, headers=headers, timeout=PATIENCE, trust_env=False))
