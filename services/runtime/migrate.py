"""Migrations by Alembic, the same on both databases, run inside one transaction each.

``python -m services.runtime.migrate routing "what changes"`` writes the next one from the service's tables; read it before
you commit it. The scripts lie in ``services/<service>/migrations``, one number each, never edited once released.
"""

import importlib
import re
import sys
import tempfile
from pathlib import Path
from typing import Any, Literal

from alembic import autogenerate
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, text

from services.runtime.database import Database, open_database

SERVICES = ("intake", "routing", "notifier")

#: Held while migrating, so that two processes starting together do not both.
_ADVISORY_LOCK = 0x46_49_58_4C

#: Ours, of services/runtime/types.py.
_OWN_TYPES = ("InstantType", "JsonType", "MoneyType")

_TEMPLATE = '''"""{message}"""

import sqlalchemy as sa
from alembic import op

from services.runtime.types import {types}

revision = "{revision}"
down_revision = {down_revision!r}
branch_labels = None
depends_on = None


def upgrade() -> None:
{body}
'''


def tables_of(service: str) -> MetaData:
    """A service's tables. By name, so that the runtime imports no service."""
    metadata: MetaData = importlib.import_module(f"services.{service}.tables").METADATA
    return metadata


def upgrade(database: Database, service: str) -> str:
    """Bring the database to the newest revision and return it. Safe to run twice, and by two at once."""
    script = _scripts(service)
    with database.transaction() as connection:
        if not database.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
        _run(connection, script, service)
    return script.get_current_head() or ""


def current(database: Database) -> str | None:
    """The revision the database is at; None: not migrated yet."""
    with database.reading() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest(service: str) -> str:
    return _scripts(service).get_current_head() or ""


def drift(database: Database, service: str) -> list[Any]:
    """How the migrated database differs from the service's tables; empty when the migrations are complete."""
    with database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        return list(autogenerate.compare_metadata(context, tables_of(service)))


def _scripts(service: str) -> ScriptDirectory:
    folder = Path(importlib.import_module(f"services.{service}").__file__ or "").parent / "migrations"
    return ScriptDirectory(str(folder), version_locations=[str(folder)])


def _run(connection: Connection, script: ScriptDirectory, service: str) -> None:
    def steps(revision: Any, _context: Any) -> Any:
        return script._upgrade_revs("head", revision)  # what alembic.command.upgrade calls

    with EnvironmentContext(Config(), script, fn=steps, destination_rev="head") as environment:
        environment.configure(connection=connection, target_metadata=tables_of(service), render_as_batch=True)
        environment.run_migrations()


def write_next(service: str, message: str) -> Path:
    """Compare the tables with what the scripts make of an empty file, and write the difference as the next script."""
    script = _scripts(service)
    head = script.get_current_head()
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(f"sqlite:///{folder}/draft.db")
        upgrade(database, service)
        with database.reading() as connection:
            options = {
                "render_as_batch": True,
                "render_item": _render,
                "sqlalchemy_module_prefix": "sa.",
                "compare_type": False,
            }
            options |= {
                "alembic_module_prefix": "op.",
                "user_module_prefix": None,
                "target_metadata": tables_of(service),
            }
            context = MigrationContext.configure(connection, opts=options)
            operations = autogenerate.produce_migrations(context, tables_of(service)).upgrade_ops
            if operations is None or operations.is_empty():
                raise SystemExit(f"{service}: the tables are as the migrations make them, nothing to write")
            body = autogenerate.render_python_code(operations, migration_context=context, render_item=_render)
        database.close()
    revision = f"{int(head or 0) + 1:04d}"
    slug = re.sub(r"[^a-z0-9]+", "_", message.lower()).strip("_")
    target = Path(script.dir) / f"{revision}_{slug}.py"
    body = "\n".join(line if line.startswith("    ") or not line else f"    {line}" for line in body.splitlines())
    types = ", ".join(name for name in _OWN_TYPES if f"{name}()" in body)
    target.write_text(_TEMPLATE.format(message=message, revision=revision, down_revision=head, body=body, types=types))
    return target


def _render(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    name = type(item).__name__
    return f"{name}()" if kind == "type" and name in _OWN_TYPES else False


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] not in SERVICES:
        raise SystemExit(f"usage: python -m services.runtime.migrate {'|'.join(SERVICES)} MESSAGE")
    print(write_next(sys.argv[1], sys.argv[2]))  # noqa: T201  # a developer's command answers on standard output
