#!/usr/bin/env python3
"""The reverse proxy's configuration, made from the routes that the services declare (docs/architecture.md).

Three services share one public address. Each declares its routes; this program turns them into one table,
"method and path → owner", and prints a Caddyfile around it. Of two paths that can match one address, the one that is
more specific at the first place where they differ comes first: /requests/new/{draft} before /requests/{number}/label.
What nobody declares is 404. Two services that claim one method and path are an error, also when only the spelling of
the paths differs: an order picked here in silence would be somebody's wrong page.

    python deploy/proxy/routes.py > deploy/proxy/routes.json
    python deploy/proxy/generate.py deploy/proxy/routes.json > deploy/proxy/Caddyfile

Input: a JSON list of [service, [method, …], path], paths in FastAPI's notation. Only the standard library is used.
"""

import json
import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

#: Never passed on to the public: what each service has for itself, and what services ask one another.
PRIVATE = re.compile(r"/(metrics|openapi\.json|docs|redoc|internal)(/.*)?")
#: The same answer from every service, or the answer of the one that customers cannot do without: the first in
#: SERVICES that declares it. At the public address "ready" means "requests can be accepted".
SHARED = frozenset({"/healthz", "/readyz", "/static", "/static/{path:path}"})
SERVICES = ("intake", "routing", "notifier")

LITERAL, MIXED, PARAMETER, REST = range(4)
PLACEHOLDER = re.compile(r"{[^{}]+}")


class Conflict(Exception):
    """Two services claim what only one can have; the message names both."""


@dataclass(frozen=True)
class Segment:
    """One part of a path between slashes; `rank` says how specific it is, the smaller the more."""

    text: str

    @cached_property
    def rank(self) -> int:
        if self.text.endswith(":path}"):
            return REST
        if PLACEHOLDER.fullmatch(self.text):
            return PARAMETER
        return MIXED if PLACEHOLDER.search(self.text) else LITERAL

    @cached_property
    def pattern(self) -> str:
        """A regular expression; names of parameters do not matter, so equal patterns are equal claims."""
        if self.rank == REST:
            return ".*"
        literal = [re.escape(part).replace(r"\-", "-") for part in PLACEHOLDER.split(self.text)]
        return "[^/]+".join(literal)

    def overlaps(self, other: "Segment") -> bool:
        """May one text match both? Two mixed segments are taken to overlap: the safe side."""
        if self.rank == LITERAL:
            return re.fullmatch(other.pattern, self.text) is not None
        if other.rank == LITERAL:
            return other.overlaps(self)
        return True


@dataclass(frozen=True)
class Route:
    """What one service declares: it answers these methods on this path."""

    service: str
    methods: frozenset[str]
    path: str

    @cached_property
    def segments(self) -> tuple[Segment, ...]:
        return tuple(Segment(part) for part in self.path.strip("/").split("/"))

    @cached_property
    def ranks(self) -> tuple[int, ...]:
        return tuple(segment.rank for segment in self.segments)

    @cached_property
    def pattern(self) -> str:
        """The path as a regular expression. A slash at the end is let through: the service redirects or refuses."""
        path = "/" + "/".join(segment.pattern for segment in self.segments)
        return path if path == "/" or self.segments[-1].rank == REST else path + "/?"

    def overlaps(self, other: "Route") -> bool:
        """May one address match both paths?"""
        for mine, its in zip(self.segments, other.segments, strict=False):
            if REST in {mine.rank, its.rank}:
                return True
            if not mine.overlaps(its):
                return False
        return len(self.segments) == len(other.segments)


@dataclass(frozen=True)
class Line:
    """One line of the table: these methods (empty: any) on addresses that match `pattern` belong to `service`."""

    methods: tuple[str, ...]
    pattern: str
    service: str

    @property
    def expression(self) -> str:
        methods = "|".join(self.methods) or "[A-Z]+"
        return f"^({methods}) {self.pattern}$" if len(self.methods) > 1 else f"^{methods} {self.pattern}$"


def read(rows: Iterable[Sequence[object]]) -> list[Route]:
    """The routes that the public may reach. GET brings HEAD with it, as every service answers both or refuses HEAD."""
    routes = []
    for service, methods, path in rows:
        if service not in SERVICES:
            raise ValueError(f"{service!r} is not a service; known: {', '.join(SERVICES)}")
        if not isinstance(path, str) or not path.startswith("/"):
            raise ValueError(f"{path!r} of {service} is not a path: it begins with a slash")
        if not isinstance(methods, list | tuple | set | frozenset):
            raise ValueError(f"the methods of {service} {path} are not a list")
        names = frozenset(str(method).upper() for method in methods)
        if not PRIVATE.fullmatch(path):
            routes.append(Route(str(service), names | ({"HEAD"} if "GET" in names else set()), path))
    return _one_owner_for_shared(routes)


def _one_owner_for_shared(routes: Sequence[Route]) -> list[Route]:
    first: dict[str, Route] = {}
    for route in sorted(routes, key=lambda r: SERVICES.index(r.service)):
        if route.path in SHARED:
            first.setdefault(route.path, route)
    return [*first.values(), *(route for route in routes if route.path not in SHARED)]


def check(routes: Sequence[Route]) -> None:
    """Refuse routes of two services that one request could mean both of, neither path being the more specific."""
    for i, one in enumerate(routes):
        for two in routes[i + 1 :]:
            shared = one.methods & two.methods
            if one.service == two.service or not shared or not one.overlaps(two):
                continue
            claim = f"{'/'.join(sorted(shared))} {one.path} of {one.service} and {two.path} of {two.service}"
            if one.ranks == two.ranks:
                raise Conflict(f"{claim}: one address can match both, and neither is the more specific")


def table(routes: Sequence[Route]) -> list[Line]:
    """The lines in the order in which they are tried.

    Methods are written only where another service owns the rest of that path: everywhere else a wrong method
    reaches the owner too, who answers 405 in the caller's language.
    """
    check(routes)
    claims: dict[str, dict[str, set[str]]] = {}
    example: dict[str, Route] = {}
    for route in routes:
        example.setdefault(route.pattern, route)
        claims.setdefault(route.pattern, {}).setdefault(route.service, set()).update(route.methods)
    order = sorted(claims, key=lambda pattern: (example[pattern].ranks, pattern))
    lines = []
    for position, pattern in enumerate(order):
        later = [other for other in order[position + 1 :] if example[pattern].overlaps(example[other])]
        for service, methods in sorted(claims[pattern].items(), key=lambda item: SERVICES.index(item[0])):
            rivals = {name for other in (pattern, *later) for name in claims[other]} - {service}
            lines.append(Line(tuple(sorted(methods)) if rivals else (), pattern, service))
    return lines


def owner(lines: Sequence[Line], method: str, path: str) -> str | None:
    """Who answers this request: what the proxy does with the table, for tests and for the curious."""
    for line in lines:
        if re.match(line.expression, f"{method} {path}"):
            return line.service
    return None


def caddyfile(lines: Sequence[Line]) -> str:
    """The whole Caddyfile: `Caddyfile.template` beside this file with the table in its place."""
    template = (Path(__file__).parent / "Caddyfile.template").read_text(encoding="utf-8")
    rows = "".join(f'\t\t"~{line.expression}" {line.service}\n' for line in lines)
    return template.replace("\t\t# <table>\n", rows)


def main(arguments: Sequence[str]) -> int:
    text = Path(arguments[0]).read_text(encoding="utf-8") if arguments else sys.stdin.read()
    try:
        sys.stdout.write(caddyfile(table(read(json.loads(text)))))
    except (Conflict, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 1 if isinstance(error, Conflict) else 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
