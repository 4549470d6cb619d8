"""The questions of a new request, one a page: which come for this need, what is wrong with an answer, what it all says.

Answers are kept as typed, by the names that the fields of a request have, so that what is wrong with a request says where
to mend the form. Pure: drafts.py keeps them, request_pages.py shows them.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from schemas.request import ServiceRequest
from schemas.vocabulary import Kind, Language
from services.runtime.errors import Fault, Invalid
from services.runtime.web.bodies import validated

#: Longest story, in characters; the count beside the field speaks at the last hundred.
TEXT_LIMIT = 1_000
PLACE_LIMIT = 200

Answers = Mapping[str, str]


class Step(StrEnum):
    """A page of the form."""

    NEED = "need"
    DEVICE = "device"
    LOST = "lost"
    PROBLEM = "problem"
    CONTACT = "contact"
    CHECK = "check"


class Need(StrEnum):
    """What people come for, in their words, not our departments'."""

    DEVICE = "device"
    SOFTWARE = "software"
    UNSURE = "unsure"
    NOT_COVERED = "not_covered"
    CONTRACT = "contract"
    MACHINE_GONE = "machine_gone"
    CHARGE = "charge"
    OTHER = "other"


#: What anyone may ask here. The other needs touch contracts: we must know who asks, so they go by telephone.
KIND_OF: Mapping[str, Kind] = {
    Need.DEVICE: Kind.HARDWARE_REPAIR,
    Need.SOFTWARE: Kind.SOFTWARE_SUPPORT,
    Need.UNSURE: Kind.REPAIR,
    Need.OTHER: Kind.INQUIRY,
}
_WITH_DEVICE = frozenset({Need.DEVICE, Need.UNSURE})

_FIELDS: Mapping[Step, Sequence[str]] = {
    Step.NEED: ("need",),
    Step.DEVICE: ("machine.type", "machine.serial"),
    Step.LOST: ("contract_number", "place"),
    Step.PROBLEM: ("text", "product_id", "severity"),
    Step.CONTACT: ("contact.name", "contact.email", "contact.phone", "place", "customer_number", "language"),
    Step.CHECK: (),
}


def steps_of(answers: Answers) -> tuple[Step, ...]:
    """The pages for this need, in order. Who cannot find the serial number gets one more."""
    need = answers.get("need", "")
    device = (Step.DEVICE,) if need in _WITH_DEVICE or not need else ()
    lost = (Step.LOST,) if device and is_lost(answers) else ()
    return (Step.NEED, *device, *lost, Step.PROBLEM, Step.CONTACT, Step.CHECK)


def fields_of(step: Step, answers: Answers) -> tuple[str, ...]:
    """What this page asks. Nothing is asked twice: where it stands is asked of who cannot find the serial number there."""
    left_out = set()
    if answers.get("need") != Need.SOFTWARE:
        left_out |= {"product_id", "severity"}
    if step is Step.CONTACT and (is_lost(answers) or answers.get("need") not in _WITH_DEVICE):
        left_out.add("place")
    return tuple(name for name in _FIELDS[step] if name not in left_out)


def is_lost(answers: Answers) -> bool:
    """ "I can't find it" was the answer."""
    return answers.get("lost") == "yes"


def needs_identity(answers: Answers) -> bool:
    return answers.get("need", "") in set(Need) - set(KIND_OF)


def faults_of(step: Step, answers: Answers, place_label: str) -> list[Fault]:
    """What is wrong with this page's answers; none: go on. `place_label` as in `body_of`."""
    found = _own_faults(step, answers)
    if found or step is Step.NEED:
        return found
    try:
        validated(ServiceRequest, body_of(answers, place_label))
    except Invalid as invalid:
        return [fault for fault in invalid.faults if fault.path in _FIELDS[step]]
    return []


def first_unfinished(answers: Answers, place_label: str) -> Step | None:
    """The first page with something to mend before it can be sent."""
    return next((step for step in steps_of(answers) if faults_of(step, answers, place_label)), None)


def body_of(answers: Answers, place_label: str) -> dict[str, Any]:
    """The answers as a request's JSON shape. Where a device stands has no field of its own: it ends the story."""
    kind = KIND_OF.get(answers.get("need", ""), Kind.REPAIR)
    asked = {name for step in steps_of(answers) for name in fields_of(step, answers)}
    body: dict[str, Any] = {"kind": kind.value}
    for name in sorted(asked - {"need", "place", "severity", "text"}):
        value = answers.get(name, "")
        outer, _, inner = name.partition(".")
        if value and inner:
            body.setdefault(outer, {})[inner] = value
        elif value:
            body[name] = value
    severity = answers.get("severity", "") if "severity" in asked else ""
    if severity.isdecimal():
        body["severity"] = int(severity)
    story = [answers.get("text", ""), f"{place_label} {answers['place']}" if answers.get("place") else ""]
    if any(story):
        body["text"] = "\n\n".join(part for part in story if part)
    return body


def request_of(answers: Answers, place_label: str) -> ServiceRequest:
    """What is sent. Raises `Invalid` where `first_unfinished` finds something."""
    return validated(ServiceRequest, body_of(answers, place_label))


def kept(step: Step, answers: Answers, typed: Mapping[str, str], language: Language) -> dict[str, str]:
    """The answers with this page's as typed, each cut to a length that can be shown again."""
    merged = dict(answers) | {name: typed.get(name, "")[: 4 * TEXT_LIMIT] for name in fields_of(step, answers)}
    if step is Step.DEVICE:
        merged["lost"] = "yes" if typed.get("lost") else ""
        if typed.get("lost"):
            merged |= {"machine.serial": ""}
    merged.setdefault("language", language.value)
    return merged


def _own_faults(step: Step, answers: Answers) -> list[Fault]:
    match step:
        case Step.NEED if answers.get("need", "") not in set(Need):
            return [Fault("need", "need_missing")]
        case Step.DEVICE if not is_lost(answers) and not answers.get("machine.serial"):
            return [Fault("machine.serial", "serial_missing")]
        case Step.PROBLEM:
            return _story_faults(answers)
        case Step.LOST | Step.CONTACT if len(answers.get("place", "")) > PLACE_LIMIT:
            return [Fault("place", "too_long", {"max": PLACE_LIMIT})]
        case Step.CONTACT if not answers.get("contact.email") and not answers.get("contact.phone"):
            return [Fault("contact.email", "reach_missing")]
    return []


def _story_faults(answers: Answers) -> list[Fault]:
    found = []
    text = answers.get("text", "")
    if not text:
        found.append(Fault("text", "text_missing"))
    elif len(text) > TEXT_LIMIT:
        found.append(Fault("text", "too_long", {"max": TEXT_LIMIT}))
    if answers.get("need") == Need.SOFTWARE and answers.get("severity") not in ("1", "2", "3", "4"):
        found.append(Fault("severity", "severity_missing"))
    return found
