"""Opening one request with its tracking code (docs/architecture.md, Identity).

A wrong code and an unknown number get the same answer after the same work. Five wrong codes, counted per request
number and per source, mean 15 minutes of waiting, for right codes too: otherwise the wait would tell which was right.
"""

from dataclasses import dataclass

from services.runtime.errors import Fault, Invalid, TooMany
from services.runtime.identity.codes import TrackingCodes, request_number
from services.runtime.identity.rates import Limit, RateLimiter

WRONG_CODES = Limit(5, 15 * 60)


@dataclass(frozen=True)
class Opening:
    codes: TrackingCodes
    limiter: RateLimiter

    def open(self, typed_number: str, code: str, source: str) -> str:
        """The request number that the code opens. Raises `Invalid` for a wrong pair, `TooMany` after five."""
        number = request_number(typed_number)
        counted = {"number": number or "none", "source": source}
        for name, key in counted.items():
            wait = self.limiter.blocked(f"code.{name}", key, WRONG_CODES)
            if wait is not None:
                raise TooMany(wait)
        if self.codes.matches(number or "000000000000", code) and number is not None:
            return number
        for name, key in counted.items():
            if key != "none":  # a number that cannot exist is no one's: only its source is counted
                self.limiter.hit(f"code.{name}", key, WRONG_CODES)
        raise Invalid([Fault("tracking_code", "tracking_code_wrong")])
