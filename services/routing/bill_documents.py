"""Invoices, credit notes and statements as people keep them: sheets for pages and PDF, a CSV table (docs/rules.md §8)."""

import csv
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

from schemas.vocabulary import DisputeOutcome, Language
from services.routing.disputes import CreditNote
from services.routing.documents import Sheet, Table, inert
from services.routing.invoices import Invoice, seen_by_customer
from services.routing.requests import Life
from services.routing.rules.policy import Policy
from services.routing.rules.statement import Account, Entry
from services.runtime.web import dates, numbers
from services.runtime.web.words import Translate, Words

#: Where statements are dated: an account has no place of its own.
HOME = ZoneInfo("America/Toronto")

#: A document is read years later: its dates always have their year.
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)

_SHARES = (8, 44, 14, 17, 17)


def invoice_sheet(made: Invoice, life: Life, words: Words, policy: Policy) -> Sheet:
    """The invoice, in the request's language."""
    t, language = words.bound(life.language), life.language
    until = seen_by_customer(made, policy).dispute_until
    head = (
        *_head(life, t),
        (t("bill.issued"), _day(made.issued_at, life)),
        (t("bill.dispute_until"), dates.moment(until, ZoneInfo(life.timezone), language, _LONG_AGO)),
    )
    lines = _lines(made, {}, t, language)
    total = (t("bill.total"), numbers.money(made.total, made.currency, language))
    title = t("bill.title.invoice", number=made.invoice_number)
    return Sheet(title, head, None, (_with_total(lines, total, t, made.currency),))


def credit_note_sheet(note: CreditNote, against: Invoice, life: Life, words: Words) -> Sheet:
    """What is given back of which lines, in the dispute's language."""
    t, language = words.bound(life.language), life.language
    head = (
        *_head(life, t),
        (t("bill.issued"), _day(note.issued_at, life)),
        (t("bill.invoice_number"), against.invoice_number),
    )
    lines = _lines(against, note.amounts, t, language)
    total = (t("bill.total.credited"), numbers.money(note.total, note.currency, language))
    title = t("bill.title.credit_note", number=note.credit_note)
    return Sheet(title, head, None, (_with_total(lines, total, t, note.currency),))


def statement_sheet(
    customer: str, accounts: Sequence[Account], words: Words, language: Language, now: datetime
) -> Sheet:
    """A customer's account, a table a currency."""
    t = words.bound(language)
    head = (
        (t("bill.customer"), customer),
        (t("bill.as_of"), dates.day(now.astimezone(HOME).date(), language, date.min)),
    )
    tables = tuple(_account(account, t, language) for account in accounts)
    says = None if tables else t("bill.statement.none")
    return Sheet(
        t("bill.title.statement", number=customer), head, says, tables, foot=f"{t('bill.customer')} {customer}"
    )


def statement_csv(accounts: Sequence[Account], t: Translate) -> bytes:
    """RFC 4180, one line an entry; amounts plain, with two decimals."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    columns = ("issued", "sort", "reference", "invoice_number", "currency", "amount", "balance")
    writer.writerow([t(f"bill.{column}") for column in columns])
    for account in accounts:
        for entry, balance in account.entries:
            cells = [_iso(entry), t(f"bill.entry.{entry.sort}"), inert(entry.reference), entry.invoice_number]
            writer.writerow([*cells, entry.currency, str(entry.amount), str(balance)])
    return text.getvalue().encode("utf-8-sig")


def usual_sentence(outcome: DisputeOutcome, words: Words, language: Language) -> str:
    """What the customer reads when nobody wrote anything else."""
    return words.say(f"bill.sentence.{outcome.value}", language)


def line_words(line: Mapping[str, Any], t: Translate) -> str:
    """What a line is for: `Part 00FAN120, Fan, 120 mm`; `Labour, repair, hours`."""
    sort = " ".join(word for word in (t(f"bill.sort.{line['sort']}"), line["part"]) if word)
    return f"{sort}, {line['what'] or t('bill.reason.' + line['reason'])}"


def _head(life: Life, t: Translate) -> tuple[tuple[str, str], ...]:
    return (
        (t("bill.customer"), life.customer_number or "–"),
        (t("bill.request"), numbers.request_number(life.number)),
        (t("bill.device"), life.device or "–"),
    )


def _lines(
    made: Invoice, given_back: Mapping[int, Decimal], t: Translate, language: Language
) -> tuple[tuple[str, ...], ...]:
    """The invoice's lines; of a credit note, those of which something is given back, with that amount."""
    shown = [line for line in made.lines if not given_back or line["line"] in given_back]
    return tuple(
        (
            str(line["line"]),
            line_words(line, t),
            numbers.number(Decimal(line["quantity"]), language),
            numbers.money(Decimal(line["unit_price"]), made.currency, language),
            numbers.money(given_back.get(line["line"], Decimal(line["amount"])), made.currency, language),
        )
        for line in shown
    )


def _with_total(lines: tuple[tuple[str, ...], ...], total: tuple[str, str], t: Translate, currency: str) -> Table:
    headers = tuple(t(f"bill.{column}") for column in ("line", "what", "quantity", "unit_price", "amount"))
    rows = (*lines, ("", total[0], "", "", total[1]))
    note = t("bill.before_taxes", currency=currency)
    return Table(t("bill.lines"), headers, rows, _SHARES, note, right=(2, 3, 4))


def _account(account: Account, t: Translate, language: Language) -> Table:
    def money(amount: Decimal) -> str:
        return numbers.money(amount, account.currency, language)

    headers = tuple(t(f"bill.{column}") for column in ("issued", "what", "invoice_number", "amount", "balance"))
    rows = tuple(
        (
            dates.day(entry.at.astimezone(HOME).date(), language, date.min),
            t(f"bill.entry.{entry.sort}") + ("" if entry.sort == "invoice" else f" {entry.reference}"),
            entry.invoice_number,
            money(entry.amount),
            money(balance),
        )
        for entry, balance in account.entries
    )
    note = t("bill.statement.balance", balance=money(account.balance), held=money(account.held))
    return Table(
        t("bill.statement.account", currency=account.currency), headers, rows, (20, 30, 18, 16, 16), note, right=(3, 4)
    )


def _iso(entry: Entry) -> str:
    return entry.at.astimezone(HOME).date().isoformat()


def _day(at: datetime, life: Life) -> str:
    return dates.day(at.astimezone(ZoneInfo(life.timezone)).date(), life.language, date.min)
