"""How a status looks: its tone, its icon, its word. Each has a shape of its own; colour is never the only sign."""

from collections.abc import Mapping
from dataclasses import dataclass

from schemas.vocabulary import Status


@dataclass(frozen=True, slots=True)
class Look:
    """`tone` is a colour token of kit.css, `icon` a symbol of the sprite, `word` a key of the word list."""

    tone: str
    icon: str
    word: str


STATUS_LOOKS: Mapping[Status, Look] = {
    Status.ACKNOWLEDGED: Look("info", "ring", "status.acknowledged"),
    Status.IN_PROGRESS: Look("info", "half-ring", "status.inProgress"),
    Status.PENDING: Look("wait", "hand", "status.pending"),
    Status.HELD: Look("hold", "hourglass", "status.held"),
    Status.RESOLVED: Look("go", "tick", "status.resolved"),
    Status.REJECTED: Look("late", "barred-ring", "status.rejected"),
    Status.CANCELLED: Look("done", "cross", "status.cancelled"),
    Status.CLOSED: Look("done", "flag", "status.closed"),
}

#: The response clock beside a status.
CLOCK_LOOKS: Mapping[str, Look] = {
    "clock.soon": Look("wait", "three-quarter-dial", "clock.soon"),
    "clock.paused": Look("hold", "pause", "clock.is_paused"),
    "clock.late": Look("late", "full-dial", "clock.is_late"),
}

#: By status or clock state, as templates look them up.
LOOKS: Mapping[str, Look] = {**{str(status): look for status, look in STATUS_LOOKS.items()}, **CLOCK_LOOKS}
