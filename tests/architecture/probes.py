"""Programs run by a test in an interpreter of their own, where nothing is imported yet. Each prints one JSON document."""

import gc
import importlib
import json
import pkgutil
import sys
import tempfile
import threading
from io import BytesIO
from pathlib import Path
from types import FrameType
from typing import Any

import typer.main

#: What the embedded stack must do without: brokers' and servers' libraries.
FOREIGN = ("faust", "aiokafka", "kafka", "mode", "psycopg", "psycopg_binary", "fpdf")
#: What only services need, and takes long to load.
SLOW = ("sqlalchemy", "alembic", "fastapi", "httpx", "jinja2", "prometheus_client")


def embedded() -> list[str]:
    """Build and migrate all three services, their app and their consumers; the foreign libraries that this loaded."""
    from services.runtime.settings import Settings
    from services.stack import Running, Stack

    with tempfile.TemporaryDirectory() as folder:
        stack = Stack(Settings(data_dir=Path(folder)))
        stack.migrate()
        running = Running(stack)
        stack.app([("log", running.check)], running)
        running.start()
        running.stop()
    return _foreign()


def command_line() -> list[str]:
    """Load every command of `fixline`; the foreign libraries that this loaded."""
    from services.cli import COMMANDS, load

    for name in COMMANDS:
        load(name)
    return _foreign()


def quick() -> list[str]:
    """Load what lists the commands and decides without a server; the slow libraries that this loaded."""
    from services.cli import app, load

    typer.main.get_command(app)
    load("decide")
    return sorted(set(SLOW) & set(sys.modules))


def first_answer() -> list[str]:
    """Decide a visit by the sample's contract data; the modules that this loaded after the data."""
    from schemas.vocabulary import Language
    from services.routing import dry_run, sample
    from services.routing.rules.policy import standard_policy

    book, request = (
        dry_run.load_book(sample.data_dir()),
        {"received_at": sample.OPENS.isoformat()} | sample.day()[0].request,
    )
    before = set(sys.modules)
    line = BytesIO(json.dumps(request).encode())
    dry_run.run(line, BytesIO(), book, standard_policy(), show=dry_run.as_json, language=Language.FR)
    loaded = set(sys.modules) - before
    return sorted(name for name in loaded if not name.startswith("tzdata."))  # a zone is a small file, read when met


def imports() -> dict[str, Any]:
    """Import every module of ours; what was done besides defining things."""
    done: list[str] = []
    watching = True

    def watch(event: str, args: tuple[Any, ...]) -> None:
        if watching and event in ("socket.connect", "socket.bind", "sqlite3.connect", "subprocess.Popen"):
            importing = _module_being_imported()
            if importing.partition(".")[0] in ("services", "schemas"):
                done.append(f"{importing}: {event} {args[:2]!r}")

    sys.addaudithook(watch)
    before = threading.active_count()
    for package in ("schemas", "services"):
        for module in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}."):
            if not module.name.rpartition(".")[2].startswith("__main__") and ".migrations." not in module.name:
                importlib.import_module(module.name)
    watching = False
    return {"done": done, "threads": threading.active_count() - before, "built": _built()}


def _module_being_imported() -> str:
    """The innermost module whose top level runs now: what a library does at its own import is not ours to forbid."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and (frame.f_code.co_name != "<module>" or frame.f_globals.get("__name__") == "__main__"):
        frame = frame.f_back
    return str(frame.f_globals.get("__name__")) if frame else ""


def _built() -> list[str]:
    """Live apps, services and databases: things that only a composition makes."""
    from fastapi import APIRouter, FastAPI
    from jinja2 import Environment
    from sqlalchemy import Engine

    from services.runtime.database import Database
    from services.runtime.settings import Settings
    from services.runtime.work import Workshop

    kinds = (FastAPI, APIRouter, Engine, Database, Settings, Workshop, Environment)
    return sorted({type(one).__name__ for one in gc.get_objects() if type(one) in kinds})


def _foreign() -> list[str]:
    return sorted({name.partition(".")[0] for name in sys.modules} & set(FOREIGN))


if __name__ == "__main__":
    print(json.dumps(globals()[sys.argv[1]]()))  # noqa: T201  # the test reads it
