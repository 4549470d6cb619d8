"""Whose is this? (docs/decisions/0009-identity.md)"""

import pytest

from schemas.vocabulary import Role, Scope
from services.runtime.errors import NotFound
from services.runtime.identity.owners import owns, require_owner
from services.runtime.identity.principal import (
    Anonymous,
    Customer,
    OneRequest,
    Principal,
    Resource,
    Service,
    Staff,
    Token,
    describe,
)

NUMBER = "482190347716"
THEIRS = Resource(customer_number="C-1001", number=NUMBER, queue="CA-QC-MTL")
NAMELESS = Resource()


def a_person(*roles: Role, queues: frozenset[str] = frozenset(), opened: frozenset[str] = frozenset()) -> Staff:
    return Staff("mroy", "M. Roy", frozenset(roles), queues, opened)


MAY: dict[str, Principal] = {
    "the customer": Customer("C-1001"),
    "a customer who opened it by code": Customer("C-2", frozenset({NUMBER})),
    "who holds its code": OneRequest(frozenset({NUMBER, "1"})),
    "a token for the customer": Token("t1", frozenset({Scope.REQUESTS_READ}), frozenset({"C-1001"})),
    "an agent": a_person(Role.AGENT),
    "a desk": a_person(Role.DESK),
    "operations": a_person(Role.OPS),
    "a technician of the queue": a_person(Role.TECHNICIAN, queues=frozenset({"CA-QC-MTL"})),
    "a technician of all queues": a_person(Role.TECHNICIAN, queues=frozenset({"*"})),
    "a technician who opened it by code": a_person(Role.TECHNICIAN, opened=frozenset({NUMBER})),
    "another service": Service(),
}
MAY_NOT: dict[str, Principal] = {
    "nobody": Anonymous(),
    "another customer": Customer("C-1002"),
    "a customer of almost the same number": Customer("c-1001"),
    "who holds another code": OneRequest(frozenset({"482190347715"})),
    "a token for another": Token("t1", frozenset(Scope), frozenset({"C-1002"})),
    "a token for nobody": Token("t1", frozenset(Scope), frozenset()),
    "a technician of another queue": a_person(Role.TECHNICIAN, queues=frozenset({"CA-QC-QUE"})),
    "a technician of no queue": a_person(Role.TECHNICIAN),
    "a depot of another place": a_person(Role.DEPOT, queues=frozenset({"Toronto"})),
    "staff without a role": a_person(queues=frozenset({"*"})),
}


@pytest.mark.parametrize("who", MAY)
def test_theirs_is_shown(who: str) -> None:
    """To the customer, to who proved the code, to staff who serve them."""
    assert owns(MAY[who], THEIRS)
    require_owner(MAY[who], THEIRS)


@pytest.mark.parametrize("who", MAY_NOT)
def test_anothers_is_not_there(who: str) -> None:
    """404, never 403: asking tells nothing."""
    assert not owns(MAY_NOT[who], THEIRS)
    with pytest.raises(NotFound):
        require_owner(MAY_NOT[who], THEIRS)


@pytest.mark.parametrize(
    "who",
    [
        who
        for who in [*MAY.values(), *MAY_NOT.values()]
        if not isinstance(who, Service) and "staff" not in describe(who)
    ],
)
def test_what_names_nobody_is_nobodys(who: Principal) -> None:
    """A forgotten field must not open a door."""
    assert not owns(who, NAMELESS)


def test_each_caller_has_a_name_for_the_audit() -> None:
    """Stable, and without personal names."""
    assert [
        describe(who)
        for who in (
            Anonymous(),
            OneRequest(frozenset()),
            Customer("C-1"),
            a_person(),
            MAY["a token for the customer"],
            Service(),
        )
    ] == [
        "anonymous",
        "one_request",
        "customer:C-1",
        "staff:mroy",
        "token:t1",
        "service",
    ]
