"""`fixline track`: where one request stands, and every step from now on, by its number and tracking code."""

import json
import os
import sys
import time
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

import httpx
import typer

from schemas import text
from schemas.vocabulary import Language, Milestone, Status
from services.commands.language import Lang, terminal_language
from services.commands.terminal import AsJson, Exit, err, fail, out, print_json, settings
from services.notifier.words import NOTIFIER_WORDS
from services.routing import explain_clock
from services.routing.phrase import Phrase
from services.runtime.identity.codes import request_number

#: Where the code is read from when nobody is asked.
CODE: Final = "FIXLINE_TRACKING_CODE"

_ENDED: Final = {
    Status.RESOLVED: Exit.DONE,
    Status.CLOSED: Exit.DONE,
    Status.REJECTED: Exit.NO,
    Status.CANCELLED: Exit.NO,
}
_PAUSE: Final = 2.0  # seconds before a broken stream is taken up again

_WRONG_NUMBER = Phrase(
    "{number}: no request number; it has 12 digits, such as 4821-9034-7716, and one of these is off",
    "{number} : pas un numéro de demande; il a 12 chiffres, comme 4821-9034-7716, et l'un d'eux ne va pas",
)
_NO_CODE = Phrase(
    "the tracking code is needed: set FIXLINE_TRACKING_CODE to its 8 digits",
    "le code de suivi est nécessaire : mettez ses 8 chiffres dans FIXLINE_TRACKING_CODE",
)
_ASK = Phrase("Tracking code", "Code de suivi")
_REFUSED = Phrase(
    "this number and this code do not belong together; both are in the message that confirmed the request",
    "ce numéro et ce code ne vont pas ensemble; les deux sont dans le message qui a confirmé la demande",
)
_WAIT = Phrase("too many wrong codes; try again in {seconds} s", "trop de codes erronés; réessayez dans {seconds} s")
_AWAY = Phrase(
    "{address} does not answer ({why}); check FIXLINE_PUBLIC_URL, or start it",
    "{address} ne répond pas ({why}); vérifiez FIXLINE_PUBLIC_URL, ou démarrez-le",
)
_RECEIVED = Phrase("received", "reçue")
_ONSITE = Phrase("onsite, by {due}", "sur place, d'ici {due}")
_BY = Phrase("{what}, by {due}", "{what}, d'ici {due}")
_COVERED = Phrase(" (covered to {until})", " (couvert jusqu'au {until})")
_FOLLOWING = Phrase("… waiting (Ctrl-C leaves it running)", "… en attente (Ctrl-C n'y change rien)")


def track(
    number: Annotated[str, typer.Argument(help="The request's number, with or without dashes.")],
    follow: Annotated[bool, typer.Option("--follow", help="Stay, and print each step when it happens.")] = False,
    lang: Lang = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Print what has happened to a request, from FIXLINE_PUBLIC_URL. Ends with 0, or 1 once it is refused or cancelled.

    The tracking code is asked for, or read from FIXLINE_TRACKING_CODE.
    """
    language = terminal_language(lang, os.environ)
    digits = request_number(number)
    if digits is None:
        fail(Exit.USAGE, _WRONG_NUMBER.say(language, number=number))
    address = f"{settings().public_url.rstrip('/')}/api/requests/{digits}"
    line = _Line(language, address, {"Tracking-Code": _code(language), "Accept-Language": language})
    if as_json:
        said = line.standing()
        print_json(said)
        raise typer.Exit(_ENDED.get(Status(said["status"]), Exit.DONE))
    try:
        raise typer.Exit(_follow(line) if follow else _once(line))
    except KeyboardInterrupt:
        out.print()
        raise typer.Exit(Exit.DONE) from None


def _once(line: "_Line") -> Exit:
    said = line.standing()
    for entry in _entries(said, after=-1):
        out.print(line.words(entry, said), markup=False)
    return _ENDED.get(Status(said["status"]), Exit.DONE)


def _follow(line: "_Line") -> Exit:
    """Each step once, until the request has ended. A stream that breaks is taken up where it was."""
    seen, waiting = -1, False
    for _ in line.changes():
        said = line.standing()
        for entry in _entries(said, after=seen):
            out.print(line.words(entry, said), markup=False)
            seen = max(seen, entry["version"])
        ended = _ENDED.get(Status(said["status"]))
        if ended is not None:
            return ended
        if not waiting:
            err.print(_FOLLOWING.say(line.language), markup=False)
            waiting = True
    return Exit.DONE


class _Line:
    """The connection to the notifier for one request, and the words for what it says."""

    def __init__(self, language: Language, address: str, headers: Mapping[str, str]) -> None:
        self.language = language
        self.address = address
        self._headers = dict(headers)
        self._client = httpx.Client(timeout=httpx.Timeout(30, connect=5), trust_env=False)

    def standing(self) -> Mapping[str, Any]:
        """Where it stands now. Ends the command when it is refused, or nobody answers."""
        try:
            answer = self._client.get(self.address, headers=self._headers)
        except httpx.TransportError as error:
            fail(Exit.AWAY, _AWAY.say(self.language, address=self.address, why=type(error).__name__))
        self._check(answer)
        said: Mapping[str, Any] = answer.json()
        return said

    def changes(self) -> Iterator[None]:
        """Once at the start, then whenever something may have changed; for ever."""
        last = "0"
        yield None
        while True:
            try:
                headers = {**self._headers, "Last-Event-ID": last}
                with self._client.stream("GET", f"{self.address}/events", headers=headers) as answer:
                    self._check(answer)
                    for line in answer.iter_lines():
                        if line.startswith("id:"):
                            last = line[3:].strip()
                        elif line.startswith("data:") and "version" in json.loads(line[5:]):
                            yield None
            except (httpx.TransportError, ValueError):
                time.sleep(_PAUSE)
                yield None  # what happened meanwhile

    def words(self, entry: Mapping[str, Any], said: Mapping[str, Any]) -> str:
        """``10:07 technician chosen``, at the request's place."""
        zone = ZoneInfo(said["timezone"] or "America/Toronto")
        at = datetime.fromisoformat(entry["at"]).astimezone(zone)
        return f"{at:%H:%M} {self._what(entry, said, zone)}"

    def _what(self, entry: Mapping[str, Any], said: Mapping[str, Any], zone: ZoneInfo) -> str:
        milestone, decision = Milestone(entry["milestone"]), said["decision"]
        if entry["version"] == 0:
            return _RECEIVED.say(self.language)
        what = NOTIFIER_WORDS.say(f"milestone.{milestone}", self.language)
        if entry["type"] != "request.decided" or decision is None:
            return what
        if decision["respond_by"] is not None:
            due = datetime.fromisoformat(decision["respond_by"]).astimezone(zone)
            phrase = _ONSITE if decision["outcome"] == "onsite_dispatch" else _BY
            what = phrase.say(self.language, what=what, due=explain_clock.moment(due, self.language))
        until = decision.get("covered_until")
        return what + (_COVERED.say(self.language, until=until) if until else "")

    def _check(self, answer: httpx.Response) -> None:
        if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
            fail(Exit.NO, _WAIT.say(self.language, seconds=answer.headers.get("Retry-After", "?")))
        if answer.status_code in (401, 403, 404, 422):
            fail(Exit.USAGE, _REFUSED.say(self.language))
        if not answer.is_success:
            fail(Exit.AWAY, _AWAY.say(self.language, address=self.address, why=answer.status_code))


def _entries(said: Mapping[str, Any], after: int) -> list[Mapping[str, Any]]:
    """The steps behind version `after`, the oldest first."""
    return sorted(
        (entry for entry in said["timeline"] if entry["version"] > after), key=lambda one: int(one["version"])
    )


def _code(language: Language) -> str:
    """From the environment, else from whoever sits there. Ends the command when nobody does."""
    code = os.environ.get(CODE, "")
    if not code and sys.stdin.isatty():
        code = typer.prompt(_ASK.say(language), err=True)
    if text.unsafe(code) or not code.strip().isascii() or not code.strip():
        fail(Exit.USAGE, _NO_CODE.say(language))
    return code.strip()
