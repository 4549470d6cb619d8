"""Requests of an answered kind, as each sort of submitter sends them, and callers with a tracking code."""

from datetime import date
from typing import Any

from fastapi.testclient import TestClient

from schemas.message import Message
from schemas.service_requests import Submitter
from schemas.vocabulary import Channel, ContractKind
from services.routing.data_files.layout import Row
from services.runtime.identity.codes import TrackingCodes
from tests.builders import a_number, an_acceptance
from tests.service.routing.browsing import Browsing
from tests.service.routing.harness import a_contract, an_entitlement

BY_CUSTOMER = Submitter(type="customer", id="C-1", customer_number="C-1")
BY_PROGRAM = Submitter(type="token", id="t1", customer_number="C-1")
BY_AGENT = Submitter(type="staff", id="agent1", customer_number="C-1")
BY_STRANGER = Submitter(type="anonymous")

CODES = TrackingCodes(b"t" * 32)  # as `browsing` has them


def asked(
    kind: str = "covered_devices",
    index: int = 1,
    *,
    by: Submitter = BY_CUSTOMER,
    channel: Channel = Channel.WEB,
    **given: Any,
) -> Message:
    """An acceptance from customer C-1."""
    request = {"kind": kind, "customer_number": "C-1", "text": None, **given}
    accepted = an_acceptance(a_number(index), **request)
    return accepted.model_copy(update={"submitter": by, "channel": channel})


def by_code(web: Browsing, number: str = "", code: str | None = None) -> TestClient:
    """Nobody but the holder of a request's tracking code, right or wrong."""
    client = web.anonymous()
    client.headers["Tracking-Code"] = CODES.code(number or a_number()) if code is None else code
    return client


def some_software() -> list[Row]:
    """Beside what `a_provider` has: a lapsed product, and a warranty that begins next year."""
    return [
        an_entitlement("P-2", product_name="Archive", subscription_end=date(2026, 6, 30)),
        a_contract("W-1", kind=ContractKind.WARRANTY, start_date=date(2027, 1, 1), service_level=None),
    ]
