"""What a check finds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Violation:
    """One promise broken by one thing: a request number, a work order, a message, a place in a topic."""

    promise: str
    subject: str
    what: str

    def __str__(self) -> str:
        return f"{self.promise}: {self.subject}: {self.what}"
