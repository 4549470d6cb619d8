"""Whose is this? The one place that says so (docs/decisions/0009-identity.md).

Agents, desks and operations serve every customer. Technicians and depots see their own queues only. A customer, a
token and a tracking code see what is theirs. Everything else is not there: 404, never 403, so that asking for
another's number tells nothing.
"""

from schemas.vocabulary import Role
from services.runtime.errors import NotFound
from services.runtime.identity.principal import (
    Anonymous,
    Customer,
    OneRequest,
    Principal,
    Resource,
    Service,
    Staff,
    Token,
)

#: Roles that serve all customers and queues.
EVERYWHERE = (Role.AGENT, Role.DESK, Role.OPS)


def owns(principal: Principal, resource: Resource) -> bool:
    """May this caller see that this exists? A resource that names nothing is nobody's but the services'."""
    match principal:
        case Service():
            return True
        case Staff():
            return principal.has(*EVERYWHERE) or _works_on(principal, resource) or resource.number in principal.opened
        case Customer():
            return _is(resource.customer_number, principal.customer_number) or resource.number in principal.opened
        case Token():
            return resource.customer_number is not None and resource.customer_number in principal.customers
        case OneRequest():
            return resource.number is not None and resource.number in principal.numbers
        case Anonymous():
            return False


def require_owner(principal: Principal, resource: Resource) -> None:
    """Raises `NotFound` unless `owns`."""
    if not owns(principal, resource):
        raise NotFound


def _works_on(staff: Staff, resource: Resource) -> bool:
    return resource.queue is not None and staff.has(Role.TECHNICIAN, Role.DEPOT) and staff.works_on(resource.queue)


def _is(value: str | None, expected: str) -> bool:
    return value is not None and value == expected
