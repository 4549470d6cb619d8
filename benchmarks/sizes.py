"""How much each run measures: `make bench-quick`, `make bench`, `make bench-full`."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Size:
    """`seconds` of its own work for each program, but at least `least` events; `rounds` in turns; `copies` of the sample.

    Of stage S: the `backlogs` and `contracts` compared. `least_usual`: events of those who take milliseconds for each.
    """

    seconds: float
    least: int
    rounds: int
    copies: int
    backlogs: tuple[int, ...]
    contracts: tuple[int, ...]
    least_usual: int = 1_000

    @property
    def most(self) -> int:
        """As many events as the fastest program does in that time on a fast machine."""
        return max(self.least, int(self.seconds * 15_000), *self.backlogs)


SIZES: Final = {
    "quick": Size(1.0, least=2_000, rounds=1, copies=10, backlogs=(2_000, 6_000), contracts=(1_000,), least_usual=300),
    "usual": Size(4.0, least=10_000, rounds=3, copies=10, backlogs=(10_000, 40_000), contracts=(1_000, 100_000)),
    "full": Size(
        20.0,
        least=50_000,
        rounds=5,
        copies=100,
        backlogs=(10_000, 100_000, 1_000_000),
        contracts=(1_000, 100_000, 1_000_000),
        least_usual=10_000,
    ),
}
