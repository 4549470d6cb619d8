"""Every address of the whole program, as the embedded stack serves them."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI

from services.runtime.identity.access import declarations, undeclared_routes
from services.runtime.settings import Settings
from services.runtime.web.bodies import lenient_routes
from services.stack import Stack


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    stack = Stack(Settings(data_dir=tmp_path_factory.mktemp("routes")))
    yield stack.app()
    for workshop in stack.workshops.values():
        workshop.database.close()


def test_every_route_says_who_may(app: FastAPI) -> None:
    """Deny by default: a route that nobody thought about is found here."""
    assert undeclared_routes(app) == []


def test_every_body_is_read_strictly(app: FastAPI) -> None:
    """None by FastAPI's own, lenient and unbounded parameters."""
    assert lenient_routes(app) == []


def test_no_address_is_declared_twice(app: FastAPI) -> None:
    """The second would never answer."""
    places = [(method, path) for method, path, _ in declarations(app)]
    assert sorted(place for place in set(places) if places.count(place) > 1) == []
