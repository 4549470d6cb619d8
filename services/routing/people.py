"""Who works on a request: the person behind a step, and what they send along with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from schemas.vocabulary import Role
from services.runtime.identity.principal import Anonymous, Principal, Resource, Staff, Token, describe


@dataclass(frozen=True, slots=True)
class Person:
    """`id` is stable (a username, a token's id), `name` is for people, `principal` says what they may."""

    id: str
    name: str
    principal: Principal

    def has(self, *roles: Role) -> bool:
        return isinstance(self.principal, Staff) and self.principal.has(*roles)

    @property
    def dispatches(self) -> bool:
        """May assign work to others and take it back."""
        return self.has(Role.DESK, Role.OPS)


#: Whoever answers for a request of theirs; which of them, intake knows.
BY_CUSTOMER: Final = Person("customer", "", Anonymous())


@dataclass(frozen=True, slots=True)
class Said:
    """What comes with a step. `key` names the call, so that the same call sent again is not a second step."""

    occurred_at: datetime | None = None
    reason: str | None = None
    note: str | None = None
    key: str | None = None
    technician: str | None = None  # of an assignment
    technician_name: str | None = None
    report: Mapping[str, Any] | None = None  # of a visit's end


NOTHING_SAID: Final = Said()


def person(principal: Principal) -> Person:
    """The person, or program, that is asking."""
    match principal:
        case Staff():
            return Person(principal.username, principal.name, principal)
        case Token():
            return Person(f"token:{principal.token_id}", f"API {principal.token_id}", principal)
        case _:
            return Person(describe(principal), describe(principal), principal)


def resource(*, queue: str, customer_number: str | None) -> Resource:
    """A work order, return or case, as far as it matters to who may see it."""
    return Resource(queue=queue, customer_number=customer_number)
