"""A decision explained to a person: what, by which rule, what was compared and why it lost, how the clock ran.

Works from the JSON of a decision and its evidence, as they are stored, so that the terminal and the page for staff say
the same of a decision made a year ago. Nothing is decided again here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from schemas.request import FieldError
from schemas.vocabulary import Language, Outcome
from services.routing import explain_clock as clock
from services.routing import explain_words as words
from services.routing.rules.policy import Policy

Json = Mapping[str, Any]

#: Of a long text the words that weighed most are shown.
MOST_WORDS: Final = 8


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the explanation: a key of `explain_words.LABELS`, and its lines."""

    label: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One item that was compared, as a row of a table."""

    contract: str
    item: str
    level: str
    window: str
    site: str
    covers: bool
    why: str
    wins: bool


@dataclass(frozen=True, slots=True)
class Explanation:
    """A headline and the parts that have something to say, in the order of reading."""

    headline: str
    parts: tuple[Part, ...]


def explain(decision: Json, evidence: Json, *, language: Language, zone: ZoneInfo, policy: Policy) -> Explanation:
    """The whole explanation. `zone` is that of the place meant; `policy` names working hours and holidays."""
    headline = words.HEADLINE.say(
        language,
        outcome=decision["outcome"],
        rule=decision["rule"],
        policy=decision["policy"],
        moment=f"{_instant(decision['as_of']).astimezone(zone):%Y-%m-%d %H:%M}",
        place=place_name(zone),
    )
    steps = evidence["steps"]
    parts = (
        Part("ref", () if decision["ref"] is None else (_visible(decision["ref"]),)),
        Part("result", (result(decision, language, zone),)),
        Part("reasons", tuple(f"{code}: {words.REASONS[code].say(language)}" for code in decision["reasons"])),
        Part("missing", tuple(f"{path}: {_missing(path, language)}" for path in decision["missing"])),
        Part("kind", tuple(answer(step, language) for step in steps if step["question"] == "kind")),
        Part("text", _text(evidence, language)),
        Part("asked", questions(evidence, language)),
        Part("items", _item_lines(evidence, language)),
        Part("software", _software(evidence, language)),
        Part("dates", _dates(decision, language)),
        Part("offers", tuple(words.OFFERS[offer["code"]].say(language, **offer) for offer in evidence["offers"])),
        Part("clock", clock.lines(evidence["clock"], language, policy)),
        Part("then", (_then(decision, language),)),
    )
    return Explanation(headline, tuple(part for part in parts if part.lines))


def as_text(explanation: Explanation, language: Language) -> str:
    """Plain lines for a terminal: the headline, then each part beside its label."""
    lines = [explanation.headline]
    for part in explanation.parts:
        label = words.LABELS[part.label].say(language)
        for line in part.lines:
            lines.append(f"  {label:<10}{line}".rstrip())
            label = ""
    return "\n".join(lines)


def refused(line: int, ref: object, error: FieldError | None, language: Language) -> str:
    """A line that is no request, in place of its explanation."""
    parts = [] if ref is None else [Part("ref", (_visible(ref),))]
    if error is not None:
        where = f"{_visible(error.path)}: " if error.path else ""
        parts.append(Part("error", (f"{where}{error.message} ({error.code})",)))
    return as_text(Explanation(words.REFUSED_LINE.say(language, line=line), tuple(parts)), language)


def answer(step: Json, language: Language) -> str:
    """One question with its answer, in words; one without words stands as its codes."""
    question, said, about = step["question"], step["answer"], step["about"]
    phrase = words.ANSWERS.get(f"{question}.{said}") or words.ANSWERS.get(f"{question}.*")
    if phrase is None:
        return " ".join(map(_visible, (question, said, *about)))
    shown = [_percent(value, language) if isinstance(value, float) else _visible(value, language) for value in about]
    return phrase.say(language, *shown, answer=said, all=", ".join(map(str, shown)))


def result(decision: Json, language: Language, zone: ZoneInfo) -> str:
    """What the decision means, in one sentence."""
    due = decision["respond_by"]
    return words.RESULTS[Outcome(decision["outcome"])].say(
        language,
        queue=decision["queue"],
        site=decision["site_id"],
        depot=decision["depot"],
        until=decision["covered_until"],
        end=decision["dates"]["effective_end"],
        earliest=decision["dates"]["earliest_notice_on"],
        due=clock.moment(_instant(due).astimezone(zone), language) if due else "–",
    )


def steps(evidence: Json, language: Language) -> tuple[str, ...]:
    """Every question that was asked with its answer, each once, in order; the last one decided."""
    return tuple(dict.fromkeys(answer(step, language) for step in evidence["steps"]))


def questions(evidence: Json, language: Language) -> tuple[str, ...]:
    """What the rules asked after the kind, each once, in their order; the last one decided."""
    asked = (answer(step, language) for step in evidence["steps"] if step["question"] != "kind")
    return tuple(dict.fromkeys(asked))


def items(evidence: Json, language: Language) -> tuple[ItemRow, ...]:
    """The customer's own items that were compared, the one that decided first."""
    compared = () if evidence["coverage"] is None else evidence["coverage"]["compared"]
    return tuple(_item(one, language) for one in compared)


def hidden(evidence: Json, language: Language) -> str | None:
    """How many items of other customers were seen; nothing else is said of them."""
    count = 0 if evidence["coverage"] is None else evidence["coverage"]["hidden"]
    return words.HIDDEN[count > 1].say(language, count=count) if count else None


def place_name(zone: ZoneInfo) -> str:
    """The city that names a zone: ``Toronto``."""
    return zone.key.rpartition("/")[2].replace("_", " ")


def _item(one: Json, language: Language) -> ItemRow:
    said = "wins" if one["wins"] else one["lost_by"] or "covers"
    fields = {
        **one,
        "covered_until": one["covered_until"] or words.NO_END.say(language),
        "type": one["machine"]["type"],
        "kind": one["contract_kind"],
    }
    return ItemRow(
        contract=one["contract_number"],
        item=f"{one['machine']['type']} {one['machine']['serial']}",
        level=one["service_level"] or "–",
        window=f"{one['covered_from']}…{one['covered_until'] or ''}",
        site=one["site_id"] or "–",
        covers=one["covers"],
        why=words.LOST[said].say(language, **fields),
        wins=one["wins"],
    )


def _item_lines(evidence: Json, language: Language) -> tuple[str, ...]:
    cells = [(row.contract, row.level, row.window, row.site, row.why) for row in items(evidence, language)]
    more = hidden(evidence, language)
    return (*_aligned(cells), *((more,) if more else ()))


def _text(evidence: Json, language: Language) -> tuple[str, ...]:
    """The words that weighed most; told only where the text had a say."""
    read = evidence["text"]
    declared = any((step["question"], step["answer"]) == ("kind", "declared") for step in evidence["steps"])
    if read is None or declared:
        return ()
    if not read["words"]:
        return (words.NO_WORD.say(language),)
    strongest = sorted(read["words"], key=lambda word: -abs(word["weight"]))[:MOST_WORDS]
    shown = " · ".join(words.WORD.say(language, word=_visible(one["word"]), weight=one["weight"]) for one in strongest)
    sure = words.READ.say(
        language,
        kind=read["kind"],
        confidence=_percent(read["confidence"], language),
        model=read.get("model") or "1",  # decisions stored before models had versions
    )
    return sure, shown


def _software(evidence: Json, language: Language) -> tuple[str, ...]:
    return _aligned(
        [
            (
                one["contract_number"],
                one["product_id"],
                f"{one['product_name']} ×{one['quantity']}",
                f"{one['begins']}…{one['until'] or ''}",
                words.STATES[one["state"]].say(language, **one),
            )
            for one in evidence["entitlements"]
        ]
    )


def _dates(decision: Json, language: Language) -> tuple[str, ...]:
    dates = decision["dates"]
    said = [words.DATES[name].say(language, day=value) for name, value in dates.items() if value is not None]
    earliest, until = dates["earliest_notice_on"], decision["covered_until"]
    if earliest and until and earliest > until:
        said.append(words.DATES["ends_before"].say(language, day=until))
    return tuple(said)


def _then(decision: Json, language: Language) -> str:
    said = [words.THEN.say(language, **decision)]
    if decision["queue"]:
        said.append(words.THEN_QUEUE.say(language, **decision))
    if decision["depot"]:
        said.append(words.THEN_DEPOT.say(language, **decision))
    return ", ".join(said)


def _missing(path: str, language: Language) -> str:
    return words.MISSING[path].say(language)


def _aligned(rows: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Cells in columns; the last one is as long as it likes."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return tuple("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)


_NOTHING: Final = "–"


def _percent(share: float, language: Language) -> str:
    return f"{share:.0%}" if language is Language.EN else f"{share * 100:.0f}\u00a0%"


def _visible(value: object, language: Language = Language.EN) -> str:
    """A value from outside, without what could move a cursor."""
    text = words.NO_END.say(language) if value is None else str(value) or _NOTHING
    return "".join(character if character.isprintable() else "\ufffd" for character in text)


def _instant(said: str) -> datetime:
    return datetime.fromisoformat(said)
