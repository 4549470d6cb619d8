"""The answer to a request of an `answered` kind: whose it is, and what it is made of (docs/rules.md §2). Only looks.

Contract data goes to the customer, to programs that act for them and to staff who serve everybody. A tracking code alone
opens it only where it is as good as the customer's word: they, or their program, sent the request, and the code was mailed
to no other address than the one on file. A caller on the telephone was vouched for by an agent: for that one call.
"""

from sqlalchemy import Connection, select

from schemas.decision import Decision
from schemas.request import parse_request
from schemas.vocabulary import Channel
from services.routing import store
from services.routing.answers import Answer, OnFile, answer
from services.routing.facts import FactSource, find, read
from services.routing.requests import Life
from services.routing.rules.book import Contract, Customer, Entitlement, Item, Site
from services.routing.tables import CONTRACT_DATA as DATA
from services.runtime.errors import NotFound
from services.runtime.identity.owners import require_owner
from services.runtime.identity.principal import Principal, Resource


def answer_to(connection: Connection, facts: FactSource, number: str, who: Principal) -> tuple[Life, Answer]:
    """A request's answer, on the contract data of now, judged on the day of the decision in force.

    Raises `NotFound` for one that is not there, is another's, or was not answered by itself.
    """
    life = store.one(connection, Life, number)
    if life is None:
        raise NotFound
    require_owner(who, whose(life))
    row = store.decision_row(connection, number, life.decided)
    on_file = None if life.customer_number is None else _on_file(connection, facts, life.customer_number)
    if row is None or on_file is None:
        raise NotFound
    found = answer(Decision.from_json(row["decision"]), parse_request(row["request"]), on_file)
    if found is None:
        raise NotFound
    return life, found


def whose(life: Life) -> Resource:
    """Whose contract data the answer holds; with the number, the request's tracking code opens it too.

    The notifier's page says the same before it links here (services/notifier/showing.py).
    """
    proved = life.submitter["type"] != "anonymous" and life.channel is not Channel.PHONE
    by_code = proved and all(recipient["full"] for recipient in life.recipients)
    return Resource(customer_number=life.customer_number, number=life.number if by_code else None)


def _on_file(connection: Connection, facts: FactSource, number: str) -> OnFile | None:
    customers = find(connection, Customer, DATA.customers.c.number, [number])
    if not customers:
        return None
    theirs = DATA.contracts.c.customer_number == number
    numbers = select(DATA.contracts.c.number).where(theirs)
    return OnFile(
        customer=customers[0],
        sites=read(connection, Site, DATA.sites.c.customer_number == number),
        contracts=read(connection, Contract, theirs),
        items=read(connection, Item, DATA.items.c.contract_number.in_(numbers)),
        entitlements=read(connection, Entitlement, DATA.entitlements.c.contract_number.in_(numbers)),
        areas=facts.reference(connection).areas,
    )
