"""What `fixline demo` says: a line a decision with its reason in words, and the sum of the day. Codes are never translated."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from schemas import text
from schemas.vocabulary import Channel, Language, Milestone, Outcome, Reason, ServiceLevel
from services.commands.day import Done, Handled
from services.notifier.words import NOTIFIER_WORDS
from services.routing import explain, explain_clock, explain_words
from services.routing.phrase import Phrase
from services.runtime.web.numbers import number, request_number

#: Below this width the reason moves to a line of its own.
WIDE: Final = 140

#: The provider's own zone: where the demo's clock hangs.
HOME: Final = ZoneInfo("America/Toronto")

_CHANNELS: Final = {
    Channel.WEB: Phrase("web", "web"),
    Channel.PHONE: Phrase("phone", "appel"),
    Channel.API: Phrase("api", "api"),
    Channel.BULK: Phrase("bulk", "lot"),
}
_PERSON: Final = Phrase("needs a person", "à une personne")
_OUTCOMES: Final = {
    Outcome.ONSITE_DISPATCH: Phrase("onsite", "sur place"),
    Outcome.MAIL_IN: Phrase("mail-in", "en atelier"),
    Outcome.PARTS_SHIPMENT: Phrase("parts", "pièces"),
    Outcome.BILLABLE_ESTIMATE: Phrase("billable", "à facturer"),
    Outcome.REMOTE_SUPPORT: Phrase("remote", "à distance"),
    Outcome.SUBSCRIPTION_LAPSED: Phrase("lapsed", "échu"),
    Outcome.NOT_ENTITLED: Phrase("not entitled", "sans droit"),
    Outcome.ANSWERED: Phrase("answered", "répondue"),
    Outcome.TERMINATION_SCHEDULED: Phrase("ends", "prend fin"),
    Outcome.TERMINATION_REFUSED: Phrase("too early", "trop tôt"),
    Outcome.INCOMPLETE: Phrase("incomplete", "incomplète"),
}
#: In the sum, in this order; all others are people's.
_COUNTED: Final = (Outcome.ONSITE_DISPATCH, Outcome.MAIL_IN, Outcome.PARTS_SHIPMENT, Outcome.BILLABLE_ESTIMATE)
_OTHERS: Final = Phrase("to people", "à des personnes")

_LEVELS: Final = {
    ServiceLevel.ONSITE_4H_24X7: Phrase("4 h, day and night", "4 h, jour et nuit"),
    ServiceLevel.ONSITE_4H_9X5: Phrase("4 business hours", "4 heures ouvrables"),
    ServiceLevel.ONSITE_SBD: Phrase("same business day", "même jour ouvrable"),
    ServiceLevel.ONSITE_NBD: Phrase("next business day", "jour ouvrable suivant"),
    ServiceLevel.DEPOT_COURIER: Phrase("workshop repair by courier", "réparation en atelier, par messager"),
    ServiceLevel.DEPOT_MAIL_IN: Phrase("workshop repair by mail", "réparation en atelier, par la poste"),
    ServiceLevel.PARTS_ONLY: Phrase("parts only", "pièces seulement"),
}
_BY: Final = Phrase("by {moment}", "d'ici {moment}")
_LABEL: Final = Phrase("label ready", "étiquette prête")
_COVERED: Final = Phrase(
    "{device} covered to {until} by {contract}, {level}", "{device} couvert au {until} par {contract}, {level}"
)
_COVERED_ON: Final = Phrase(
    "{device} covered without end by {contract}, {level}", "{device} couvert sans fin par {contract}, {level}"
)
_ACTIVE: Final = Phrase("{product} is active, by {contract}", "{product} est en vigueur, par {contract}")
_LAPSED: Final = Phrase("{product}: subscription ended {until}", "{product} : abonnement terminé le {until}")
_UNCOVERED: Final = Phrase("{device}: {why}", "{device} : {why}")
_NOTHING: Final = Phrase("nothing covers it", "rien ne le couvre")
_MISSING: Final = Phrase("to ask the customer: {what}", "à demander au client : {what}")

#: What staff did last, of one visit or parcel.
_STEPS: Final = {
    "claim": Phrase("took it and has 15 min to accept", "l'a pris et a 15 min pour accepter"),
    "accept": Phrase("accepted it", "l'a accepté"),
    "en-route": Phrase("is on the way", "est en route"),
    "complete": Phrase("went there and repaired it", "y est allé et l'a réparé"),
    "leave": Phrase(
        "went there; a part is needed, a new visit follows", "y est allé; il faut une pièce et une autre visite"
    ),
    "receive": Phrase("received it", "l'a reçu"),
    "ship-back": Phrase("received it, repaired it and sent it back", "l'a reçu, réparé et renvoyé"),
}
_RESULT: Final = Phrase(
    "{count} requests in {seconds} s: {mix} — {decided} decided, {lost} lost, {twice} twice (reconcile {mark})",
    "{count} demandes en {seconds} s : {mix} — {decided} décidées, {lost} perdues, {twice} en double (reconcile {mark})",
)


def line(handled: Handled, language: Language, width: int) -> str:
    """One decision; its reason behind it, or below on a narrow terminal."""
    decision, stored = handled.decision, handled.stored
    received = datetime.fromisoformat(handled.shown["received_at"]).astimezone(HOME)
    cells = (
        f"{received:%H:%M:%S}",
        _CHANNELS[handled.sent.channel].say(language).ljust(5),
        request_number(handled.number).ljust(14),
        _OUTCOMES.get(handled.outcome, _PERSON).say(language).ljust(15),
        place(handled).ljust(14),
        promise(handled, language).ljust(26),
    )
    head, because = "  ".join(cells), reason(decision, stored, language)
    return f"{head}  {because}" if width >= WIDE else f"{head.rstrip()}\n          {because}"


def place(handled: Handled) -> str:
    """Where it went: the queue, or the workshop's city."""
    parcel = handled.shown.get("parcel")
    return str(parcel["city"] if parcel else handled.decision["queue"] or "–")


def promise(handled: Handled, language: Language) -> str:
    """By when, or what comes next."""
    decision = handled.decision
    clock = handled.stored["evidence"]["clock"]
    if decision["respond_by"] is not None:
        zone = ZoneInfo(clock["zone"]) if clock else HOME
        due = datetime.fromisoformat(decision["respond_by"]).astimezone(zone)
        return _BY.say(language, moment=explain_clock.moment(due, language))
    if handled.outcome is Outcome.MAIL_IN:
        return _LABEL.say(language)
    if decision["reasons"]:
        return str(decision["reasons"][0])
    return NOTIFIER_WORDS.say(f"milestone.{Milestone(decision['milestone'])}", language)


def reason(decision: Mapping[str, Any], stored: Mapping[str, Any], language: Language) -> str:
    """Why it was decided so, in one sentence for staff."""
    outcome, evidence = Outcome(decision["outcome"]), stored["evidence"]
    if decision["reasons"]:
        return " ".join(explain_words.REASONS[Reason(code)].say(language) for code in decision["reasons"])
    if decision["missing"]:
        words = [explain_words.MISSING[path].say(language) for path in decision["missing"]]
        return _MISSING.say(language, what=", ".join(words))
    if decision["service_level"] is not None and decision["machine"] is not None:
        phrase = _COVERED if decision["covered_until"] else _COVERED_ON
        level = _LEVELS[ServiceLevel(decision["service_level"])].say(language)
        device = f"{decision['machine']['type']} {decision['machine']['serial']}"
        until, contract = decision["covered_until"], decision["contract_number"]
        return phrase.say(language, device=device, until=until, contract=contract, level=level)
    if outcome is Outcome.BILLABLE_ESTIMATE:
        compared = explain.items(evidence, language)
        why = compared[0].why if compared else _NOTHING.say(language)
        return _UNCOVERED.say(language, device=_device(stored), why=why)
    if outcome in (Outcome.REMOTE_SUPPORT, Outcome.SUBSCRIPTION_LAPSED):
        phrase = _ACTIVE if outcome is Outcome.REMOTE_SUPPORT else _LAPSED
        names = [one["product_name"] for one in evidence["entitlements"]]
        product = names[0] if names else stored["request"].get("product_id")
        return phrase.say(
            language, product=product, contract=decision["contract_number"], until=decision["covered_until"]
        )
    asked = explain.questions(evidence, language)
    return asked[-1] if asked else decision["rule"]


def step(done: Done, language: Language) -> str:
    """What staff did with one visit or parcel: ``tech-ca-qc-mtl  4821-9034-7716  accepted it``."""
    said = _STEPS[done.steps[-1]].say(language)
    return f"          {done.by.ljust(16)} {request_number(done.handled.number)}  {said}"


def result(
    outcomes: Iterable[Outcome], seconds: float, *, lost: int, twice: int, right: bool, language: Language
) -> str:
    """The sum of the day in one sentence."""
    found = Counter(outcomes)
    counts = [(found[outcome], _OUTCOMES[outcome].say(language)) for outcome in _COUNTED]
    counts.append((sum(found.values()) - sum(count for count, _ in counts), _OTHERS.say(language)))
    return _RESULT.say(
        language,
        count=sum(found.values()) + lost,
        seconds=tenths(seconds, language),
        mix=" · ".join(f"{count} {name}" for count, name in counts if count),
        decided=sum(found.values()),
        lost=lost,
        twice=twice,
        mark="✓" if right else "✗",
    )


def tenths(seconds: float, language: Language) -> str:
    """``2.8``, ``2,8``."""
    return number(Decimal(f"{seconds:.1f}"), language)


def _device(stored: Mapping[str, Any]) -> str:
    machine = stored["request"].get("machine") or {}
    return " ".join(text.code(machine.get(name) or "") or "" for name in ("type", "serial")).strip()
