"""While a broker is away its clients log the same few lines thousands of times. Each is let through once in a while."""

import logging
import time
from collections.abc import Callable

_TALKERS = frozenset({"kafka", "aiokafka", "faust", "mode"})
_EVERY = 30.0


class OnceInAWhile(logging.Filter):
    """Passes a line of the Kafka libraries when the same place said nothing in the last ``every`` seconds."""

    def __init__(self, every: float = _EVERY, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self.every, self.clock = every, clock
        self._said: dict[tuple[str, int], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.partition(".")[0] not in _TALKERS:
            return True
        place, now = (record.name, record.lineno), self.clock()
        if now - self._said.get(place, -self.every) < self.every:
            return False
        self._said[place] = now
        return True


def calm_logs() -> None:
    """Put the filter on the root logger's handlers, through which everything goes. Twice does no more than once."""
    for handler in logging.getLogger().handlers:
        if not any(isinstance(known, OnceInAWhile) for known in handler.filters):
            handler.addFilter(OnceInAWhile())
    # Below this they log each record, key and value.
    for name in ("kafka", "aiokafka"):
        logger = logging.getLogger(name)
        logger.setLevel(max(logging.INFO, logger.getEffectiveLevel()))
