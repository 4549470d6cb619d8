"""Does this text speak of hardware or of software? (docs/rules.md §3.2; how the model is made: docs/classifier.md)

Words and phrases carry weights, French and English in one table: positive speaks for hardware. What a reader would
pass over counts less: quoted mail, signatures, what was tried in vain, what works, the place where it happens.
The balance of the weights found is made a confidence by a curve fitted on tickets that were not trained on.
"""

import math
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, pairwise
from typing import Final, NamedTuple

from services.routing.rules.reading import Sort
from services.routing.rules.text_kind_meant import SHORTEST, meant
from services.routing.rules.text_kind_model import Model, confidence, entry_weight, packaged


class Weighed(NamedTuple):
    """One word or phrase as the customer wrote it, and what it added; positive speaks for hardware."""

    word: str
    weight: float


class TextKind(NamedTuple):
    """What a text speaks of; `confidence` is 0.5 (nothing known in it) to 1; `words` in the order of the text."""

    kind: Sort
    confidence: float
    words: tuple[Weighed, ...]
    model: str  # the version of the model that read it


class Found(NamedTuple):
    """One entry of the table found in a text: where, and how much of its weight counts there."""

    entry: str
    start: int
    end: int
    share: float


def classify(text: str, language: str | None = None) -> TextKind:
    """Hardware or software. Pure and deterministic; `language` (`fr`, `en`) settles words that the two read differently
    where the text's own small words do not.

    Never raises. Text without a known word: confidence 0.5, kind software, for the words of software have no end
    while those of hardware are mostly known.
    """
    return judge(packaged(), text, language)


def judge(with_model: Model, text: str, language: str | None) -> TextKind:
    """`classify` with a model of the caller's: what people's corrections made of it, or a former version."""
    folded = fold(text)
    source = text if len(folded) == len(text) else folded
    words: list[Weighed] = []
    total = size = 0.0
    for entry, start, end, share in counted(with_model, folded, language):
        weight = with_model.entry_weights[entry] * share
        if weight:
            words.append(Weighed(source[start:end], round(weight, 3)))
            total += weight
            size += abs(weight)
    if not words:
        return TextKind("software", 0.5, (), with_model.version)
    balance = balanced(with_model, total, size, len(words))
    kind: Sort = "hardware" if balance > 0 else "software"
    return TextKind(kind, confidence(with_model.curve, abs(balance)), tuple(words), with_model.version)


def balanced(with_model: Model, total: float, size: float, words: int) -> float:
    """The sum of the weights against their sizes. Letters are full of office words whatever broke: a text in which many
    weigh leans a little towards hardware, or most letters would be called software.
    """
    lean = with_model.lean * min(1.0, max(0, words - _TERSE) / _LETTER)
    return (total + lean) / math.sqrt(1.0 + with_model.damping * size)


def counted(with_model: Model, folded: str, language: str | None) -> list[Found]:
    """Each word or phrase found once, whatever its forms, where it counts most; in the order of the text."""
    families = with_model.families
    best: dict[str, Found] = {}
    for found in read(with_model, folded, language):
        said = families.get(found.entry, found.entry)
        seen = best.get(said)
        if seen is None:
            best[said] = found
        elif abs(found.share) > abs(seen.share):
            del best[said]  # and so to the end: the order stays the text's
            best[said] = found
    return list(best.values())


# ---- reading a text


def fold(text: str) -> str:
    """Lower case, without accents, one character for one, so that places in the folded text are places in the text."""
    if text.isascii():
        return text.lower()
    if not unicodedata.is_normalized("NFC", text):
        text = unicodedata.normalize("NFC", text)
    return _ACCENTED.sub(lambda letter: _FOLDED[letter[0]], text).lower()


def read(with_model: Model, folded: str, language: str | None) -> list[Found]:
    """All entries of the table in the text, the longest phrase first, with the share of their weight that counts."""
    words, starts, shares = _words(folded)
    spoken = language_of(words) or language or ""
    entries, phrases = with_model.entries.get(spoken, with_model.entries[""]), with_model.starts
    content = [at for at, word in enumerate(words) if word not in SMALL]
    kept = [words[at] for at in content]
    found: list[Found] = []
    read_on = 0  # content words before this one belong to a phrase
    for n, word in enumerate(kept):
        if n < read_on:
            continue
        at = last = content[n]
        share = shares[at]
        phrase = _phrase(with_model, kept, n) if word in phrases else ""
        entry: str | None
        if phrase:
            entry, read_on = phrase, n + 1 + phrase.count(" ")
            last = content[read_on - 1]
        elif (entry := entries.get(word)) is None:
            if len(word) < SHORTEST or not (entry := meant(with_model, word)):
                continue
            share *= _TYPED
        if at and words[at - 1] in _GOVERNING:
            share *= _context(with_model, words, at, entry)
        found.append(Found(entry, starts[at], starts[last] + len(words[last]), share / (1.0 + n / _HALF)))
    return found


def language_of(words: Iterable[str]) -> str | None:
    """The language of the small words, if one has more of them."""
    french = sum([_SPOKEN[word] for word in words if word in _SPOKEN])
    return None if not french else "fr" if french > 0 else "en"


def _phrase(with_model: Model, kept: Sequence[str], n: int) -> str:
    """The longest phrase that begins at the n-th content word; empty: none."""
    if n + 1 == len(kept) or kept[n + 1] not in with_model.starts[kept[n]]:
        return ""
    longer, shorter = " ".join(kept[n : n + 3]), " ".join(kept[n : n + 2])
    return longer if longer in with_model.weights else shorter if shorter in with_model.weights else ""


def _context(with_model: Model, words: Sequence[str], at: int, entry: str) -> float:
    """How much of an entry's weight counts after the small words before it: less for a place, turned for a denial."""
    before = at - 1
    while before >= 0 and at - before <= _REACH and words[before] in _DETERMINERS:
        before -= 1
    if before < 0:
        return 1.0
    word = words[before]
    if word in _PLACE:
        return _AS_PLACE if entry in with_model.hosts else 1.0
    if word in _SINCE:
        return _AS_CAUSE if entry_weight(with_model, entry) < 0 else 1.0
    earlier = words[before - 1] if before else ""
    if word in _DENIAL and before < at - 1:
        return _DENIED if word == "not" or earlier in _IS else 1.0
    return _DENIED if word in _PREFERENCE and earlier in _PREFERENCE else 1.0


def _words(folded: str) -> tuple[list[str], list[int], list[float]]:
    """The words and clause marks of a text, where each starts, and the share of weight that its setting leaves it."""
    if _LONG_NUMBER.search(folded) or "@" in folded or "www." in folded or "://" in folded:
        folded = _CONTACT.sub(lambda match: " " * len(match.group()), folded)
    words: list[str] = []
    starts: list[int] = []
    shares: list[float] = []
    for start, end, share in _stretches(folded):
        parts = _AROUND_TOKENS.split(folded[start:end])  # what lies between, a token, what lies between, …
        here = parts[1::2]
        words += here
        starts += [*accumulate(map(len, parts), initial=start)][1:-1:2]
        shares += [share] * len(here) if _CUES.isdisjoint(here) else _settings(here, share)
    return words, starts, shares


def _settings(words: Sequence[str], share: float) -> list[float]:
    """The share that each word keeps where something was tried (to the end of its sentence) or works (its clause)."""
    shares: list[float] = []
    clause, counted = 0, share
    for at, word in enumerate([*words, "."]):
        if word in _MARKS:
            if _says_it_works(words[clause:at]):
                shares[clause:] = [kept * _FINE for kept in shares[clause:]]
            clause = at
            if word not in _INNER_MARKS:
                counted = share
        elif word in _TRIED_WORDS:
            counted = share * _TRIED
        shares.append(counted)
    return shares[:-1]


def _says_it_works(clause: Sequence[str]) -> bool:
    """As in "it works on my other machine", "elle fonctionne bien"; not in "ne fonctionne pas"."""
    followed = pairwise([*clause, ""])
    return "only" not in clause and any(word in _WORKS and after not in _NEVER for word, after in followed)


def _stretches(folded: str) -> Iterable[tuple[int, int, float]]:
    """The text cut at line ends into stretches of equal worth: head lines, quoted mail and signatures say little."""
    stop = len(folded)
    tail = max(1, stop + 1 - _LONGEST_SIGN_OFF)
    for phrase in _SENT_FROM:
        at = folded.rfind(phrase, tail)
        if 0 <= at < stop:
            stop = at
    return _lines(folded, stop) if "\n" in folded else [(0, stop, 1.0)]


def _lines(folded: str, stop: int) -> Iterator[tuple[int, int, float]]:
    start, share = 0, 1.0
    while start < stop:
        end = folded.find("\n", start, stop)
        end = stop if end < 0 else end + 1
        line = folded[start:end].strip()
        if _FORWARDED.match(line):
            share = _AS_QUOTED
        elif start and share == 1.0 and len(line) < _LONGEST_SIGN_OFF and _SIGN_OFF.match(line):
            share = _AS_SIGNATURE
        if line and not _HEAD_LINE.match(line) and not line.startswith(_SENT_FROM):
            yield start, end, _line_share(line, share, first=start == 0)
        start = end


def _line_share(line: str, share: float, *, first: bool) -> float:
    """A title says what it is about, but that of a reply what it was about."""
    if line[0] == ">":
        return min(share, _AS_REPLIED)
    if line.startswith(("subject", "objet", "sujet")) and "re:" in line:
        return min(share, _AS_OLD_TITLE)
    return _AS_TITLE if first and len(line) < _LONGEST_TITLE else share


_TERSE: Final = 4  # so many words weigh in a terse ticket
_LETTER: Final = 9  # and so many more in a letter
_HALF: Final = 90  # at this content word a weight counts half: what comes first in a text is what it is about
_TYPED: Final = 0.7  # a word known only by a typing mistake counts a little less
_REACH: Final = 4  # so many small words may stand between a word and what governs it
_AS_PLACE: Final = 0.25
_AS_CAUSE: Final = 1.25  # "since the update" names what began it
_DENIED: Final = -0.4
_TRIED: Final = 0.35
_FINE: Final = 0.5
_AS_TITLE: Final = 1.4
_AS_OLD_TITLE: Final = 0.4
_AS_QUOTED: Final = 0.4
_AS_REPLIED: Final = 0.15
_AS_SIGNATURE: Final = 0.08
_LONGEST_TITLE: Final = 80
_LONGEST_SIGN_OFF: Final = 45


# ---- what is read how

TOKEN: Final = re.compile(r"[a-z0-9]+|[.!?;](?=\s|$)|[,:(]")
_AROUND_TOKENS: Final = re.compile(f"({TOKEN.pattern})")  # splitting finds words and places faster than matches do
_MARKS: Final = frozenset(".!?;,:(")
_INNER_MARKS: Final = frozenset(",:(")
_LONG_NUMBER: Final = re.compile(r"\d[\d .()/-]{6}")
_CONTACT: Final = re.compile(
    r"[^\s@]{1,64}@\S{1,255}|https?://\S+|www\.\S+"
    r"|\b(?:tel|phone|telephone|mobile|portable|cell|gsm|fax|poste|ext)[. :]{0,4}\+?\(?\d[\d .()/-]{5,30}"
)
_SENT_FROM: Final = ("sent from my ", "envoye de mon ", "envoye depuis mon ", "get outlook for ")
_FORWARDED: Final = re.compile(
    r"-{2,} ?(?:original|message|forwarded|transfere)|begin forwarded|debut du message|_{5,}"
)
_SIGN_OFF: Final = re.compile(
    r"--$|(?:with )?(?:best |kind |warm )?regards|best wishes|best$|sincerely|yours|cheers"
    r"|(?:many )?thanks?(?: you| in advance)?[,.!]*$|cordialement|bien (?:cordialement|a vous)|cdt\b"
    r"|(?:sinceres )?salutations|bonne (?:journee|reception)|merci(?: d'avance| beaucoup)?[,.!]*$"
)
_HEAD_LINE: Final = re.compile(r"(?:from|sent|to|cc|date|de|envoye|a|le .{0,60} a ecrit|on .{0,60} wrote) ?: ?")


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_DETERMINERS: Final = _set(
    "a an the my our your his her their this that these those its all some any new old other own company work office le la"
    " les l un une des mon ma mes notre nos votre vos son sa ses leur leurs ce cet cette ces tous toutes nouveau nouvel"
    " nouvelle ancien autre du last latest recent most derniere dernier recente night"
    " evening s user users personal two three several many"
)
_PLACE: Final = _set("on from to in into onto at sur depuis dans au aux via using")
_SINCE: Final = _set("since after depuis apres following")
_DENIAL: Final = _set("not pas")
_IS: Final = _set("est etait sont etaient soit serait")
_PREFERENCE: Final = _set("rather than instead of plutot que qu au lieu")
_TRIED_WORDS: Final = _set(
    "tried attempted already attempts troubleshooting reinstalled rebooted restarted cleared verified checked essaye"
    " deja tente reinstalle reinstalles verifie"
)
_WORKS: Final = _set("works fine ok okay correctly normally identical fonctionne fonctionnent marche marchent")
_CUES: Final = _TRIED_WORDS | _WORKS
_NEVER: Final = _set("pas plus mal not only toujours jamais que when")
_ENGLISH: Final = _set(
    "the a an is are was were my our your his her its it this that these those i we you he she they them of to in on at for"
    " from with by and or but if when since as be been being has have had do does did will would can could should may"
    " might not no please hello hi dear thanks thank need there here what which who any some all"
)
_FRENCH: Final = _set(
    "le la les l un une des du de d je j tu il elle on nous vous ils elles mon ma mes notre nos votre vos son sa ses leur"
    " leurs ce cet cette ces c que qui qu ne n pas plus est sont etait a ai as avons avez ont et ou mais si quand depuis"
    " lorsque en dans sur par pour avec sans au aux se s y m me te bonjour merci svp besoin faut tout tous"
)
#: Words that phrases pass over. "on", "off", "up", "out", "no", "not", "pas", "plus" stay: phrases need them.
SMALL: Final = (_ENGLISH | _FRENCH) - _set("on in no not pas plus all besoin need faut sans son") | _set(
    "very really still quite just also again even only t ve re ll don doesn isn won can couldn toujours encore deja tres"
    " bien vraiment aussi donc alors ca cela celui etre avoir fait y lui soi aujourd hui hier ce-matin so too then than"
)
#: 1 for a word of French alone, -1 for one of English alone.
_SPOKEN: Final = dict.fromkeys(_FRENCH - _ENGLISH, 1) | dict.fromkeys(_ENGLISH - _FRENCH, -1)
#: What may stand before a word and change how much of its weight counts.
_GOVERNING: Final = _DETERMINERS | _PLACE | _SINCE | _PREFERENCE
_FOLDED: Final = {
    letter: folded
    for letter in map(chr, range(0xC0, 0x250))
    if (folded := unicodedata.normalize("NFKD", letter)[0]) != letter and folded.isascii()
} | {"œ": "o", "Œ": "o", "æ": "a", "Æ": "a", "ø": "o", "Ø": "o", "ł": "l"}
_ACCENTED: Final = re.compile(f"[{''.join(_FOLDED)}]")  # `str.translate` would look every letter up
