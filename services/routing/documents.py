"""An answer as people keep it: words and tables for its page, a CSV table, a PDF document.

All three are made from the answer alone, so that the same answer gives the same bytes. The PDF uses the fonts that every
reader has; what their alphabet lacks is written with its nearest letters.
"""

import csv
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from io import StringIO
from typing import Final

from schemas.vocabulary import Language
from services.routing.answers import Answer, ContractCopy, CoveredDevices, Downloads, covered_from, versions_until
from services.routing.rules.book import Contract, Site
from services.routing.rules.coverage import Comparison
from services.routing.rules.entitlements import Standing, State
from services.runtime.web import dates, numbers
from services.runtime.web.words import Translate, Words


@dataclass(frozen=True, slots=True)
class Table:
    """`shares`: of the sheet's width, one a column."""

    caption: str
    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    shares: tuple[int, ...]
    note: str | None = None  # under the table
    right: tuple[int, ...] = ()  # columns of numbers, set to the right


@dataclass(frozen=True, slots=True)
class Sheet:
    """An answer in one language, ready to be placed."""

    title: str
    lines: tuple[tuple[str, str], ...]  # (term, value)
    says: str | None
    tables: tuple[Table, ...]
    foot: str | None = None  # at the foot of each page; none: the request


def sheet(answer: Answer, number: str, words: Words, language: Language) -> Sheet:
    """What page and PDF place. `number` is the request's."""
    speak = _Speaker(words.bound(language), language)
    t, customer = speak.t, answer.customer
    head = (
        (t("answer.customer"), f"{customer.name} ({customer.number})"),
        (t("answer.request"), numbers.request_number(number)),
        (t("answer.day"), speak.day(answer.day)),
    )
    match answer.given:
        case CoveredDevices() as given:
            only = () if given.contract_number is None else ((t("answer.contract"), given.contract_number),)
            table = speak.devices(given.devices, with_contract=True)
            title = t("answer.title.covered_devices")
            return Sheet(title, head + only, speak.count(given.machines), (table,) if given.devices else ())
        case ContractCopy() as given:
            tables = (speak.devices(given.items, with_contract=False), speak.products(given.products))
            title = t("answer.title.contract_copy", number=given.contract.number)
            filled = tuple(table for table in tables if table.rows)
            return Sheet(title, head + speak.contract(given.contract), None, filled)
        case Downloads() as given:
            return Sheet(t("answer.title.software_download"), head, None, (speak.downloads(given.products),))


def shortened(placed: Sheet, most: int, words: Words, language: Language) -> Sheet:
    """The sheet with at most `most` lines a table, and a note where there are more."""

    def short(table: Table) -> Table:
        if len(table.rows) <= most:
            return table
        count, all_ = numbers.number(most, language), numbers.number(len(table.rows), language)
        return replace(table, rows=table.rows[:most], note=words.say("answer.first", language, count=count, all=all_))

    return replace(placed, tables=tuple(map(short, placed.tables)))


def devices_csv(given: CoveredDevices, t: Translate) -> bytes:
    """RFC 4180, one line a covering item. UTF-8 with its mark, without which spreadsheets garble accents."""
    names = ("contract", "kind", "type", "model", "serial", "site", "address", "level.code", "level", "from", "until")
    text = StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([t(f"answer.{name}") for name in names])
    for one in given.devices:
        writer.writerow([inert(cell) for cell in _csv_row(one, t)])
    return text.getvalue().encode("utf-8-sig")


def inert(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: what could begin one is put behind an apostrophe."""
    plain = unicodedata.normalize("NFKC", cell)  # ＝ is an equals sign to some
    return f"'{cell}" if plain.lstrip()[:1] in _FORMULA or plain[:1] in _BREAKS else cell


def pdf(placed: Sheet, number: str, words: Words, language: Language, made_at: datetime) -> bytes:
    """The sheet as a PDF, on letter paper. `made_at` is written into it in place of the clock's hour."""
    from services.routing.paper import Paper  # it takes half a second to load, which a worker that restarts has not

    return Paper(placed, numbers.request_number(number), words.bound(language), language, made_at).drawn()


def printable(text: str) -> str:
    """The text in letters that the PDF's fonts have; one that is nothing like any of them becomes a question mark."""
    return "".join(map(_printed, unicodedata.normalize("NFC", text)))


_FORMULA: Final = frozenset("=+-@")
_BREAKS: Final = frozenset("\t\r\n")
#: What the PDF's fonts have.
ALPHABET: Final = "cp1252"
_NEAREST: Final = {"Ł": "L", "ł": "l", "Đ": "D", "đ": "d", "ı": "i"}  # letters that Unicode takes for whole


def _csv_row(one: Comparison, t: Translate) -> list[str]:
    item, site = one.item, one.place.site
    return [
        one.contract.number,
        t(f"answer.kind.{one.contract.kind}"),
        item.machine_type,
        item.model or "",
        item.serial,
        "" if site is None else site.site_id,
        "" if site is None else _address(site),
        one.level or "",
        t(f"answer.level.{one.level}") if one.level else "",
        covered_from(one).isoformat(),
        one.covered_until.isoformat() if one.covered_until else "",
    ]


def _address(site: Site) -> str:
    return ", ".join(part for part in (site.line1, site.city, site.province, site.postal_code, site.country) if part)


@dataclass(frozen=True, slots=True)
class _Speaker:
    """Says the parts of an answer in one language."""

    t: Translate
    language: Language

    def day(self, day: date) -> str:
        """Always with its year: a document is read years later."""
        return dates.day(day, self.language, date.min)

    def until(self, day: date | None) -> str:
        return self.t("answer.no_end") if day is None else self.day(day)

    def count(self, machines: int) -> str:
        if machines < 2:
            return self.t("answer.count.one" if machines else "answer.count.none")
        return self.t("answer.count.more", count=numbers.number(machines, self.language))

    def devices(self, found: Sequence[Comparison], *, with_contract: bool) -> Table:
        t = self.t
        if with_contract:
            columns, shares = ("device", "site", "level", "contract", "until"), (22, 24, 24, 14, 16)
        else:
            columns, shares = ("device", "site", "level", "from", "until"), (22, 24, 22, 16, 16)
        headers = tuple(t(f"answer.{column}") for column in columns)
        rows = tuple(
            (
                " ".join(part for part in (one.item.machine_type, one.item.model, one.item.serial) if part),
                "" if one.place.site is None else f"{one.place.site.line1}, {one.place.site.city}",
                t(f"answer.level.{one.level}") if one.level else "",
                one.contract.number if with_contract else self.day(covered_from(one)),
                self.until(one.covered_until),
            )
            for one in found
        )
        return Table(t("answer.devices"), headers, rows, shares)

    def contract(self, contract: Contract) -> tuple[tuple[str, str], ...]:
        t, level = self.t, contract.service_level
        own_months = (
            ("answer.customer_minimum", contract.customer_minimum_months),
            ("answer.customer_notice", contract.customer_notice_months),
            ("answer.provider_minimum", contract.provider_minimum_months),
            ("answer.provider_notice", contract.provider_notice_months),
        )
        lines = [
            (t("answer.contract"), contract.number),
            (t("answer.kind"), t(f"answer.kind.{contract.kind}")),
            (t("answer.begins"), self.day(contract.start_date)),
            (t("answer.ends"), self._end(contract)),
        ]
        if level is not None:
            lines += [(t("answer.level"), t(f"answer.level.{level}")), (t("answer.level.code"), str(level))]
        if contract.prepaid_until is not None:
            lines.append((t("answer.prepaid"), self.day(contract.prepaid_until)))
        return (*lines, *((t(key), str(months)) for key, months in own_months if months is not None))

    def products(self, found: Sequence[Standing]) -> Table:
        headers = tuple(self.t(f"answer.{column}") for column in ("product", "quantity", "subscription"))
        rows = tuple((_product(one), self._quantity(one), self._state(one)) for one in found)
        return Table(self.t("answer.products"), headers, rows, (50, 15, 35))

    def downloads(self, found: Sequence[Standing]) -> Table:
        columns = ("product", "quantity", "contract", "subscription", "versions")
        rows = tuple(
            (_product(one), self._quantity(one), one.contract.number, self._state(one), self._versions(one))
            for one in found
        )
        headers = tuple(self.t(f"answer.{column}") for column in columns)
        return Table(self.t("answer.products"), headers, rows, (30, 10, 15, 20, 25))

    def _end(self, contract: Contract) -> str:
        if not contract.auto_renew:
            return self.until(contract.end_date)
        if contract.end_date is None:
            return self.t("answer.renews.undated")
        return self.t("answer.renews", date=self.day(contract.end_date))

    def _quantity(self, one: Standing) -> str:
        return numbers.number(one.entitlement.quantity, self.language)

    def _state(self, one: Standing) -> str:
        day = one.contract.start_date if one.state is State.TO_COME else one.until
        if day is None:
            return self.t("answer.state.active.undated")
        return self.t(f"answer.state.{one.state}", date=self.day(day))

    def _versions(self, one: Standing) -> str:
        until = versions_until(one)
        if until is None:
            return self.t("answer.versions.current")
        return self.t("answer.versions.until", date=self.day(until))


def _product(one: Standing) -> str:
    return f"{one.entitlement.product_name} ({one.entitlement.product_id})"


@lru_cache(4096)
def _printed(letter: str) -> str:
    if letter.isspace() and letter != dates.NBSP:
        return " "
    if unicodedata.category(letter) in ("Cc", "Cf"):
        return ""
    if _has(letter):
        return letter
    plain = "".join(part for part in unicodedata.normalize("NFKD", letter) if _has(part))
    return plain or ("" if unicodedata.combining(letter) else _NEAREST.get(letter, "?"))


def _has(letter: str) -> bool:
    try:
        return bool(letter.encode(ALPHABET))
    except UnicodeEncodeError:
        return False
