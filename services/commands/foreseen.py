"""What an import would change for requests under way, and what was decided again, in a terminal."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from schemas.decision import Decision, show_instant
from schemas.vocabulary import Language
from services.commands.terminal import out
from services.routing.late_data import Foreseen
from services.routing.phrase import Phrase
from services.routing.redecide import Second

#: Requests and clocks told one by one; `--json` has them all.
SHOWN: Final = 50

ASK: Final = Phrase("Import these files?", "Importer ces fichiers?")
_NOTHING = Phrase(
    "No open request would be decided otherwise, and no response time would move.",
    "Aucune demande ouverte ne serait décidée autrement, et aucun délai ne changerait.",
)
_REQUESTS = Phrase(
    "{count} open requests would be decided otherwise (import with --redecide to decide them again):",
    "{count} demandes ouvertes seraient décidées autrement (importez avec --redecide pour les décider de nouveau) :",
)
_CLOCKS = Phrase("{count} response times would move:", "{count} délais de réponse changeraient :")
_AGAIN = Phrase("{count} open requests were decided again.", "{count} demandes ouvertes ont été décidées de nouveau.")
_STUCK = Phrase(
    "{count} were left as they are, because somebody is on the way or has the device:",
    "{count} sont restées telles quelles, car quelqu'un est en route ou a l'appareil :",
)
_LEFT = Phrase("not now: {why}", "pas maintenant : {why}")
_MORE = Phrase("… and {count} more", "… et {count} de plus")
_NEVER = Phrase("open", "ouvert")


def show_foreseen(foreseen: Foreseen, language: Language) -> None:
    """The requests and clocks that an import would touch."""
    if not foreseen.matters:
        out.print(_NOTHING.say(language), markup=False)
        return
    if foreseen.requests:
        out.print(_REQUESTS.say(language, count=len(foreseen.requests)), markup=False)
        _lines([_second(one, language) for one in foreseen.requests], language)
    if foreseen.clocks:
        out.print(_CLOCKS.say(language, count=len(foreseen.clocks)), markup=False)
        moved = ((one.number, _at(one.before, language), _at(one.after, language)) for one in foreseen.clocks)
        _lines([f"  {number}  {before} → {after}" for number, before, after in moved], language)


def show_redecided(again: Sequence[Second], language: Language) -> None:
    """How many were decided again, and which could not be."""
    stuck = [one for one in again if one.stuck is not None]
    out.print(_AGAIN.say(language, count=len(again) - len(stuck)), markup=False)
    if stuck:
        out.print(_STUCK.say(language, count=len(stuck)), markup=False)
        _lines([_second(one, language) for one in stuck], language)


def _lines(lines: Sequence[str], language: Language) -> None:
    for line in lines[:SHOWN]:
        out.print(line, markup=False)
    if len(lines) > SHOWN:
        out.print(f"  {_MORE.say(language, count=len(lines) - SHOWN)}", markup=False)


def _second(one: Second, language: Language) -> str:
    left = "" if one.stuck is None else f"  ({_LEFT.say(language, why=one.stuck.removeprefix('redecide.'))})"
    return f"  {one.number}  {_outcome(one.first)} → {_outcome(one.second)}{left}"


def _outcome(decision: Decision) -> str:
    level = "" if decision.service_level is None else f" {decision.service_level.value}"
    return f"{decision.outcome.value}{level}{'' if decision.queue is None else f' {decision.queue}'}"


def _at(moment: datetime | None, language: Language) -> str:
    return _NEVER.say(language) if moment is None else show_instant(moment)
