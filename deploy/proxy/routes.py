#!/usr/bin/env python3
"""The routes that the services declare, as deploy/proxy/generate.py reads them: one line each, sorted.

    python deploy/proxy/routes.py > deploy/proxy/routes.json && python deploy/proxy/generate.py deploy/proxy/routes.json > …

Builds each service's HTTP side in an empty folder, starts nothing, and asks it.
"""

import json
import sys
import tempfile
from pathlib import Path

from fastapi.routing import iter_route_contexts

from services.runtime.settings import Settings
from services.stack import SERVICES, Stack

Row = tuple[str, list[str], str]


def declared() -> list[Row]:
    """[service, methods, path] of every route of every service."""
    rows = set()
    with tempfile.TemporaryDirectory() as folder:
        for service in SERVICES:
            app = Stack(Settings(data_dir=Path(folder)), (service,)).app()
            for context in iter_route_contexts(app.routes):
                if context.path is not None and context.methods:
                    rows.add((service, tuple(sorted(context.methods - {"HEAD"})), context.path))
    return [(service, list(methods), path) for service, methods, path in sorted(rows)]


def as_text(rows: list[Row]) -> str:
    """JSON with a line for each route, so that a change of one is one line of a diff."""
    return "[\n" + ",\n".join(f"  {json.dumps(row)}" for row in rows) + "\n]\n"


if __name__ == "__main__":
    sys.stdout.write(as_text(declared()))
