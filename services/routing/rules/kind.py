"""Is it hardware or software? (docs/rules.md §3)

A declared kind stands unless the text contradicts it with a confidence above the policy's `kind_conflict`. Undeclared, a
known machine whose text speaks of hardware is hardware, a known product is software; both known, or neither, the text
decides, and below the policy's `kind_threshold` a person does. Known means held by this customer.

"Hardware words" are a text whose weighed words come out for hardware, however weakly: one such word in a text that
speaks of software does not make it hardware.
"""

from typing import Final, NamedTuple

from schemas.decision import By, Classification
from schemas.request import ServiceRequest
from schemas.vocabulary import Kind, Reason
from services.routing.rules.case import Case, Ruling, incomplete, triage
from services.routing.rules.naming import machine_named, product_named
from services.routing.rules.policy import Policy
from services.routing.rules.reading import Classify, Reading, Sort

DECLARED: Final[dict[Kind, Sort]] = {Kind.HARDWARE_REPAIR: "hardware", Kind.SOFTWARE_SUPPORT: "software"}
REPAIRS: Final[dict[Sort, Kind]] = {sort: kind for kind, sort in DECLARED.items()}


class Settled(NamedTuple):
    """The kind to decide by, and how it was found; a ruling if nothing more can be decided."""

    kind: Kind
    classification: Classification | None
    ruling: Ruling | None = None


def settle(case: Case, classify: Classify, policy: Policy) -> Settled:
    """The kind after classification. Other kinds than the three repairs are what they say."""
    request = case.request
    declared = DECLARED.get(request.kind)
    if declared is not None:
        return _declared(case, declared, classify, policy)
    if request.kind is not Kind.REPAIR:
        return Settled(request.kind, None)
    if request.text is None:
        case.ask("kind", "no_text")
        return Settled(Kind.REPAIR, unsaid(), incomplete("text"))
    return _undeclared(case, _read(case, request.text, classify), policy)


def at_a_glance(request: ServiceRequest, classify: Classify) -> Classification | None:
    """The classification of a request that is decided before its kind matters."""
    declared = DECLARED.get(request.kind)
    if declared is not None:
        return Classification(declared, 1.0, "declared")
    if request.kind is not Kind.REPAIR:
        return None
    return unsaid() if request.text is None else _by("text", classify(request.text, request.language))


def unsaid() -> Classification:
    """Nothing speaks for either: the classifier's own answer to a text without a known word."""
    return Classification("software", 0.5, "text")


def _declared(case: Case, declared: Sort, classify: Classify, policy: Policy) -> Settled:
    request = case.request
    if request.text is not None:
        said = _read(case, request.text, classify)
        if said.kind != declared and said.confidence > policy.kind_conflict:
            case.ask("kind", "conflict", said.kind, said.confidence, policy.kind_conflict)
            return Settled(request.kind, _by("text", said), triage("kind.conflict", Reason.KIND_CONFLICT))
    case.ask("kind", "declared", request.kind)
    return Settled(request.kind, Classification(declared, 1.0, "declared"))


def _undeclared(case: Case, said: Reading, policy: Policy) -> Settled:
    """A request of kind `repair`. Its contract, if another's, counts only where machine or product decides without it."""
    machine, product = _machine_is_known(case), _product_is_known(case)
    if machine and not product and said.kind == "hardware":
        classification = Classification("hardware", 1.0, "machine")
    elif product and not machine:
        classification = Classification("software", 1.0, "product")
    else:
        case.foreign = False
        classification = _by("text", said)
        if said.confidence < policy.kind_threshold:
            case.ask("kind", "unclear", said.kind, said.confidence, policy.kind_threshold)
            return Settled(Kind.REPAIR, classification, triage("kind.unclear", Reason.KIND_UNCLEAR))
    case.ask("kind", f"by_{classification.by}", classification.kind, classification.confidence)
    return Settled(REPAIRS[classification.kind], classification)


def _machine_is_known(case: Case) -> bool:
    machine = machine_named(case).machine
    return machine is not None and any(
        item.machine_type == machine.type
        for item, _ in case.book.held_with_serial(machine.serial, case.customer.number)
    )


def _product_is_known(case: Case) -> bool:
    product = product_named(case)
    return product is not None and any(
        entitlement.product_id == product for entitlement in case.book.entitlements_of(case.customer.number)
    )


def _read(case: Case, text: str, classify: Classify) -> Reading:
    case.reading = classify(text, case.request.language)
    return case.reading


def _by(what: By, said: Reading) -> Classification:
    return Classification(said.kind, said.confidence, what)
