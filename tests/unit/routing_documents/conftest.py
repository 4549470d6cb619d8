"""Zones are read as a process of ours does."""

import pytest

from services.routing.rules.calendars import pin_time_zones


@pytest.fixture(autouse=True, scope="session")
def _pinned_zones() -> None:
    pin_time_zones()
