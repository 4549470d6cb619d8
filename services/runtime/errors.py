"""What can go wrong when somebody asks, said once below and shown once above.

A capability raises one of these; the edge turns it into a problem document (programs) or a page (people),
in the caller's language (services/runtime/web/problems.py). None carries a finished sentence: a `code` names the
phrase `error.<code>` in the word lists, `values` fill its placeholders. Nothing here may hold a secret: both are shown.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with one field.

    `path` is as the caller wrote it (`machine.serial`, `lines.3`), or a header or query parameter's name;
    empty for the body as a whole. `code` is stable; the sentence comes from the phrase `error.<code>`.
    """

    path: str
    code: str
    values: Mapping[str, object] = field(default_factory=dict)


class Refused(Exception):
    """A request that is answered with a 4xx or 503. Raise one of the kinds below."""

    status: ClassVar[int] = 400
    default_code: ClassVar[str] = "refused"

    def __init__(self, code: str | None = None, /, **values: object) -> None:
        self.code = code or self.default_code
        self.values: Mapping[str, object] = values
        super().__init__(self.code)

    @property
    def http_status(self) -> int:
        return self.status

    @property
    def retry_after(self) -> int | None:
        """Seconds to wait before asking again, where waiting helps."""
        return None


class Invalid(Refused):
    """What was sent cannot be taken; each fault names its field. 422, or 400, 413, 415 where the body itself is unfit."""

    status = 422
    default_code = "invalid"

    def __init__(self, faults: Sequence[Fault], *, status: int = 422, code: str | None = None) -> None:
        super().__init__(code)
        self.faults = tuple(faults)
        self._status = status

    @property
    def http_status(self) -> int:
        return self._status


class IdentityRequired(Refused):
    """Nobody has said who they are, and this is not for anyone. 401, or the sign-in page."""

    status = 401
    default_code = "identity_required"


class Forbidden(Refused):
    """Known, but not allowed; only where the existence of the thing is no secret. 403."""

    status = 403
    default_code = "forbidden"


class NotFound(Refused):
    """Not there, or another's: the answer never says which. 404."""

    status = 404
    default_code = "not_found"


class Conflict(Refused):
    """Things moved on. 409. `typed` is what the person had written: the page keeps it for them."""

    status = 409
    default_code = "conflict"

    def __init__(self, code: str | None = None, /, *, typed: str = "", **values: object) -> None:
        super().__init__(code, **values)
        self.typed = typed


class TooMany(Refused):
    """Asked too often. 429 with Retry-After."""

    status = 429
    default_code = "too_many"

    def __init__(self, retry_after: int, code: str | None = None, /) -> None:
        super().__init__(code, seconds=retry_after, minutes=-(-retry_after // 60))
        self._retry_after = retry_after

    @property
    def retry_after(self) -> int | None:
        return self._retry_after


class Unavailable(Refused):
    """We are down, not the caller. 503 with Retry-After; `values` may say what is safe (`number`)."""

    status = 503
    default_code = "unavailable"

    def __init__(self, retry_after: int = 30, code: str | None = None, /, **values: object) -> None:
        super().__init__(code, seconds=retry_after, **values)
        self._retry_after = retry_after

    @property
    def retry_after(self) -> int | None:
        return self._retry_after
