"""How much each run measures: `make bench-quick`, `make bench`, `make bench-full`."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Size:
    """`seconds` of its own work for each program, but at least `least` events; `rounds` in turns; `copies` of the sample.

    `whole`: also what no ratio is made of (other clients, another floor, scaling, bytes), and first runs that are not counted,
    which say how many events those seconds are; else all get `least`. Of stage I: how many `clients` at once. Of S: the
    `backlogs` and `contracts` compared. Of L: its seconds at each rate (`watching`). `least_usual`: events of those who take
    milliseconds for each.
    """

    seconds: float
    least: int
    rounds: int
    copies: int
    backlogs: tuple[int, ...]
    contracts: tuple[int, ...]
    whole: bool = True
    clients: tuple[int, ...] = (1, 16, 64, 256)
    watching: float = 20.0
    least_usual: int = 1_000

    @property
    def most(self) -> int:
        """As many events as the fastest program does in that time on a fast machine."""
        return max(self.least, int(self.seconds * 15_000), *self.backlogs)


SIZES: Final = {
    "quick": Size(
        0.5,
        least=1_000,
        rounds=1,
        copies=10,
        backlogs=(1_000,),
        contracts=(1_000,),
        whole=False,
        clients=(1, 64),
        watching=2.5,
        least_usual=100,
    ),
    "usual": Size(4.0, least=10_000, rounds=3, copies=10, backlogs=(10_000, 40_000), contracts=(1_000, 100_000)),
    "full": Size(
        10.0,
        least=20_000,
        rounds=3,
        copies=100,
        backlogs=(10_000, 100_000, 1_000_000),
        contracts=(1_000, 100_000, 1_000_000),
        watching=120.0,  # of its 24,000 requests 2,400 are watched: fewer have no p99.9
        least_usual=3_000,
    ),
}
