"""A request decided and answered on a small world of contract data."""

from schemas.request import ServiceRequest
from services.routing.answers import Answer, OnFile, answer
from services.routing.rules.facts import Areas
from tests.unit.rules.builders import MONDAY, K, World, decision


def on_file(world: World, number: str = K) -> OnFile:
    """What a customer has in it."""
    contracts = [contract for contract in world.contracts if contract.customer_number == number]
    theirs = {contract.number for contract in contracts}
    return OnFile(
        customer=next(customer for customer in world.customers if customer.number == number),
        sites=[site for site in world.sites if site.customer_number == number],
        contracts=contracts,
        items=[item for item in world.items if item.contract_number in theirs],
        entitlements=[one for one in world.entitlements if one.contract_number in theirs],
        areas=Areas(world.territories, world.depots, world.closures),
    )


def answered(world: World, request: ServiceRequest, received: str = MONDAY, *, later: World | None = None) -> Answer:
    """The answer, given on the data of `later` if it has changed since."""
    found = answered_or_not(world, request, received, later=later)
    assert found is not None
    return found


def answered_or_not(
    world: World, request: ServiceRequest, received: str = MONDAY, *, later: World | None = None
) -> Answer | None:
    return answer(decision(world, request, received), request, on_file(later or world))
