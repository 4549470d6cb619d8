"""What is asked: requests as customers write them, each with a mark that nobody else's has.

The mark names the customer and the intention: `canary-F-003-17-api-42`. Where it is found later tells whose request that was,
and two requests with one mark are one request that was taken twice.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

from tests.faults.accounts import Machine

#: In the text of each request. Customer numbers are letter, dash, digits; `X-0` is a stranger's.
CANARY: Final = re.compile(r"canary-([A-Z]-[0-9]+)-[0-9]+-[a-z0-9.]+-[0-9]+")
STRANGER: Final = "X-0"

_STORIES: Final = (
    ("en", "It is dead: no lights, no fan, nothing since this morning."),
    ("fr", "Il ne démarre plus depuis ce matin; tous les voyants restent éteints."),
    ("en", "The screen stays black while the fan is running."),
    ("fr", "L'écran reste noir et le disque claque."),
)


@dataclass
class Bodies:
    """One client's requests: the same seed and name make the same ones in the same order."""

    seed: int
    client: str
    machines: Sequence[Machine]
    random: Random = field(init=False)
    _count: int = 0

    def __post_init__(self) -> None:
        self.random = Random(f"{self.seed}/{self.client}")  # noqa: S311  # a campaign that can be repeated, not a secret

    def mark(self, customer: str) -> str:
        """A new one; `STRANGER` for somebody who proved nothing."""
        self._count += 1
        return f"canary-{customer}-{self.seed}-{self.client}-{self._count}"

    def request(self, machine: Machine | None = None) -> tuple[dict[str, Any], Machine]:
        """A repair of one of the machines; a few name no serial number, so that they can be amended."""
        chosen = machine or self.random.choice(self.machines)
        language, story = self.random.choice(_STORIES)
        mark = self.mark(chosen.customer)
        named: dict[str, Any] = {"type": chosen.type, "serial": chosen.serial}
        if self.random.random() < 0.02:
            named = {"type": chosen.type}
        body = {
            "kind": "hardware_repair" if self.random.random() < 0.9 else "repair",
            "customer_number": chosen.customer,
            "machine": named,
            "language": language,
            "text": f"{story} {mark}",
            "contact": {"name": mark},
            "external_id": mark,
        }
        return body, chosen

    def other(self, body: dict[str, Any]) -> dict[str, Any]:
        """The same request with another text: under the same key it is a conflict."""
        return {**body, "text": f"{body['text']} And something else."}

    def key(self) -> str:
        return f"{self.client}-{self.random.getrandbits(64):016x}"

    def chance(self, share: float) -> bool:
        return self.random.random() < share
