"""What customers are written: one plain text per step, in the language of the request, our own words.

The page and the mail say the same sentences; both come from here and from `words.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from schemas.vocabulary import Language, Milestone, Outcome, Status
from services.notifier import bills
from services.notifier.showing import decision_for
from services.runtime.identity.codes import TrackingCodes
from services.runtime.web.pages import Pages, Say

#: Nothing follows by itself from here.
_ENDED = {Status.RESOLVED, Status.REJECTED, Status.CANCELLED, Status.CLOSED}


@dataclass(frozen=True)
class Messages:
    """Writes mails. ``pages`` brings words, dates and the public address."""

    pages: Pages
    codes: TrackingCodes

    def write(self, body: Mapping[str, Any], language: Language, *, full: bool) -> tuple[str, str]:
        """Subject and text of the message that this status event calls for."""
        if "threshold" in body:
            return self.warn(body, language)
        t = self.pages.words.bound(language)
        say = Say(language, self.at(body))
        number = say.request_number(body["number"])
        decision = body.get("decision")
        visible = None if decision is None else decision_for(decision, full=full, staff=False)
        lines = [
            t("mail.greeting"),
            what_happens(self.pages, language, body["standing"], body.get("device")),
            *([body["note"]] if body.get("note") else []),
            *bills.said(self.pages, language, body, full=full),
            *refused(self.pages, language, body),
            *corrected(self.pages, language, body),
            *why(self.pages, language, visible, body, full=full),
            *by_when(self.pages, language, body, now=self.at(body)),
            *stands_still(self.pages, language, body, now=self.at(body)),
            what_to_do(self.pages, language, body["standing"]),
            t("mail.follow", address=self._address(body["number"], language)),
            t("mail.closing"),
        ]
        subject = t("mail.subject", number=number, what=t(f"milestone.{body['standing']['milestone']}"))
        return subject, "\n\n".join(lines) + "\n"

    def warn(self, body: Mapping[str, Any], language: Language) -> tuple[str, str]:
        """What the service manager is written when the promised time runs out, or has."""
        t, now = self.pages.words.bound(language), self.at(body)
        say, number = Say(language, now), body["number"]
        respond_by = body["standing"]["respond_by"]
        due = "" if respond_by is None else say.moment(datetime.fromisoformat(respond_by), ZoneInfo(body["timezone"]))
        share = say.percent(body["threshold"] / 100)
        lines = [
            t("escalation.what", number=say.request_number(number), percent=share, moment=due),
            t("escalation.where", what=t(f"milestone.{body['standing']['milestone']}"), device=body["device"] or "—"),
            t("escalation.see", address=f"{self.pages.site.public_url}/desk/requests/{number}/decisions/1"),
        ]
        return t("escalation.subject", number=say.request_number(number), percent=share), "\n\n".join(lines) + "\n"

    def at(self, body: Mapping[str, Any]) -> datetime:
        """When what the message tells of happened."""
        return datetime.fromisoformat(body["occurred_at"])

    def _address(self, number: str, language: Language) -> str:
        path = "/en/requests/" if language is Language.EN else "/fr/demandes/"
        return f"{self.pages.site.public_url}{path}{number}?k={self.codes.code(number)}"


def what_happens(pages: Pages, language: Language, standing: Mapping[str, Any], device: str | None) -> str:
    """One sentence: where the request stands."""
    return pages.words.say(f"now.{standing['milestone']}", language)


def why(
    pages: Pages, language: Language, decision: Mapping[str, Any] | None, body: Mapping[str, Any], *, full: bool
) -> list[str]:
    """Why it was decided so: a sentence for the outcome with the dates that decided, and one for each reason."""
    if decision is None:
        return []
    t = pages.words.bound(language)
    say = Say(language, datetime.fromisoformat(body["occurred_at"]))
    zone = ZoneInfo(body["timezone"])
    received = datetime.fromisoformat(body["received_at"]).astimezone(zone).date()
    outcome = Outcome(decision["outcome"])
    said = []
    until = decision.get("covered_until") if full else None
    match outcome:
        case Outcome.ONSITE_DISPATCH:
            said.append(t("why.onsite", date=say.day(date.fromisoformat(until))) if until else t("why.onsite.undated"))
        case Outcome.MAIL_IN:
            said.append(
                t("why.mail_in", date=say.day(date.fromisoformat(until))) if until else t("why.mail_in.undated")
            )
        case Outcome.BILLABLE_ESTIMATE:
            said.append(t("why.none", date=say.day(received)) if full else t("why.none.undated"))
        case _:
            said.append(t(f"why.{outcome.value}"))
    return said + [t(f"reason.{reason}") for reason in decision["reasons"]]


def by_when(pages: Pages, language: Language, body: Mapping[str, Any], *, now: datetime) -> list[str]:
    """By when we answer, in the zone of the place, or nothing."""
    respond_by = body["standing"].get("respond_by")
    if respond_by is None:
        return []
    say = Say(language, now)
    moment = say.moment(datetime.fromisoformat(respond_by), ZoneInfo(body["timezone"]))
    return [pages.words.say("when.by", language, moment=moment)]


def stands_still(pages: Pages, language: Language, body: Mapping[str, Any], *, now: datetime) -> list[str]:
    """Since when our response time stands still, and what for; nothing while it runs."""
    waiting = body["standing"].get("waiting")
    if waiting is None:
        return []
    since = Say(language, now).moment(datetime.fromisoformat(waiting["since"]), ZoneInfo(body["timezone"]))
    return [pages.words.say(f"waiting.{waiting['what_for']}", language, moment=since)]


def what_to_do(pages: Pages, language: Language, standing: Mapping[str, Any]) -> str:
    """The one thing that the customer must do, or nothing."""
    t = pages.words.bound(language)
    match standing["milestone"]:
        case Milestone.AWAITING_PACKAGE:
            parcel = standing["parcel"] or {}
            return t("next.send", return_number=parcel.get("return_number", ""), address=address_of(parcel))
        case Milestone.INFORMATION_NEEDED:
            missing = ", ".join(t(f"missing.{name}") for name in standing["missing"])
            return t("next.give", missing=missing)
        case Milestone.WAITING_FOR_CUSTOMER:
            return t("next.answer")
        case Milestone.ESTIMATE_SENT:
            return t("next.answer_estimate")
        case Milestone.RENEWAL_OFFERED:
            return t("next.renew")
        case _:
            return t("next.done" if standing["status"] in _ENDED else "next.none")


def address_of(parcel: Mapping[str, Any]) -> str:
    """The depot's address on one line."""
    parts = (parcel.get("name"), parcel.get("line1"), parcel.get("city"), parcel.get("postal_code"))
    return ", ".join(part for part in parts if part)


def corrected(pages: Pages, language: Language, body: Mapping[str, Any]) -> list[str]:
    """That we decided again, why, and what of the first decision no longer counts; nothing where we did not."""
    because = body.get("because")
    if because is None:
        return []
    say = pages.words.say
    return [say(f"again.{because}", language), *(say(f"undone.{what}", language) for what in body["undone"])]


def refused(pages: Pages, language: Language, body: Mapping[str, Any]) -> list[str]:
    """What was asked and cannot be, where that is what happened."""
    if "command" not in body:
        return []
    words = pages.words
    reason = body["reason"] if f"refused.{body['reason']}" in words else "not_now"
    return [words.say(f"refused.{body['command']}", language), words.say(f"refused.{reason}", language)]
