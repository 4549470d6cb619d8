"""A small provider's sample: contract data of 40 customers in four provinces, and one day of 60 requests.

Everyone in it is invented. The files never change by themselves and the day is a fixed one, so that the sample is decided
the same in a year: 24 visits, 14 devices sent in, 6 parts, 8 estimates, 8 to people (`MIX`).

Who looks for a special case finds: C-1001's server on three contracts (one lower, one ended); a machine sold by C-1004 to
C-1010; one serial under two types at C-1015 and C-1027; a swapped serial at C-1030; contracts that renew by themselves,
an addendum with months of its own, coverage that ends on the day, ended on the day before or begins next week; lapsed
subscriptions; the provider's own closed day in Alberta on the morrow.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from schemas.vocabulary import Channel, Outcome

#: Monday 2026-11-23, 10:00 in Toronto: when the day's first request is sent.
OPENS: Final = datetime(2026, 11, 23, 15, tzinfo=UTC)

#: What the day comes to.
MIX: Final = {
    Outcome.ONSITE_DISPATCH: 24,
    Outcome.MAIL_IN: 14,
    Outcome.PARTS_SHIPMENT: 6,
    Outcome.BILLABLE_ESTIMATE: 8,
    Outcome.REMOTE_SUPPORT: 2,
    Outcome.TRIAGE: 2,
    Outcome.SUBSCRIPTION_LAPSED: 1,
    Outcome.INCOMPLETE: 1,
    Outcome.CONTRACT_DESK: 1,
    Outcome.GENERAL_DESK: 1,
}


@dataclass(frozen=True, slots=True)
class Sent:
    """One request of the day: when (seconds after `OPENS`), how, and its JSON body; `external_id` names it."""

    at: int
    channel: Channel
    request: dict[str, Any]


def data_dir() -> Path:
    """The folder of the data files (docs/rules.md §1)."""
    return Path(str(files("services.routing.sample").joinpath("data")))


def day() -> list[Sent]:
    """The day's requests in their order. Web requests are such as anybody may send; agents ask the rest."""
    lines = files("services.routing.sample").joinpath("day.ndjson").read_text(encoding="utf-8").splitlines()
    return [Sent(sent["at"], Channel(sent["channel"]), sent["request"]) for sent in map(json.loads, lines)]
