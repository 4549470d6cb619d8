"""Who is asking (docs/architecture.md, Identity). One value per request; what is not in it, the caller may not do."""

from dataclasses import dataclass
from typing import TypeAlias

from schemas.vocabulary import Role, Scope

#: 12 digits without dashes. A browser that proved the code of a request keeps it among its `opened` numbers.
RequestNumber: TypeAlias = str


@dataclass(frozen=True, slots=True)
class Anonymous:
    """Nobody said who they are."""


@dataclass(frozen=True, slots=True)
class OneRequest:
    """Holds the tracking code of these requests, and may see those only."""

    numbers: frozenset[RequestNumber]


@dataclass(frozen=True, slots=True)
class Customer:
    """Signed in by a one-time code sent to the address on file."""

    customer_number: str
    opened: frozenset[RequestNumber] = frozenset()


@dataclass(frozen=True, slots=True)
class Staff:
    """`queues` are the territories, depots or desks this person works on; `*` is all of them."""

    username: str
    name: str
    roles: frozenset[Role]
    queues: frozenset[str] = frozenset()
    opened: frozenset[RequestNumber] = frozenset()

    def has(self, *roles: Role) -> bool:
        return any(role in self.roles for role in roles)

    def works_on(self, queue: str) -> bool:
        return queue in self.queues or "*" in self.queues


@dataclass(frozen=True, slots=True)
class Token:
    """A program, by API token. It acts for the customers it names, within its scopes."""

    token_id: str
    scopes: frozenset[Scope]
    customers: frozenset[str]


@dataclass(frozen=True, slots=True)
class Service:
    """One of our own services, by the key they share. Never through the public proxy."""


Principal: TypeAlias = Anonymous | OneRequest | Customer | Staff | Token | Service


@dataclass(frozen=True, slots=True)
class Resource:
    """What is asked for, as far as it matters to who may: a field that does not apply is None."""

    customer_number: str | None = None
    number: RequestNumber | None = None
    queue: str | None = None


def describe(principal: Principal) -> str:
    """A stable name for logs, audit rows and the scope of idempotency keys: `staff:mroy`, `customer:C-1001`."""
    match principal:
        case Anonymous():
            return "anonymous"
        case OneRequest():
            return "one_request"
        case Customer(customer_number=number):
            return f"customer:{number}"
        case Staff(username=username):
            return f"staff:{username}"
        case Token(token_id=token_id):
            return f"token:{token_id}"
        case Service():
            return "service"
