"""Those who submit: strangers on the web, agents on the telephone, programs, and the program that sends bulk files.

Each keyed request may be sent twice, with another body under the same key, or under the same key over another channel; what
has no known outcome is sent again until it has. Some are cancelled or amended the moment they are acknowledged.
"""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from tests.faults.accounts import BULK, FLEET, Machine
from tests.faults.generator.bodies import STRANGER, Bodies
from tests.faults.generator.calls import Caller, Outcome, Who, cookies_of
from tests.faults.generator.pace import Board, Known, Pace
from tests.faults.ledger import FAIL, OK, UNKNOWN

#: Shares of single requests.
AGAIN, CONFLICT, OTHER_CHANNEL, CANCELLED, UNKEYED, GIVEN_UP = 0.05, 0.04, 0.05, 0.10, 0.05, 0.05
#: Of those that are cancelled or amended, who changes their mind in the next moment.
TWICE: Final = 0.5
#: Shares of bulk files.
FILE_AGAIN, FILE_CONFLICT, FILE_OTHER_CHANNEL = 0.04, 0.02, 0.5
#: How many lines: of a campaign that asks for a lot, more.
FILE_LINES: Final = (60, 140)
LONG_FILE_LINES: Final = (150, 350)
_BACK_OFF: Final = (0.2, 0.5, 1.0, 2.0, 3.0)
_NUMBER: Final = re.compile(r"/en/requests/([0-9]{12})")


@dataclass
class Submitter:
    """One client that sends single requests over one channel of the API."""

    caller: Caller
    board: Board
    pace: Pace
    bodies: Bodies
    channel: str
    stopping: asyncio.Event

    async def run(self) -> None:
        while not self.stopping.is_set():
            await self.pace.take(1, self.stopping)
            if not self.stopping.is_set():
                await self.one()

    async def one(self) -> None:
        body, machine = self.bodies.request()
        who = self.who(machine.customer, self.channel)
        key = None if self.bodies.chance(UNKEYED) else self.bodies.key()
        outcome = await self.submit(who, key, body)
        if outcome.phase != OK:
            return
        known = _known(outcome, machine, body, self.channel)
        self.board.put(known)
        if self.bodies.chance(CANCELLED) or known.lacks_serial:
            await self.command(who, known)
            if self.bodies.chance(TWICE):
                await self.command(who, known, "amend" if not known.lacks_serial else "cancel")
        if key is None:
            return
        if self.bodies.chance(AGAIN):
            self.caller.tally.add("repeats")
            await self.submit(who, key, body, again=True)
        if self.bodies.chance(CONFLICT):
            self.caller.tally.add("conflicts")
            await self._post(who, key, self.bodies.other(body), conflict=True)
        if self.bodies.chance(OTHER_CHANNEL):
            elsewhere = self.who(machine.customer, "phone" if self.channel != "phone" else "api")
            self.caller.tally.add("twins")
            twin = await self.submit(elsewhere, key, body, twin=True)
            if twin.phase == OK:
                self.board.put(_known(twin, machine, body, elsewhere.channel))

    async def submit(self, who: Who, key: str | None, body: Mapping[str, Any], **told: Any) -> Outcome:
        """Sent until its outcome is known, which needs a key; a few are given up and stay unknown."""
        outcome = await self._post(who, key, body, **told)
        given_up = key is None or self.bodies.chance(GIVEN_UP)
        tries = 0
        while not given_up and _may_be_sent_again(outcome) and not (self.stopping.is_set() and tries > 40):
            await asyncio.sleep(_BACK_OFF[min(tries, len(_BACK_OFF) - 1)])
            tries += 1
            outcome = await self._post(who, key, body, **{**told, "again": True})
        if outcome.phase == OK:
            self.caller.acknowledged(outcome.answer["number"])
        return outcome

    async def command(self, who: Who, known: Known, op: str | None = None) -> None:
        """Cancel, or give the serial number that was missing, at once: the acceptance is a moment old."""
        op = op or ("amend" if known.lacks_serial and known.machine else "cancel")
        body = (
            {"machine": {"serial": known.machine.serial}} if op == "amend" and known.machine else {"reason": "Solved."}
        )
        address = f"{self.caller.where.intake}/api/requests/{known.number}/{op}"
        mine = {} if who.token or who.username else {"Tracking-Code": known.code}
        key, outcome, tries = self.bodies.key(), None, 0
        while outcome is None or (_may_be_sent_again(outcome) and tries < 8):
            if tries:
                await asyncio.sleep(_BACK_OFF[min(tries, len(_BACK_OFF) - 1)])
            tries += 1
            outcome = await self.caller.call(
                who, op, "POST", address, key=key, body=body, headers=mine, number=known.number
            )
        if outcome.phase == OK:
            self.caller.tally.add("commands")

    def who(self, customer: str, channel: str) -> Who:
        name = self.bodies.client
        if channel == "api":
            return Who(name, "api", acts_for=customer, token=self.caller.clients.tokens[customer])
        if channel == "phone":
            return Who(name, "phone", username="agent")
        return Who(name, "web", source=_address(self.bodies))

    async def _post(self, who: Who, key: str | None, body: Mapping[str, Any], **told: Any) -> Outcome:
        return await self.caller.call(
            who, "submit", "POST", f"{self.caller.where.intake}/api/requests", key=key, body=body, **told
        )


@dataclass
class FormFiller:
    """A stranger with a browser: five pages, and the number on the last."""

    caller: Caller
    board: Board
    pace: Pace
    bodies: Bodies
    stopping: asyncio.Event

    async def run(self) -> None:
        while not self.stopping.is_set():
            await self.pace.take(1, self.stopping)
            if not self.stopping.is_set():
                await self.one()

    async def one(self) -> None:
        who = Who(self.bodies.client, "web", source=_address(self.bodies))
        found = await self._fill(who)
        if found is None:
            return
        address, browser, mark = found
        outcome = await self._send(who, address, browser, mark)
        tries = 0
        while outcome.phase != OK and tries < 30:
            # A form that was sent shows its number when it is sent again: the draft's id is its key.
            await asyncio.sleep(_BACK_OFF[min(tries, len(_BACK_OFF) - 1)])
            tries += 1
            outcome = await self._send(who, address, browser, mark)

    async def _fill(self, who: Who) -> tuple[str, dict[str, str], str] | None:
        """All pages but the last; the check page's address, the browser's cookie, and the request's mark."""
        mark = self.bodies.mark(STRANGER)
        machine = self.bodies.random.choice(self.bodies.machines)
        pages = (
            {"need": "device"},
            {"machine.type": machine.type, "machine.serial": machine.serial},
            {"text": f"It makes a noise. {mark}"},
            {"contact.name": "Somebody", "contact.email": "somebody@example.com"},
        )
        address, browser = f"{self.caller.where.intake}/en/requests/new", dict[str, str]()
        for page in pages:
            try:
                headers = {**await self.caller.headers(who), **browser, "Accept": "text/html"}
                answer = await self.caller.http.post(address, data=page, headers=headers)
            except Exception:  # an outage in the middle of a form: nothing was asked yet
                return None
            if not answer.is_redirect:
                return None
            if answer.headers.get_list("set-cookie"):
                browser = {"Cookie": cookies_of(answer)}
            address = self.caller.where.intake + answer.headers["location"]
        return address, browser, mark

    async def _send(self, who: Who, address: str, browser: Mapping[str, str], mark: str) -> Outcome:
        form = {"send": "1"}
        headers = {**browser, "Accept": "text/html"}
        draft = address.rsplit("/", 2)[-2]
        outcome = await self.caller.call(
            who, "form", "POST", address, form=form, headers=headers, draft=draft, mark=mark
        )
        if outcome.phase != OK or not isinstance(outcome.answer, dict):
            return outcome
        # The number stands on the page that follows.
        shown = await self.caller.call(
            who, "form-sent", "GET", self.caller.where.intake + outcome.answer["location"], headers=headers, mark=mark
        )
        number = _NUMBER.search(shown.answer if isinstance(shown.answer, str) else "")
        if shown.phase != OK or number is None:
            return Outcome(UNKNOWN, shown.status, shown.answer)
        self.caller.acknowledged(number[1])
        return shown


@dataclass
class BulkProgram:
    """Sends files of many lines; most of the campaign's requests come this way."""

    caller: Caller
    board: Board
    pace: Pace
    bodies: Bodies
    stopping: asyncio.Event
    lines: tuple[int, int] = FILE_LINES

    async def run(self) -> None:
        while not self.stopping.is_set():
            lines = self.bodies.random.randint(*self.lines)
            await self.pace.take(lines, self.stopping)
            if not self.stopping.is_set():
                await self.one(lines)

    async def one(self, size: int) -> None:
        asked = [self.bodies.request() for _ in range(size)]
        body = [request for request, _ in asked]
        key = self.bodies.key()
        outcome = await self._post(key, body)
        tries = 0
        while _some_may_be_sent_again(outcome) and not (self.stopping.is_set() and tries > 20):
            await asyncio.sleep(_BACK_OFF[min(tries, len(_BACK_OFF) - 1)])
            tries += 1
            outcome = await self._post(key, body, again=True)
        self._note(outcome, [machine for _, machine in asked])
        if self.bodies.chance(FILE_AGAIN):
            self.caller.tally.add("repeats", size)
            await self._post(key, body, again=True)
        if self.bodies.chance(FILE_CONFLICT):
            self.caller.tally.add("conflicts")
            at = self.bodies.random.randrange(size)
            changed = [self.bodies.other(one) if index == at else one for index, one in enumerate(body)]
            await self._post(key, changed, conflict=True)
        if self.bodies.chance(FILE_OTHER_CHANNEL):
            await self._other_channel(f"{key}/1", body[0])

    async def _other_channel(self, key: str, body: Mapping[str, Any]) -> None:
        """The key of a file's line, by the same program, over the API: another request, as the channel is another."""
        who = Who(self.bodies.client, "api", acts_for=",".join(FLEET), token=self.caller.clients.tokens[BULK])
        address = f"{self.caller.where.intake}/api/requests"
        self.caller.tally.add("twins")
        outcome = await self.caller.call(who, "submit", "POST", address, key=key, body=body, twin=True)
        if outcome.phase == OK:
            self.caller.acknowledged(outcome.answer["number"])

    def _note(self, outcome: Outcome, machines: list[Machine]) -> None:
        """Technicians and pages hear of some of them; all would be too many to remember."""
        for line, machine in zip(outcome.answer if isinstance(outcome.answer, list) else [], machines, strict=False):
            if line.get("status") == 201 and self.bodies.chance(0.1):
                self.board.put(Known(line["number"], line["tracking_code"], machine.customer, machine))

    async def _post(self, key: str, body: list[dict[str, Any]], **told: Any) -> Outcome:
        who = Who(self.bodies.client, "bulk", acts_for=",".join(FLEET), token=self.caller.clients.tokens[BULK])
        outcome = await self.caller.call(
            who, "bulk", "POST", f"{self.caller.where.intake}/api/requests/bulk", key=key, body=body, **told
        )
        for line in outcome.answer if isinstance(outcome.answer, list) else []:
            if line["status"] == 201:
                self.caller.acknowledged(line["number"])
        return outcome


def _known(outcome: Outcome, machine: Machine, body: Mapping[str, Any], channel: str) -> Known:
    """Who may look at it later: what a stranger sent is nobody's but the code's."""
    lacks = "serial" not in body["machine"]
    customer = STRANGER if channel == "web" else machine.customer
    return Known(outcome.answer["number"], outcome.answer["tracking_code"], customer, machine, lacks)


def _may_be_sent_again(outcome: Outcome) -> bool:
    """Not known, nobody there, or asked to come again; any other refusal is for good."""
    return outcome.phase == UNKNOWN or (outcome.phase == FAIL and outcome.status in (None, 401, 429))


def _some_may_be_sent_again(outcome: Outcome) -> bool:
    if outcome.phase != OK:
        return _may_be_sent_again(outcome)
    return any(line["status"] == 429 or line["status"] >= 500 for line in outcome.answer)


def _address(bodies: Bodies) -> str:
    """A stranger's own: how many may come from one is limited."""
    a, b = bodies.random.randrange(1, 255), bodies.random.randrange(1, 255)
    return f"10.{a}.{b}.{bodies.random.randrange(1, 255)}"
