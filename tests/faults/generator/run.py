"""The generator's process: all clients on one event loop, until told to stop, then to finish."""

import asyncio
import gc
import logging
import multiprocessing
import os
import signal
import sys
from collections.abc import Coroutine, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Final

from tests.faults.accounts import RACERS, fleet_machines, sample_machines
from tests.faults.generator.bodies import Bodies
from tests.faults.generator.calls import Caller, client
from tests.faults.generator.customers import FILE_LINES, LONG_FILE_LINES, BulkProgram, FormFiller, Submitter
from tests.faults.generator.pace import Board, Pace
from tests.faults.generator.plan import Plan, Tally
from tests.faults.generator.poison import Poisoner
from tests.faults.generator.technicians import Crew
from tests.faults.generator.watchers import Watcher
from tests.faults.ledger import Ledger

#: Shares of the rate. Single requests cost everybody much more than lines of a file.
SINGLE: Final = 0.08
MOST_SINGLES: Final = 12.0
#: Single submitters: name and channel.
SUBMITTERS: Final = (("web", "web"), ("phone", "phone"), ("api", "api"), ("api.b", "api"))
BULK_PROGRAMS: Final = ("bulk.a", "bulk.b", "bulk.c")
#: A rate from which on files are long.
LARGE: Final = 200.0


def run(plan: Plan, counts: Any, stopping: Any, stopped: Any, finishing: Any) -> None:
    """The process. The signals are multiprocessing events, the counts an array of `COUNTED`."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for who started us, who then says when to stop
    log = (plan.folder / "generator.log").open("a", encoding="utf-8", buffering=1)
    sys.stdout = sys.stderr = log
    logging.basicConfig(stream=log, level=logging.WARNING)
    gc.set_threshold(50_000, 20, 20)
    asyncio.run(_campaign(plan, Tally(counts), stopping, stopped, finishing))


async def _campaign(plan: Plan, tally: Tally, stopping: Any, stopped: Any, finishing: Any) -> None:
    stop, finish = asyncio.Event(), asyncio.Event()
    async with AsyncExitStack() as open_things:
        ledger = open_things.enter_context(Ledger(plan.folder / "ledger.jsonl"))
        seen = open_things.enter_context(Ledger(plan.folder / "sse.jsonl"))
        http = await open_things.enter_async_context(client())
        caller = Caller(plan.addresses, plan.clients, ledger, tally, http)
        board = Board()
        sending = [asyncio.create_task(one) for one in _senders(plan, caller, board, stop)]
        pages = [
            asyncio.create_task(
                Watcher(caller, board, _bodies(plan, f"page.{index}", fleet=True), seen, stop, finish).run()
            )
            for index in range(plan.watchers)
        ]
        parent = asyncio.create_task(_follow(stopping, stop))
        await _first_failure([*sending, *pages, parent], until=parent)
        await asyncio.gather(*sending)
        stopped.set()
        await _follow(finishing, finish)
        await asyncio.gather(*pages)


def _senders(plan: Plan, caller: Caller, board: Board, stop: asyncio.Event) -> Sequence[Coroutine[Any, Any, None]]:
    singles = min(plan.rate * SINGLE, MOST_SINGLES)
    single = Pace(singles)
    bulk = Pace(max(1.0, plan.rate - singles))
    senders = [
        Submitter(caller, board, single, _bodies(plan, name), channel, stop).run() for name, channel in SUBMITTERS
    ]
    senders.append(FormFiller(caller, board, Pace(min(2.0, singles / 8)), _bodies(plan, "form"), stop).run())
    lines = LONG_FILE_LINES if plan.rate >= LARGE else FILE_LINES
    senders += [
        BulkProgram(caller, board, bulk, _bodies(plan, name, fleet=True), stop, lines).run() for name in BULK_PROGRAMS
    ]
    senders += [Crew(caller, board, _bodies(plan, f"crew.{number}"), RACERS, stop).run() for number in range(3)]
    if plan.bootstrap is not None:
        senders.append(Poisoner(caller, _bodies(plan, "poison"), plan.bootstrap, stop).run())
    return senders


def _bodies(plan: Plan, name: str, *, fleet: bool = False) -> Bodies:
    return Bodies(plan.seed, name, fleet_machines() if fleet else sample_machines())


async def _follow(signal_of_the_parent: Any, event: asyncio.Event) -> None:
    """The parent's signal as an event of this loop. A campaign that is gone takes its generator with it."""
    parent = multiprocessing.parent_process()
    while not signal_of_the_parent.is_set():
        if parent is not None and not parent.is_alive():
            os._exit(1)
        await asyncio.sleep(0.1)
    event.set()


async def _first_failure(tasks: Sequence["asyncio.Task[None]"], *, until: "asyncio.Task[None]") -> None:
    """Wait for `until`; a client that dies of a mistake of ours ends the campaign at once, and says why."""
    while not until.done():
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
        tasks = [task for task in tasks if task not in done]


def log_of(folder: Path) -> Path:
    """Where the process says what went wrong."""
    return folder / "generator.log"
