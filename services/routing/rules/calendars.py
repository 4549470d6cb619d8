"""Business days and hours of a place (docs/rules.md §5).

A business day is a weekday that is no public holiday of the province (observed days too) and no closed day of the
provider's own. Zone rules come from the pinned `tzdata` package: machines carry older or newer ones.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo, reset_tzpath

from services.routing.rules.book import Closure
from services.routing.rules.dates import day_after
from services.routing.rules.policy import OwnDays, Terms

EVERYWHERE = "*"


def pin_time_zones() -> None:
    """Take zone rules from `tzdata` alone, never from the machine. Once, when a process starts."""
    reset_tzpath(to=[])
    ZoneInfo.clear_cache()
    zone_of.cache_clear()


@lru_cache(maxsize=1024)
def zone_of(name: str) -> ZoneInfo:
    """A zone by its IANA name. Kept here: `ZoneInfo` itself holds on to eight only, and reads a file for the ninth."""
    return ZoneInfo(name)


@dataclass(frozen=True, slots=True)
class Closed:
    """Why nobody works on a day: ``weekend``, ``holiday`` (by name) or ``closure``."""

    day: date
    why: str
    name: str | None = None


class Calendar:
    """The working time of one place: its zone, hours, holidays and closed days."""

    __slots__ = ("_closures", "_hours", "_known", "country", "province", "terms", "zone")

    def __init__(
        self, zone: ZoneInfo, country: str, province: str | None, terms: Terms, closures: Iterable[Closure] = ()
    ) -> None:
        self.zone = zone
        self.country = country
        self.province = province
        self.terms = terms
        self._closures = frozenset(
            closure.date
            for closure in closures
            if closure.country == country and closure.province in (None, EVERYWHERE, province)
        )
        self._known: dict[date, Closed | None] = {}
        self._hours: dict[date, tuple[datetime, datetime]] = {}

    def closed(self, day: date) -> Closed | None:
        """Why `day` is no business day; None: it is one."""
        try:
            return self._known[day]
        except KeyError:
            closed = self._known[day] = self._judge(day)
            return closed

    def local(self, moment: datetime) -> datetime:
        return moment.astimezone(self.zone)

    def closing(self, day: date) -> datetime:
        return self.hours(day)[1]

    def hours(self, day: date) -> tuple[datetime, datetime]:
        """When `day` opens and closes, in UTC, whether or not it is a business day; computed once."""
        known = self._hours.get(day)
        if known is None:
            hours = self.terms.hours
            known = self._hours[day] = self.at(day, hours.opens), self.at(day, hours.closes)
        return known

    def at(self, day: date, hour: time) -> datetime:
        return datetime.combine(day, hour, tzinfo=self.zone).astimezone(UTC)

    def business_days(self, first: date, skipped: list[Closed] | None = None) -> Iterator[date]:
        """Business days from `first` on, itself included; the days between go to `skipped`."""
        day = first
        while True:
            closed = self.closed(day)
            if closed is None:
                yield day
            elif skipped is not None:
                skipped.append(closed)
            if day == date.max:  # the calendar ends; nobody waits that long
                return
            day = day_after(day)

    def _judge(self, day: date) -> Closed | None:
        if day.weekday() not in self.terms.hours.weekdays:
            return Closed(day, "weekend")
        if day in self._closures:
            return Closed(day, "closure")
        name = self._holiday(day, self.terms.own_days)
        return None if name is None else Closed(day, "holiday", name)

    def _holiday(self, day: date, own: OwnDays) -> str | None:
        places = (EVERYWHERE, self.province or EVERYWHERE)
        for place in places:
            if (place, day) in own.added:
                return own.added[place, day]
        if any((place, day) in own.removed for place in places):
            return None
        return public_holidays(self.country, self.province, day.year, self.terms.holiday_category).get(day)


@lru_cache(maxsize=1024)
def public_holidays(
    country: str, province: str | None, year: int, category: str, language: str | None = None
) -> Mapping[date, str]:
    """A year's public holidays, observed days among them, by name.

    A province that the library does not know has its country's; a country that it does not know has none.
    """
    import holidays

    for subdivision in dict.fromkeys((province, None)):
        try:
            found = holidays.country_holidays(
                country, subdiv=subdivision, years=year, observed=True, categories=(category,), language=language
            )
        except (NotImplementedError, ValueError):  # the library does not know this place, or no such days in it
            continue
        return dict(found.items())
    return {}
