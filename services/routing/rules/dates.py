"""Days and months, counted as a contract counts them (docs/rules.md §1, §6).

A month keeps the day of the month and clamps to the month's last day, always from the original date, never chained.
No function here raises: past the calendar's ends the last day, or the first, stands for every day beyond it.
"""

from calendar import monthrange
from datetime import date, timedelta

_DAY = timedelta(days=1)


def add_months(day: date, months: int) -> date:
    """The same day of the month, `months` later; the last of that month where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year > date.max.year:
        return date.max
    if year < date.min.year:
        return date.min
    month += 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def day_after(day: date) -> date:
    return day if day == date.max else day + _DAY


def day_before(day: date) -> date:
    return day if day == date.min else day - _DAY


def first_of(*days: date | None) -> date | None:
    """The earliest of some ends, where None is no end at all."""
    first = None
    for day in days:
        if day is not None and (first is None or day < first):
            first = day
    return first


def days_through(first: date, last: date) -> int:
    """How many days from `first` to `last`, both included; none when `last` comes before."""
    return max(0, (last - first).days + 1)


def past(end: date | None, day: date) -> bool:
    """Whether `day` comes after the last day of something; without an end it never does."""
    return end is not None and day > end


def renewed(end: date | None, term_end: date | None, *, renews: bool) -> date | None:
    """An end of an item's or an entitlement's own; empty, its contract's `term_end`. None: no end.

    When the contract `renews` by itself its term's end bounds nothing, and an own end equal to it renews too.
    """
    end = end or term_end
    return None if renews and end == term_end else end
