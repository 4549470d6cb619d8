"""A request as its page shows it: every sentence made here, so that the template only places them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from schemas.request_status import CLOCK_MOVED, CUSTOMER_ANSWERED, PASSING
from schemas.vocabulary import Action, Language, Milestone, Outcome, Status
from services.notifier.bills import NO_BILLS, Bills, bills_of
from services.notifier.messages import by_when, corrected, refused, stands_still, what_happens, what_to_do, why
from services.notifier.showing import ASKED_OF_INTAKE, Shown
from services.runtime.web.pages import Pages, Say

HOME = ZoneInfo("America/Toronto")

#: The steps that a customer sees, by outcome; a second visit or a correction adds a line, never a step back.
_STEPS: Mapping[Outcome, tuple[Milestone, ...]] = {
    Outcome.ONSITE_DISPATCH: (
        Milestone.RECEIVED,
        Milestone.TECHNICIAN_ASSIGNED,
        Milestone.EN_ROUTE,
        Milestone.ON_SITE,
        Milestone.REPAIRED,
    ),
    Outcome.MAIL_IN: (
        Milestone.RECEIVED,
        Milestone.AWAITING_PACKAGE,
        Milestone.PACKAGE_RECEIVED,
        Milestone.REPAIRED,
        Milestone.RETURN_SHIPPED,
        Milestone.DELIVERED,
    ),
    Outcome.BILLABLE_ESTIMATE: (Milestone.RECEIVED, Milestone.ESTIMATE_SENT, Milestone.REPAIRED),
}


@dataclass(frozen=True, slots=True)
class Step:
    title: str
    state: str  # done, now, to_come
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened; `note` is what we wrote to the customer with it, or they to us, in the request's language."""

    at: datetime
    text: str
    by: str
    note: str | None = None


@dataclass(frozen=True)
class View:
    """What the tracking template places. ``zone`` names every hour's place."""

    number: str
    seq: int
    status: Status
    says: str
    device: str | None
    now: str
    refused: tuple[str, ...]
    next: str
    when: str | None
    left: str | None
    late: bool
    why: tuple[str, ...]
    steps: tuple[Step, ...]
    days: tuple[tuple[date, tuple[Line, ...]], ...]
    actions: tuple[Action, ...]
    zone: ZoneInfo
    note: str | None = None  # what we wrote with the last step
    spoken: Language = Language.EN  # the request's language, which notes are written in
    asks: tuple[str, ...] = ()  # the fields of the form beside what is to do
    question: bool = False  # we asked something; the form beside what is to do takes the answer
    review: str | None = None  # where the coverage can be disputed
    cannot_cancel: str | None = None
    by_code: bool = False  # something can be asked, but by this caller only with the tracking code
    answer: tuple[tuple[str, str], ...] = ()  # address and words of each form, the page first
    withheld: bool = False  # there is an answer, but not for who holds the tracking code alone
    bills: Bills = NO_BILLS


def view_of(pages: Pages, shown: Shown, language: Language) -> View:
    """The page of a request of which something has come."""
    latest = shown.latest
    if latest is None:
        return deciding(pages, shown.number, shown.seq, language)
    standing, zone, now = latest["standing"], ZoneInfo(latest["timezone"]), pages.now()
    say, t = Say(language, now), pages.words.bound(language)
    due = datetime.fromisoformat(standing["respond_by"]) if standing["respond_by"] else None
    late = due is not None and due < now
    review = _review(shown, standing, language)
    what = t(f"milestone.{standing['milestone']}")
    return View(
        number=shown.number,
        seq=shown.seq,
        status=Status(standing["status"]),
        says=t("tracking.says", what=what),
        device=latest["device"] if shown.full else None,
        now=what_happens(pages, language, standing, latest["device"]),
        refused=(*refused(pages, language, latest), *corrected(pages, language, latest)),
        next=what_to_do(pages, language, standing),
        when=t("tracking.late", time=say.moment(due, zone))
        if due and late
        else " ".join([*by_when(pages, language, latest, now=now), *stands_still(pages, language, latest, now=now)])
        or None,
        left=t("tracking.in", span=say.duration(due - now)) if due and not late else None,
        late=late,
        why=tuple(why(pages, language, shown.decision, latest, full=shown.full)),
        steps=_steps(pages, shown, language),
        days=_days(pages, shown, language, zone),
        actions=shown.actions,
        zone=zone,
        note=None if latest["by"] == "customer" else latest.get("note"),
        question=standing["milestone"] == Milestone.WAITING_FOR_CUSTOMER and Action.AMEND in shown.actions,
        spoken=Language(latest["language"]),
        asks=fields_for(standing["missing"]) if Action.AMEND in shown.actions else (),
        review=review if shown.asks else None,
        by_code=not shown.asks and (review is not None or not ASKED_OF_INTAKE.isdisjoint(standing["actions"])),
        cannot_cancel=_cannot_cancel(pages, standing, language),
        answer=_answer(pages, shown, language),
        withheld=shown.answer is not None and not shown.answer.mine,
        bills=bills_of(pages, latest, language, full=shown.full, now=now),
    )


def deciding(pages: Pages, number: str, seq: int, language: Language) -> View:
    """The page of a request that nothing has been heard of yet: it is there, and being decided."""
    t = pages.words.bound(language)
    return View(
        number=number,
        seq=seq,
        status=Status.ACKNOWLEDGED,
        says=t("tracking.says", what=t("milestone.received")),
        device=None,
        now=t("tracking.deciding"),
        refused=(),
        next=t("next.none"),
        when=None,
        left=None,
        late=False,
        why=(),
        steps=(),
        days=(),
        actions=(),
        zone=HOME,
    )


#: What was decided on a machine's coverage, and may be disputed.
_ON_COVERAGE = frozenset(
    {Outcome.BILLABLE_ESTIMATE, Outcome.MAIL_IN, Outcome.PARTS_SHIPMENT, Outcome.TERMINATION_REFUSED}
)

#: What a parameter of the form needs besides itself: a machine is a type and a serial number, or a contract.
_FIELDS_OF: Mapping[str, tuple[str, ...]] = {"machine": ("machine.serial", "machine.type", "contract_number")}


def fields_for(missing: Sequence[str]) -> tuple[str, ...]:
    """The fields that ask for exactly what is missing, each once."""
    return tuple(dict.fromkeys(field for name in missing for field in _FIELDS_OF.get(name, (name,))))


def _review(shown: Shown, standing: Mapping[str, Any], language: Language) -> str | None:
    """Where the customer says "I think that is wrong", where a machine's coverage was judged and it is not too late."""
    if shown.decision is None or shown.decision["outcome"] not in _ON_COVERAGE:
        return None
    if standing["status"] == Status.CANCELLED:
        return None
    return f"/en/requests/{shown.number}/review" if language is Language.EN else f"/fr/demandes/{shown.number}/revision"


def _cannot_cancel(pages: Pages, standing: Mapping[str, Any], language: Language) -> str | None:
    """Why it can be cancelled no more while somebody is at it; nothing where it can, or is over anyway."""
    key = f"tracking.cannot_cancel.{standing['milestone']}"
    if Action.CANCEL in standing["actions"] or key not in pages.words:
        return None
    return pages.words.say(key, language, phone=Say(language, pages.now()).phone(pages.site.phone))


def _answer(pages: Pages, shown: Shown, language: Language) -> tuple[tuple[str, str], ...]:
    """Where the answer is, for a caller who may see it."""
    if shown.answer is None or not shown.answer.mine:
        return ()
    t, number = pages.words.bound(language), shown.number
    page = f"/en/requests/{number}/answer" if language is Language.EN else f"/fr/demandes/{number}/reponse"
    files = ((_file_of(number, form), t(f"tracking.answer.{form}")) for form in shown.answer.files)
    return ((page, t("tracking.answer.page")), *files)


def _file_of(number: str, form: str) -> str:
    return f"/api/requests/{number}/answer.{form}"


def _steps(pages: Pages, shown: Shown, language: Language) -> tuple[Step, ...]:
    """Where the request is on its way, for the outcomes that have a way to show."""
    outcome = shown.decision and Outcome(shown.decision["outcome"])
    path = _STEPS.get(outcome, ()) if outcome else ()
    if not path or shown.latest is None:
        return ()
    reached = {line["entry"].get("standing", {}).get("milestone") for line in shown.lines} | {Milestone.RECEIVED}
    last = max((index for index, step in enumerate(path) if step in reached), default=0)
    ended = shown.latest["standing"]["status"] in (Status.RESOLVED, Status.CLOSED)
    t = pages.words.bound(language)
    visible = []
    for index, step in enumerate(path):
        state = "done" if index < last or (ended and index <= last) else "now" if index == last else "to_come"
        visible.append(Step(_sentence(t(f"milestone.{step}")), state))
    return tuple(visible)


def _days(pages: Pages, shown: Shown, language: Language, zone: ZoneInfo) -> tuple[tuple[date, tuple[Line, ...]], ...]:
    """The timeline, newest first, by day."""
    days: dict[date, list[Line]] = {}
    for line in shown.lines:
        if line["entry"].get("reason") == PASSING:
            continue  # a status on the way to the next line's
        days.setdefault(line["at"].astimezone(zone).date(), []).append(_line(pages, line, language))
    return tuple((day, tuple(lines)) for day, lines in days.items())


def _line(pages: Pages, line: Mapping[str, Any], language: Language) -> Line:
    t, entry = pages.words.bound(language), line["entry"]
    if "standing" not in entry:
        return Line(line["at"], _sentence(t("milestone.received")), t("by.customer"))
    what = t(f"milestone.{entry['standing']['milestone']}")
    match line["type"]:
        case "request.decided":
            text = t("line.again" if entry.get("because") else "line.decided", what=what)
        case "request.clock-warned":
            text = t("line.clock", percent=Say(language, line["at"]).percent(entry["threshold"] / 100))
        case "request.command-refused":
            text = t("line.refused", what=t(f"refused.{entry['command']}"))
        case _ if entry.get("reason") == CLOCK_MOVED:
            text = t("line.moved")
        case _ if entry.get("reason") == CUSTOMER_ANSWERED:
            text = t("line.answered")
        case _:
            text = what
    return Line(line["at"], _sentence(text), t(f"by.{entry['by']}"), entry.get("note"))


def _sentence(words: str) -> str:
    """With a capital, where the words stand alone."""
    return words[:1].upper() + words[1:]


def as_json(shown: Shown) -> dict[str, Any]:
    """The answer of ``GET /api/requests/{number}``."""
    latest, accepted = shown.latest, shown.accepted or {}
    standing = latest["standing"] if latest else {"status": "acknowledged", "milestone": "received"}
    told = latest or accepted
    return {
        "number": shown.number,
        "version": shown.version,
        "status": standing["status"],
        "milestone": standing["milestone"],
        "respond_by": standing.get("respond_by"),
        "waiting": standing.get("waiting"),
        "missing": standing.get("missing", []),
        "actions": list(shown.actions),
        "kind": told.get("kind"),
        "channel": told.get("channel"),
        "received_at": told.get("received_at"),
        "timezone": told.get("timezone"),
        "external_id": told.get("external_id"),
        "visit": standing.get("visit"),
        "parcel": standing.get("parcel"),
        "bill": standing.get("bill") if shown.full else None,
        "decision": shown.decision,
        "answer": _answer_json(shown),
        "timeline": [_json_line(line) for line in shown.lines],
    }


def _answer_json(shown: Shown) -> dict[str, str] | None:
    """Addresses of the answer by form; null where there is none for the caller."""
    if shown.answer is None or not shown.answer.mine:
        return None
    files = {form: _file_of(shown.number, form) for form in shown.answer.files}
    return {"json": f"/api/requests/{shown.number}/answer", **files}


def _json_line(line: Mapping[str, Any]) -> dict[str, Any]:
    entry = line["entry"]
    standing = entry.get("standing", {"status": "acknowledged", "milestone": "received"})
    # The reason of a status is our own word for it; that of a refusal is a code which customers are told in words.
    names = ("by", "command", "note", "threshold", "command_id", *(("reason",) if entry.get("command") else ()))
    kept = {name: entry[name] for name in names if entry.get(name)}
    return {
        "version": line["version"],
        "type": line["type"],
        "at": line["at"].isoformat(timespec="seconds").replace("+00:00", "Z"),
        "status": standing["status"],
        "milestone": standing["milestone"],
        **kept,
    }
