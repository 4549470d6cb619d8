"""Decide requests from a file against data files: no database, no server, nothing kept (docs/rules.md §2).

One request a line in, one answer a line out, in the same order and as soon as it can be given; memory does not grow with
the requests. A line that is no request gets an ``error`` object in its place and the rest goes on.
"""

import codecs
import gc
import json
import logging
import math
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import lru_cache
from io import BufferedIOBase
from pathlib import Path
from typing import Any, BinaryIO, Final
from zoneinfo import ZoneInfo

import orjson

from schemas import text
from schemas.request import FieldError, InvalidRequest, parse_request
from schemas.vocabulary import Channel, Language
from services.routing.data_files import Progress, load
from services.routing.decide import Decided, decide
from services.routing.evidence import to_json
from services.routing.explain import as_text as explain_text
from services.routing.explain import explain, refused
from services.routing.phrase import Phrase
from services.routing.rules import text_kind
from services.routing.rules.calendars import pin_time_zones
from services.routing.rules.facts import Areas, Book
from services.routing.rules.policy import Policy

logger = logging.getLogger(__name__)

#: Longest line, in bytes; a request's text is at most 10,000 characters.
LONGEST_LINE: Final = 1 << 20

_AT_ONCE: Final = 1 << 16  # bytes read before their answers are written

#: A decision's fields stand in the order of its JSON, its instants are UTC: it is written out as it is.
_AS_IT_IS: Final = orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z

#: Machines repeat themselves: a text is read once, not once a request.
_TEXTS_KEPT: Final = 1024

#: Turns one answer into what is printed of it.
Show = Callable[["Answer"], bytes]


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one line: the decision with its evidence, or what is wrong. `ref` is the line's own."""

    line: int
    ref: Any
    decided: Decided | None
    error: FieldError | None


class _Refused(ValueError):
    """A line that is refused before it is known to be a request."""

    def __init__(self, path: str, code: str) -> None:
        super().__init__(code)
        self.path = path
        self.code = code


def load_book(folder: Path, progress: Progress | None = None) -> Book:
    """The data files of `folder`, indexed. Raises `BrokenData` when anything is wrong with them."""
    pin_time_zones()
    import holidays.countries  # noqa: F401  # slow to load, as the classifier: nobody's first answer should wait for it

    _read_once("", None)

    gc.disable()  # millions of rows that all stay: looking through them for garbage would double the time
    try:
        data = load(folder, progress)
        book = Book(
            areas=Areas(data.territories, data.depots, data.closures),
            customers=data.customers,
            sites=data.sites,
            contracts=data.contracts,
            items=data.items,
            entitlements=data.entitlements,
        )
    finally:
        gc.enable()
    gc.freeze()
    return book


def answers(
    requests: BufferedIOBase, book: Book, policy: Policy, *, now: datetime | None, language: Language
) -> Iterator[list[Answer]]:
    """An answer for each line that is not blank, in order; as many at once as could be read without waiting.

    `now` stands for a line's missing ``received_at``. Messages are in `language`.
    """
    number = 0
    for lines in _read(requests):
        numbered = list(enumerate(lines, number + 1))
        number += len(lines)
        yield [_answer(line, at, book, policy, now, language) for at, line in numbered if line.strip()]


def run(
    requests: BufferedIOBase,
    out: BinaryIO,
    book: Book,
    policy: Policy,
    *,
    show: Show,
    now: datetime | None = None,
    language: Language = Language.EN,
) -> bool:
    """Write what `show` makes of each answer; whether every line was a request."""
    good = True
    for found in answers(requests, book, policy, now=now, language=language):
        out.write(b"".join(map(show, found)))
        out.flush()
        good = good and all(answer.error is None for answer in found)
    return good


def as_json(answer: Answer) -> bytes:
    """One line of JSON: the decision, or the error in its place."""
    decided, error = answer.decided, answer.error
    said = {"ref": answer.ref, "error": error} if decided is None else decided.decision
    try:
        return orjson.dumps(said, option=_AS_IT_IS)
    except TypeError:  # a `ref` beyond 64 bits
        plain = {"ref": answer.ref, "error": error and asdict(error)} if decided is None else decided.decision.to_json()
        return json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def as_text(book: Book, policy: Policy, language: Language) -> Show:
    """What is printed for people: each answer explained, or what is wrong with its line; a blank line behind each."""

    def show(answer: Answer) -> bytes:
        if answer.decided is None:
            return (refused(answer.line, answer.ref, answer.error, language) + "\n\n").encode()
        decision, evidence = answer.decided.decision.to_json(), to_json(answer.decided.evidence)
        explained = explain(decision, evidence, language=language, zone=_zone(answer.decided, book), policy=policy)
        return (explain_text(explained, language) + "\n\n").encode()

    return show


def _zone(decided: Decided, book: Book) -> ZoneInfo:
    """The zone of the place meant: the clock's, else the machine's, else the customer's."""
    evidence = decided.evidence
    if evidence.clock is not None:
        return evidence.clock.calendar.zone
    winner = evidence.ruling.winner
    if winner is not None and winner.place.zone is not None:
        return winner.place.zone
    known = next(
        (step.about[0] for step in evidence.steps if (step.question, step.answer) == ("customer", "known")), ""
    )
    customer = book.customer(str(known))
    return ZoneInfo("UTC" if customer is None else customer.timezone)


def _answer(line: bytes, number: int, book: Book, policy: Policy, now: datetime | None, language: Language) -> Answer:
    ref = None
    try:
        given = _object(line)
        ref = _ref(given, line)
        received_at, channel = _received_at(given, now), _channel(given)
        request = parse_request(given, language=language)
        decided = decide(request, book, policy, received_at=received_at, channel=channel, ref=ref, classify=_read_once)
    except _Refused as wrong:
        return Answer(number, ref, None, _told(wrong, language))
    except InvalidRequest as wrong:
        return Answer(number, ref, None, wrong.errors[0])
    except Exception:  # a fault of ours costs this line its answer, not the others theirs
        logger.exception("line %d could not be decided", number)
        return Answer(number, ref, None, FieldError("", "bug", WORDS["bug"].say(language)))
    return Answer(number, ref, decided, None)


@lru_cache(maxsize=_TEXTS_KEPT)
def _read_once(words: str, language: str | None) -> text_kind.TextKind:
    return text_kind.classify(words, language)


def _told(wrong: _Refused, language: Language) -> FieldError:
    said = WORDS[wrong.code].say(language, limit=LONGEST_LINE, channels=", ".join(Channel))
    return FieldError(wrong.path, wrong.code, said)


def _object(line: bytes) -> dict[str, Any]:
    if len(line) > LONGEST_LINE:
        raise _Refused("", "line_too_long")
    line = line.removeprefix(codecs.BOM_UTF8)
    try:
        given = orjson.loads(line)
    except orjson.JSONDecodeError:
        given = _by_the_book(line)
    if not isinstance(given, dict):
        raise _Refused("", "not_an_object")
    return given


def _by_the_book(line: bytes) -> Any:
    """JSON that the fast reader refuses: half surrogate pairs, for one, whose field can then be named."""
    try:
        return json.loads(line.decode("utf-8"), parse_constant=_no_number)
    except UnicodeDecodeError:
        raise _Refused("", "not_utf8") from None
    except (ValueError, RecursionError):
        raise _Refused("", "not_json") from None


def _no_number(name: str) -> None:
    raise ValueError(name)


def _ref(given: dict[str, Any], line: bytes) -> Any:
    """The line's name for itself, as it was written; taken out of `given`."""
    ref = given.pop("ref", None)
    if isinstance(ref, float):  # perhaps a whole number too large for the fast reader
        ref = json.loads(line)["ref"]
    if isinstance(ref, str) and text.unsafe(ref):
        raise _Refused("ref", "unsafe_text")
    if isinstance(ref, dict | list) or ref in (math.inf, -math.inf):
        raise _Refused("ref", "not_text")
    return ref


def _received_at(given: dict[str, Any], now: datetime | None) -> datetime:
    said = given.pop("received_at", None)
    if said is None:
        if now is None:
            raise _Refused("received_at", "required")
        return now
    try:
        return text.instant(said)
    except (TypeError, text.Unreadable):
        raise _Refused("received_at", "not_an_instant") from None


def _channel(given: dict[str, Any]) -> Channel | None:
    said = given.pop("channel", None)
    try:
        return None if said is None else Channel(said)
    except ValueError:
        raise _Refused("channel", "not_a_choice") from None


def _read(requests: BufferedIOBase) -> Iterator[list[bytes]]:
    """The lines of each piece that can be read without waiting; of a line that is too long only its beginning."""
    rest = b""
    while piece := requests.read1(_AT_ONCE):
        *lines, rest = (rest + piece).split(b"\n")
        rest = rest[: LONGEST_LINE + 1]
        yield lines
    yield [rest]


#: What is wrong with a line before it is known to be a request; the rest is `schemas.request`'s to say.
WORDS: Final = {
    "line_too_long": Phrase(
        "The line is longer than {limit} bytes. Put one request on each line.",
        "La ligne dépasse {limit} octets. Mettez une demande par ligne.",
    ),
    "not_utf8": Phrase(
        "The line is not UTF-8. Save it as UTF-8.", "La ligne n'est pas en UTF-8. Enregistrez-la ainsi."
    ),
    "not_json": Phrase(
        "The line is not JSON. Write one request as one JSON object on one line.",
        "La ligne n'est pas du JSON. Écrivez une demande comme un objet JSON sur une ligne.",
    ),
    "not_an_object": Phrase("Give an object: {{…}}.", "Donnez un objet : {{…}}."),
    "unsafe_text": Phrase(
        "Remove the characters that cannot be shown (NUL, half a surrogate pair).",
        "Retirez les caractères qui ne peuvent être affichés (NUL, demi-paire de substitution).",
    ),
    "not_text": Phrase("Give a text or a number.", "Donnez un texte ou un nombre."),
    "required": Phrase(
        "Say when the request was received, with its offset (2026-11-23T10:00:00-05:00), or give --now for all lines.",
        "Indiquez quand la demande a été reçue, avec son décalage (2026-11-23T10:00:00-05:00), ou donnez --now.",
    ),
    "not_an_instant": Phrase(
        "Write the moment with its offset: 2026-11-23T10:00:00-05:00.",
        "Écrivez le moment avec son décalage : 2026-11-23T10:00:00-05:00.",
    ),
    "bug": Phrase(
        "This line could not be decided, by a fault of ours. Report it with the lines on standard error.",
        "Cette ligne n'a pu être décidée, par notre faute. Signalez-le avec les lignes de la sortie d'erreur.",
    ),
    "not_a_choice": Phrase("Choose one of: {channels}.", "Choisissez parmi : {channels}."),
}
