"""Estimates, invoices and disputed charges as a request's page and mails say them (docs/rules.md §8).

Amounts are for those who proved who they are; who holds a tracking code alone sees where the request stands, and whom to ask.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from schemas.vocabulary import Action, DisputeOutcome, EstimateState, Language
from services.runtime.web.pages import Pages, Say
from services.runtime.web.words import Translate


@dataclass(frozen=True, slots=True)
class EstimateCard:
    """`answer`: where the customer accepts or declines, while that is legal."""

    version: int
    lines: tuple[tuple[str, str], ...]  # what, amount
    total: str
    good_until: str
    follows: str
    answer: str | None
    accept: str


@dataclass(frozen=True, slots=True)
class InvoiceCard:
    says: str
    dispute_until: str | None
    page: str
    pdf: str


@dataclass(frozen=True, slots=True)
class DisputeCard:
    says: tuple[str, ...]
    pdf: str | None


@dataclass(frozen=True, slots=True)
class Bills:
    """What the page places; `withheld`: there are amounts, but not for this caller."""

    estimate: EstimateCard | None = None
    invoice: InvoiceCard | None = None
    dispute: DisputeCard | None = None
    withheld: str | None = None


NO_BILLS = Bills()


def bills_of(pages: Pages, latest: Mapping[str, Any], language: Language, *, full: bool, now: datetime) -> Bills:
    """The bills of a request as it stands."""
    bill = latest["standing"].get("bill")
    if bill is None:
        return NO_BILLS
    if not full:
        phone = Say(language, now).phone(pages.site.phone)
        return Bills(withheld=pages.words.say("bill.estimate.withheld", language, phone=phone))
    t, say, number = pages.words.bound(language), Say(language, now), latest["number"]
    zone = ZoneInfo(latest["timezone"])
    return Bills(
        estimate=_estimate(bill["estimate"], latest, t, say, zone),
        invoice=_invoice(bill, number, t, say, zone),
        dispute=_dispute(bill["dispute"], latest, t, say),
    )


def said(pages: Pages, language: Language, body: Mapping[str, Any], *, full: bool) -> list[str]:
    """What a message adds about money; nothing to an address that is not the one on file."""
    bill = body["standing"].get("bill")
    if bill is None or not full:
        return []
    t, say = pages.words.bound(language), Say(language, datetime.fromisoformat(body["occurred_at"]))
    zone = ZoneInfo(body["timezone"])
    sentences = []
    if (offer := bill["estimate"]) is not None:
        total = say.money(Decimal(offer["total"]), offer["currency"])
        if offer["status"] == EstimateState.SENT:
            until = say.moment(datetime.fromisoformat(offer["good_until"]), zone)
            sentences.append(t("bill.estimate.offer", total=total, moment=until))
        elif body.get("reason") == "estimate_accepted":
            sentences.append(t("bill.estimate.accepted", total=total))
    if (made := bill["invoice"]) is not None:
        total = say.money(Decimal(made["total"]), made["currency"])
        sentences.append(t("bill.invoice.issued", number=made["invoice_number"], total=total))
    if bill["dispute"] is not None:
        sentences += _dispute_said(bill["dispute"], body, t, say)
    return sentences


def _estimate(
    offer: Mapping[str, Any] | None, latest: Mapping[str, Any], t: Translate, say: Say, zone: ZoneInfo
) -> EstimateCard | None:
    """While it waits for its answer; what became of it, the standing says."""
    if offer is None or offer["status"] != EstimateState.SENT:
        return None
    until, number = datetime.fromisoformat(offer["good_until"]), latest["number"]
    answerable = Action.ACCEPT_ESTIMATE in latest["standing"]["actions"] and say.now < until
    total = say.money(Decimal(offer["total"]), offer["currency"])
    at = f"/en/requests/{number}/estimate" if say.language is Language.EN else f"/fr/demandes/{number}/estimation"
    return EstimateCard(
        version=offer["version"],
        lines=tuple(_line(line, offer["currency"], t, say) for line in offer["lines"]),
        total=total,
        good_until=t("bill.estimate.good", moment=say.moment(until, zone)),
        follows=t(f"bill.estimate.{offer['way']}"),
        answer=at if answerable else None,
        accept=t("bill.estimate.accept", total=total),
    )


def _line(line: Mapping[str, Any], currency: str, t: Translate, say: Say) -> tuple[str, str]:
    values = {
        "quantity": say.number(Decimal(line["quantity"])),
        "price": say.money(Decimal(line["unit_price"]), currency),
    }
    what = {"what": line["what"] or line["part"]} if line["sort"] == "part" else {}
    return t(f"bill.line.{line['sort']}", **values, **what), say.money(Decimal(line["amount"]), currency)


def _invoice(bill: Mapping[str, Any], number: str, t: Translate, say: Say, zone: ZoneInfo) -> InvoiceCard | None:
    """What is owed; nothing is left to dispute of what was given back whole."""
    made, dispute = bill["invoice"], bill["dispute"]
    if made is None:
        return None
    until = datetime.fromisoformat(made["dispute_until"])
    given_back = dispute is not None and dispute["credited"] == made["total"]
    total = say.money(Decimal(made["total"]), made["currency"])
    page = f"/en/requests/{number}/invoice" if say.language is Language.EN else f"/fr/demandes/{number}/facture"
    return InvoiceCard(
        says=t("bill.invoice.issued", number=made["invoice_number"], total=total),
        dispute_until=t("bill.invoice.dispute_until", moment=say.moment(until, zone))
        if say.now < until and not given_back
        else None,
        page=page,
        pdf=f"/api/requests/{number}/invoice.pdf",
    )


def _dispute(told: Mapping[str, Any] | None, latest: Mapping[str, Any], t: Translate, say: Say) -> DisputeCard | None:
    if told is None:
        return None
    pdf = None if told["credit_note"] is None else f"/api/requests/{latest['number']}/credit-note.pdf"
    return DisputeCard(says=tuple(_dispute_said(told, latest, t, say)), pdf=pdf)


def _dispute_said(told: Mapping[str, Any], body: Mapping[str, Any], t: Translate, say: Say) -> list[str]:
    """What is held; once somebody has looked, how it ended, and in the desk's own words why."""
    currency = told["currency"]
    match told["outcome"]:
        case None if told["lines"]:
            held = say.money(Decimal(told["held"]), currency)
            return [t("bill.dispute.held", amount=held, number=told["invoice_number"])]
        case None:
            return [t("bill.dispute.nothing", number=told["invoice_number"])]
        case DisputeOutcome.UPHELD:
            ended = t("bill.dispute.upheld")
        case _:
            given = say.money(Decimal(told["credited"]), currency)
            ended = t("bill.dispute.credited", amount=given, note=told["credit_note"])
    return [*([body["note"]] if body.get("note") else []), ended]
