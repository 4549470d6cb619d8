"""`fixline doctor`: each thing that this process needs, whether it is there, and how to mend it when it is not."""

import os
import platform
import smtplib
import sqlite3
import ssl
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, Final, get_args
from urllib.parse import urlsplit

import httpx
import typer
from pydantic import SecretStr
from sqlalchemy import func, inspect, select
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from schemas.topics import TOPICS
from schemas.vocabulary import Language
from services.commands.columns import aligned
from services.commands.console import DataDir, ServiceName
from services.commands.doctor_words import WORDS
from services.commands.language import Lang, terminal_language
from services.commands.terminal import AsJson, Exit, err, out, print_json
from services.runtime import migrate
from services.runtime.clock import transaction_instant
from services.runtime.database import Database
from services.runtime.logs import set_up_logs
from services.runtime.mail import mail_server
from services.runtime.secrets import from_settings
from services.runtime.settings import PREFIX, Settings, WrongSetting, load_settings
from services.runtime.web import dates
from services.runtime.work import Workshop
from services.stack import SERVICES, Stack

_OLDEST_PYTHON: Final = (3, 11)
#: Events that wait for longer than this are stuck, not busy.
_STUCK: Final = timedelta(minutes=5)
_SECONDS: Final = 5.0


class Mark(StrEnum):
    """Good, bad, not asked for."""

    GOOD = "✓"
    BAD = "✗"
    NONE = "–"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. `mend` says what to do about a bad one; `ends` is how the command then ends."""

    mark: Mark
    name: str
    said: str
    mend: str = ""
    ends: Exit = Exit.DONE


def doctor(
    data_dir: DataDir = None,
    service: ServiceName = None,
    show_settings: Annotated[bool, typer.Option("--settings", help="List every setting instead.")] = False,
    lang: Lang = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Check what this process needs, by the same settings. Ends with 3 when a dependency is down, 1 for what else is wrong."""
    if show_settings:
        _show_settings(as_json=as_json)
        return
    set_up_logs("console", "error", service="doctor")
    say = _Say(terminal_language(lang, os.environ))
    found = list(examine(say, service, {"data_dir": data_dir}))
    if as_json:
        print_json([{**asdict(one), "mark": one.mark.name.lower()} for one in found])
    else:
        out.print(" · ".join(f"{one.mark} {one.name} {one.said}".rstrip() for one in found), markup=False)
        for one in found:
            if one.mend:
                err.print(f"{one.mark} {one.name}: {one.mend}", markup=False)
    ends = max((one.ends for one in found), default=Exit.DONE)
    if ends:
        raise typer.Exit(ends)


class _Say:
    """Words in one language."""

    def __init__(self, language: Language) -> None:
        self.language = language

    def __call__(self, word: str, **fields: object) -> str:
        return WORDS[word].say(self.language, **fields)

    def span(self, seconds: float) -> str:
        return dates.duration(timedelta(seconds=seconds), self.language)


def examine(say: _Say, service: str | None, given: dict[str, object]) -> Iterator[Finding]:
    """Everything, in the order in which it is mended."""
    yield _python(say)
    try:
        loaded = load_settings(**given)
    except WrongSetting as error:
        yield Finding(Mark.BAD, say("settings"), say("wrong"), str(error), Exit.USAGE)
        return
    yield Finding(Mark.GOOD, say("settings"), say("known", count=len(Settings.model_fields)))
    if loaded.clock:
        yield Finding(Mark.NONE, say("clock"), loaded.clock)
    yield from _embedded(loaded, say) if loaded.database_url is None else _served(loaded, service, say)
    yield from _addresses(loaded, say)
    yield _mail(loaded, say)


def _python(say: _Say) -> Finding:
    version = platform.python_version()
    if sys.version_info[:2] >= _OLDEST_PYTHON:
        return Finding(Mark.GOOD, "Python", version)
    return Finding(Mark.BAD, "Python", version, say("python.mend"), Exit.NO)


def _embedded(loaded: Settings, say: _Say) -> Iterator[Finding]:
    """SQLite files in a folder: no server is needed, nor looked for."""
    stack, name = Stack(loaded), say("database")
    folder = loaded.data_dir
    if not all((folder / f"{service}.db").exists() for service in SERVICES):
        yield Finding(Mark.NONE, name, say("database.none", folder=folder))
    elif not os.access(folder, os.W_OK):
        yield Finding(Mark.BAD, name, say("database.locked", folder=folder), say("database.locked.mend"), Exit.AWAY)
    else:
        about = f"SQLite {sqlite3.sqlite_version} {folder}"
        yield from _guarded(lambda: _migrated(name, about, stack.workshops, say), name, say)
        yield from _guarded(lambda: _unread(stack, say), say("events"), say)
    yield Finding(Mark.NONE, "kafka", say("kafka.none"))


def _served(loaded: Settings, service: str | None, say: _Say) -> Iterator[Finding]:
    """PostgreSQL and Kafka."""
    try:
        from_settings(loaded)
        yield Finding(Mark.GOOD, say("keys"), "")
    except WrongSetting as error:
        yield Finding(Mark.BAD, say("keys"), say("wrong"), str(error), Exit.USAGE)
    name = say("database")
    waiting = ""
    try:
        service = service or _whose(Stack(loaded, ("intake",)).workshops["intake"].database)
        if service is None:
            yield Finding(Mark.BAD, name, say("database.empty"), say("database.empty.mend"), Exit.NO)
        else:
            workshops = Stack(loaded, (service,)).workshops
            about = f"postgresql {_version(workshops[service].database)} {service}"
            yield from _migrated(name, about, workshops, say)
            backlog = _backlog(workshops[service], say)
            yield backlog
            waiting = say("safe", said=backlog.said)
    except SQLAlchemyError as error:
        yield _away(name, error, say)
    yield _kafka(loaded, waiting, say)


def _guarded(look: Callable[[], Iterator[Finding]], name: str, say: _Say) -> Iterator[Finding]:
    """A database that does not answer is a finding like any other."""
    try:
        yield from list(look())
    except SQLAlchemyError as error:
        yield _away(name, error, say)


def _away(name: str, error: SQLAlchemyError, say: _Say) -> Finding:
    cause = error.orig if isinstance(error, DBAPIError) else error
    return Finding(Mark.BAD, name, type(cause).__name__, say("database.mend"), Exit.AWAY)


def _migrated(name: str, about: str, workshops: dict[str, Workshop], say: _Say) -> Iterator[Finding]:
    behind = [
        service
        for service, workshop in workshops.items()
        if migrate.current(workshop.database) != migrate.newest(service)
    ]
    if behind:
        yield Finding(Mark.BAD, name, say("behind", about=about), say("behind.mend", who=", ".join(behind)), Exit.NO)
    else:
        yield Finding(Mark.GOOD, name, say("head", about=about))


def _whose(database: Database) -> str | None:
    """Which service's tables are there; None: nobody's yet."""
    with database.reading() as connection:
        tables = set(inspect(connection).get_table_names())
    own = {"staff": "intake", "work_orders": "routing", "timeline": "notifier"}
    return next((service for table, service in own.items() if table in tables), None)


def _version(database: Database) -> str:
    with database.reading() as connection:
        return ".".join(map(str, connection.dialect.server_version_info or ()))


def _backlog(workshop: Workshop, say: _Say) -> Finding:
    """Events that are saved and not yet on Kafka."""
    outbox = workshop.tables.outbox.c
    query = select(func.count(), func.min(outbox.created_at)).where(outbox.published_at.is_(None))
    with workshop.database.reading() as connection:
        count, oldest = connection.execute(query).one()
        now = transaction_instant(workshop.clock, connection)
    return _waiting(count, oldest, now, say("relay.mend", service=workshop.service), say)


def _unread(stack: Stack, say: _Say) -> Iterator[Finding]:
    """Events that their readers have not applied yet: the embedded log is the outbox itself."""
    count, oldest = 0, None
    for topic in TOPICS:
        source = stack.workshops[topic.producer]
        outbox = source.tables.outbox.c
        for consumer in topic.consumers:
            reader = stack.workshops[consumer]
            cursor = reader.tables.cursor.c
            mine = select(func.max(cursor.position)).where(cursor.log == topic.producer, cursor.consumer == consumer)
            with reader.database.reading() as connection:
                position = connection.execute(mine).scalar_one() or 0
            waits = select(func.count(), func.min(outbox.created_at)).where(
                outbox.topic == topic.name, outbox.id > position
            )
            with source.database.reading() as connection:
                found, first = connection.execute(waits).one()
            count += found
            oldest = min(filter(None, (oldest, first)), default=None)
    yield _waiting(count, oldest, stack.clock.read(), say("unread.mend"), say)


def _waiting(count: int, oldest: datetime | None, now: datetime, mend: str, say: _Say) -> Finding:
    if not count or oldest is None:
        return Finding(Mark.GOOD, say("events"), say("events.none"))
    age = now - oldest
    said = say("events.wait", count=count, age=say.span(age.total_seconds()))
    if age < _STUCK:
        return Finding(Mark.GOOD, say("events"), said)
    return Finding(Mark.BAD, say("events"), said, mend, Exit.NO)


def _kafka(loaded: Settings, waiting: str, say: _Say) -> Finding:
    from services.commands.kafka_roles import catalogue
    from services.runtime.kafka import topics
    from services.runtime.kafka.presence import BrokerAway

    try:
        differences = topics.check(loaded.kafka, catalogue())
    except BrokerAway:
        mend = " ".join(filter(None, (say("kafka.mend"), waiting)))
        return Finding(Mark.BAD, "kafka", say("kafka.away", address=loaded.kafka), mend, Exit.AWAY)
    if differences:
        return Finding(Mark.BAD, "kafka", loaded.kafka, "; ".join(map(str, differences)), Exit.NO)
    return Finding(Mark.GOOD, "kafka", say("kafka.good", address=loaded.kafka, count=len(TOPICS)))


def _addresses(loaded: Settings, say: _Say) -> Iterator[Finding]:
    """The other services, where this one is told where they are."""
    for name, url in (("intake", loaded.intake_url), ("routing", loaded.routing_url)):
        if url is None:
            continue
        why = ""
        try:
            answer = httpx.get(f"{url.rstrip('/')}/readyz", timeout=_SECONDS, trust_env=False)
            why = "" if answer.is_success else str(answer.status_code)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            why = type(error).__name__
        if why:
            setting = f"{PREFIX}{name.upper()}_URL"
            mend = say("address.mend", service=name, setting=setting)
            yield Finding(Mark.BAD, name, f"{_place(url)} {why}", mend, Exit.AWAY)
        else:
            yield Finding(Mark.GOOD, name, _place(url))


def _mail(loaded: Settings, say: _Say) -> Finding:
    """A greeting, no message."""
    name = say("mail")
    if loaded.smtp_url is None:
        return Finding(Mark.NONE, name, say("mail.none"))
    try:
        server = mail_server(loaded.smtp_url.get_secret_value())
    except ValueError as error:
        return Finding(Mark.BAD, name, say("wrong"), str(error), Exit.USAGE)
    where = f"{server.host}:{server.port}"
    try:
        with (
            smtplib.SMTP_SSL(server.host, server.port, timeout=_SECONDS, context=ssl.create_default_context())
            if server.tls
            else smtplib.SMTP(server.host, server.port, timeout=_SECONDS)
        ) as conversation:
            conversation.noop()
    except (OSError, smtplib.SMTPException) as error:
        return Finding(Mark.BAD, name, f"{where} {type(error).__name__}", say("mail.mend"), Exit.AWAY)
    return Finding(Mark.GOOD, name, where)


def _place(url: str) -> str:
    """Host and port, without what may be secret in an address."""
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)


def _show_settings(*, as_json: bool) -> None:
    """Every setting by its name, what it is for, and its default; never a value that is set."""
    rows = []
    for name, field in Settings.model_fields.items():
        default = "" if field.default is None else str(field.default)
        variable = f"{PREFIX}{name.upper()}"
        rows.append(
            {
                "setting": variable,
                "default": default,
                "secret": _is_secret(field.annotation),
                "set": variable in os.environ,
                "description": field.description or "",
            }
        )
    if as_json:
        print_json(rows)
        return
    cells = [
        (
            str(row["setting"]),
            str(row["default"]) or "–",
            " ".join(word for word in ("set", "secret") if row[word]),
            str(row["description"]),
        )
        for row in rows
    ]
    out.print(aligned(("setting", "default", "", "what it is for"), cells), markup=False)


def _is_secret(annotation: Any) -> bool:
    return annotation is SecretStr or SecretStr in get_args(annotation)
