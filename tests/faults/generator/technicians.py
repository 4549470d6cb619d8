"""Technicians: each visit is raced for by two of them at once; who wins accepts, declines, drives, and completes."""

import asyncio
from dataclasses import dataclass
from random import Random
from typing import Any

from tests.faults.generator.bodies import Bodies
from tests.faults.generator.calls import Caller, Outcome, Who, pause
from tests.faults.generator.pace import Board, Known
from tests.faults.ledger import FAIL, OK, UNKNOWN


@dataclass
class Crew:
    """Two technicians who work on the same queues. `names`: usernames."""

    caller: Caller
    board: Board
    bodies: Bodies
    names: tuple[str, str]
    stopping: asyncio.Event

    async def run(self) -> None:
        while not self.stopping.is_set():
            if not self.board.visits:
                await pause(0.2, self.stopping)
                continue
            known = self.board.visits.popleft()
            await self.visit(known)

    async def visit(self, known: Known) -> None:
        """From the look at the request to the end of the visit, or until somebody else has it."""
        order = await self._order_of(known)
        if order is None:
            return
        self.board.pages.append(known)  # something happens to it now: pages that follow it have something to see
        found = await self._look(order)
        if found is None or found["status"] != "queued":
            return
        claims = await asyncio.gather(
            *(self._step(self._who(name), order, "claim", found["version"]) for name in self.names)
        )
        winners = [(name, outcome) for name, outcome in zip(self.names, claims, strict=True) if outcome.phase == OK]
        if not winners:
            return
        name, outcome = winners[0]
        await self._go(self._who(name), order, outcome.answer["version"])

    async def _go(self, who: Who, order: str, version: int) -> None:
        random: Random = self.bodies.random
        if random.random() < 0.15:
            await self._step(who, order, "decline", version, reason="too_far")
            return
        steps: list[tuple[str, dict[str, Any]]] = [("accept", {})]
        if random.random() < 0.1:
            steps.append(("release", {"reason": "vehicle"}))
        elif random.random() < 0.8:
            steps += [("en-route", {}), ("arrive", {})]
            fixed = random.random() < 0.85
            steps.append(("complete", {"fixed": True} if fixed else {"fixed": False, "reason": "part_needed"}))
        for step, more in steps:
            await pause(random.uniform(0.1, 1.0), self.stopping)
            outcome = await self._step(who, order, step, version, **more)
            if outcome.phase != OK:
                return
            version = outcome.answer["version"]

    async def _step(self, who: Who, order: str, step: str, version: int, **more: Any) -> Outcome:
        """One step, asked again under the same key while its outcome is unknown."""
        key, tries = self.bodies.key(), 0
        address = f"{self.caller.where.routing}/api/work-orders/{order}/{step}"
        while True:
            outcome = await self.caller.call(
                who,
                step,
                "POST",
                address,
                key=key,
                body={"version": version, **more},
                work_order=order,
                again=tries > 0,
            )
            away = outcome.phase == UNKNOWN or (outcome.phase == FAIL and outcome.status in (None, 401, 429))
            if not away or tries >= 12:
                break
            tries += 1
            await asyncio.sleep(min(3.0, 0.2 * 2**tries))
        if outcome.phase == OK:
            self.caller.tally.add("steps")
        elif outcome.status == 409:
            self.caller.tally.add("races_lost")
        return outcome

    async def _order_of(self, known: Known) -> str | None:
        """The visit that the request's own standing names; None when there is none, or none yet after a while."""
        for _ in range(20):
            said = await self._get(f"{self.caller.where.notifier}/api/requests/{known.number}", "ops")
            if said is not None and said.get("decision") is not None:
                visit = said.get("visit")
                return str(visit["work_order"]) if visit else None
            await pause(0.5, self.stopping)
            if self.stopping.is_set():
                return None
        return None

    async def _look(self, order: str) -> dict[str, Any] | None:
        return await self._get(f"{self.caller.where.routing}/api/work-orders/{order}", self.names[0])

    async def _get(self, address: str, username: str) -> dict[str, Any] | None:
        """Looking asks for nothing, so it is not in the ledger."""
        who = Who(self.bodies.client, "staff", username=username)
        try:
            answer = await self.caller.http.get(address, headers=await self.caller.headers(who))
        except Exception:  # away: looked for again
            return None
        found: dict[str, Any] | None = answer.json() if answer.status_code == 200 else None
        return found

    def _who(self, username: str) -> Who:
        return Who(username, "staff", username=username)
