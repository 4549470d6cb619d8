"""How much each run measures: `make bench-quick`, `make bench`, `make bench-full`."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Size:
    """`seconds` of its own work for each program, but at least `least` events; `rounds` in turns; `copies` of the sample."""

    seconds: float
    least: int
    rounds: int
    copies: int

    @property
    def most(self) -> int:
        """As many events as the fastest program does in that time on a fast machine."""
        return max(self.least, int(self.seconds * 15_000))


SIZES: Final = {
    "quick": Size(seconds=1.0, least=3_000, rounds=1, copies=10),
    "usual": Size(seconds=5.0, least=10_000, rounds=3, copies=10),
    "full": Size(seconds=20.0, least=50_000, rounds=5, copies=1_000),
}
