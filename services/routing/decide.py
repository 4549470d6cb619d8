"""Decide one request: a table from kind to rule, and the same frame around each (docs/rules.md §2).

Pure: the instants and the data come in, a decision with its evidence comes out. The evidence is what the rules asked
while they decided.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final, NamedTuple

from schemas.decision import Classification, Decision, MachineRef, Ref
from schemas.request import ServiceRequest, TerminationDetails, details_of, invalid
from schemas.vocabulary import Channel, Kind, Language, Reason
from services.routing.evidence import Evidence
from services.routing.rules import contracts, desks, ending, repair, software, text_kind
from services.routing.rules.book import Customer
from services.routing.rules.calendars import zone_of
from services.routing.rules.case import Case, Rule, Ruling, Step, triage
from services.routing.rules.facts import Book
from services.routing.rules.kind import at_a_glance, settle
from services.routing.rules.outcomes import AFTER
from services.routing.rules.policy import Policy
from services.routing.rules.reading import Classify

#: `repair` is not here: it becomes one of the first two, or a person says which.
RULES: Final[Mapping[Kind, Rule]] = MappingProxyType(
    {
        Kind.HARDWARE_REPAIR: repair.hardware_repair,
        Kind.SOFTWARE_SUPPORT: software.software_support,
        Kind.COVERAGE_REVIEW: contracts.coverage_review,
        Kind.CONTRACT_COPY: contracts.contract_copy,
        Kind.COVERED_DEVICES: contracts.covered_devices,
        Kind.CONTRACT_RENEWAL: contracts.contract_renewal,
        Kind.CONTRACT_CHANGE: contracts.contract_change,
        Kind.MACHINE_TRANSFER: ending.machine_transfer,
        Kind.TERMINATION: ending.termination,
        Kind.SOFTWARE_KEY: software.software_key,
        Kind.SOFTWARE_DOWNLOAD: software.software_download,
        Kind.APPLIANCE_MOVE: software.appliance_move,
        Kind.BILLING_DISPUTE: desks.billing_dispute,
        Kind.INQUIRY: desks.inquiry,
    }
)

#: To these a contract number means nothing; one that is not this customer's is ignored without a word.
IGNORE_CONTRACTS: Final = frozenset({Kind.BILLING_DISPUTE, Kind.INQUIRY})


class Decided(NamedTuple):
    """A decision and why."""

    decision: Decision
    evidence: Evidence


def decide(
    request: ServiceRequest,
    book: Book,
    policy: Policy,
    *,
    received_at: datetime,
    qualified_at: datetime | None = None,
    channel: Channel | None = None,
    ref: Ref = None,
    classify: Classify = text_kind.classify,
) -> Decided:
    """The decision on `request` by the data in `book`, which holds what `wants` and `wants_more` name.

    `received_at` gives the day on which coverage is judged, also when the request is decided again. `qualified_at` starts
    the response clock: when the last thing needed was known (an amendment), else `received_at`. `channel` None: staff.

    Raises `InvalidRequest` for what the request alone does not show to be wrong: a provider's notice on a customer's
    channel (``details.party``), one sent after its receipt (``details.sent_on``). Nothing else.
    """
    received_at = _whole_seconds(received_at)
    qualified_at = received_at if qualified_at is None else _whole_seconds(qualified_at)
    if channel is not None and details_of(request, TerminationDetails).party == "provider":
        raise invalid("details.party", "not_for_channel", request.language or Language.EN)
    customer = book.customer(request.customer_number)
    if customer is None:
        return _unknown_customer(request, policy, received_at, ref, classify)
    case = _case(request, book, policy, customer, received_at, qualified_at)
    kind, classification, ruling = settle(case, classify, policy)
    if ruling is None:
        ruling = RULES[kind](case)
        if case.foreign and Reason.CONTRACT_UNKNOWN not in ruling.reasons:
            case.ask("contract", "ignored")
            ruling = _with_reason(ruling, Reason.CONTRACT_UNKNOWN)
    decision = _decision(ruling, kind, classification, policy, received_at, ref)
    return Decided(decision, _evidence(case, decision, ruling))


def _case(
    request: ServiceRequest,
    book: Book,
    policy: Policy,
    customer: Customer,
    received_at: datetime,
    qualified_at: datetime,
) -> Case:
    contract = book.contract_of(request.contract_number, customer.number)
    named = request.contract_number is not None and request.kind not in IGNORE_CONTRACTS
    return Case(
        request=request,
        book=book,
        policy=policy,
        received_at=received_at,
        qualified_at=qualified_at,
        customer=customer,
        zone=zone_of(customer.timezone),
        contract=contract,
        foreign=named and contract is None,
        site=book.site_of(request.site_id, customer.number),
        steps=[Step("customer", "known", (customer.number,))],
    )


def _unknown_customer(
    request: ServiceRequest, policy: Policy, received_at: datetime, ref: Ref, classify: Classify
) -> Decided:
    """Nothing can be looked up for nobody: a person finds out who asks, whatever the kind (docs/rules.md §4)."""
    ruling = triage("customer.unknown", Reason.CUSTOMER_UNKNOWN)
    decision = _decision(ruling, request.kind, at_a_glance(request, classify), policy, received_at, ref)
    steps = (Step("customer", "unknown" if request.customer_number else "missing", (request.customer_number or "",)),)
    return Decided(decision, Evidence(policy, decision, steps, ruling, None, ()))


def _decision(
    ruling: Ruling,
    kind: Kind,
    classification: Classification | None,
    policy: Policy,
    received_at: datetime,
    ref: Ref,
) -> Decision:
    after, winner = AFTER[ruling.outcome], ruling.winner
    return Decision(
        ref=ref,
        as_of=received_at,
        kind=kind,
        classification=classification,
        outcome=ruling.outcome,
        rule=ruling.rule,
        reasons=ruling.reasons,
        missing=ruling.missing,
        service_level=None if winner is None else winner.level,
        contract_number=ruling.contract_number if winner is None else winner.contract.number,
        covered_until=ruling.covered_until if winner is None else winner.covered_until,
        machine=None if winner is None else MachineRef(winner.item.machine_type, winner.item.serial),
        site_id=None if ruling.site is None else ruling.site.site_id,
        queue=ruling.territory or after.queue,
        depot=ruling.depot,
        respond_by=None if ruling.clock is None else ruling.clock.at,
        dates=ruling.dates,
        status=after.status,
        milestone=after.milestone,
        policy=policy.version,
    )


def _with_reason(ruling: Ruling, reason: Reason) -> Ruling:
    return ruling._replace(reasons=(*ruling.reasons, reason))


def _evidence(case: Case, decision: Decision, ruling: Ruling) -> Evidence:
    return Evidence(case.policy, decision, tuple(case.steps), ruling, case.coverage, case.standings, case.reading)


def _whole_seconds(moment: datetime) -> datetime:
    moment = moment.astimezone(UTC)
    return moment.replace(microsecond=0) if moment.microsecond else moment
