"""May this be asked, here, by this one? (docs/rules.md §2, docs/architecture.md, Identity)

One pure function for every channel. It judges who asks and over which channel, never coverage: that is routing's, later.
"""

from dataclasses import dataclass

from schemas.request import ReviewDetails, ServiceRequest, TerminationDetails
from schemas.service_requests import Submitter
from schemas.vocabulary import ANONYMOUS_KINDS, Channel, Language, Role, Scope
from services.runtime.errors import Fault, Forbidden, Invalid
from services.runtime.identity.principal import Customer, OneRequest, Principal, Staff, Token


@dataclass(frozen=True, slots=True)
class Admitted:
    """What is accepted, as the server completed it: the submitter and the customer are never the body's to say."""

    request: ServiceRequest
    submitter: Submitter
    channel: Channel


def admit(request: ServiceRequest, who: Principal, channel: Channel, *, language: Language | None) -> Admitted:
    """The request as it will be accepted. ``language`` is the page's, for a request that names none; where neither does,
    routing takes the customer's.

    Raises `Forbidden`, as ``identity_required`` for a kind that strangers may not ask, plain for a role or scope that is
    missing, and `Invalid` naming the field for a customer that the caller does not act for, or a notice that only staff may enter.
    """
    request, submitter = _submitted(request, who, channel)
    details = request.details
    if isinstance(details, TerminationDetails) and details.party == "provider":
        raise Invalid([Fault("details.party", "not_for_channel")])
    if request.language is None and language is not None:
        request = request.model_copy(update={"language": language})
    return Admitted(request, submitter, channel)


def _submitted(request: ServiceRequest, who: Principal, channel: Channel) -> tuple[ServiceRequest, Submitter]:
    match who:
        case Staff():
            if not who.has(Role.AGENT):
                raise Forbidden
            # An agent vouches for the caller: what the request says of the customer was asked on the telephone.
            return request, Submitter(type="staff", id=who.username, customer_number=request.customer_number)
        case Token():
            return request, _token_submitter(request, who, channel)
        case Customer():
            if request.customer_number not in (None, who.customer_number):
                raise Invalid([Fault("customer_number", "not_yours")])
            request = request.model_copy(update={"customer_number": who.customer_number})
            return request, Submitter(type="customer", id=who.customer_number, customer_number=who.customer_number)
        case _:
            if request.kind not in ANONYMOUS_KINDS and not _disputes_own(request, who):
                raise Forbidden("identity_required")
            return request, Submitter(type="anonymous")


def _disputes_own(request: ServiceRequest, who: Principal) -> bool:
    """Who holds a request's code may say that its coverage was judged wrongly: a person looks, nothing is shown of it."""
    details = request.details
    return isinstance(who, OneRequest) and isinstance(details, ReviewDetails) and details.request_number in who.numbers


def _token_submitter(request: ServiceRequest, who: Token, channel: Channel) -> Submitter:
    needed = Scope.REQUESTS_BULK if channel is Channel.BULK else Scope.REQUESTS_WRITE
    if needed not in who.scopes:
        raise Forbidden
    if request.customer_number is None:
        raise Invalid([Fault("customer_number", "required")])
    if request.customer_number not in who.customers:
        raise Invalid([Fault("customer_number", "not_yours")])
    return Submitter(type="token", id=who.token_id, customer_number=request.customer_number)
