"""How far apart the times of a cron line are."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

_WEEKDAYS = {name: number for number, name in enumerate(("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"))}
_MINUTES = 24 * 60


@lru_cache
def longest_wait(cron: str) -> int | None:
    """Return the longest time in seconds from one start to the next; None where not every week is like the other.

    Hours that a change to or from summer time adds or takes away do not count.
    """
    minute, hour, day, month, weekday = cron.split(" ")
    if day != "*" or month != "*":
        return None
    try:
        hours, minutes = sorted({*_values(hour, 24)}), sorted({*_values(minute, 60)})
        days = sorted({number % 7 for number in _values(weekday, 7)})
    except ValueError:
        return None
    if not (hours and minutes and days):
        return None
    times = [h * 60 + m for h in hours for m in minutes]
    nights = (after - before for before, after in pairwise([*days, days[0] + 7]))
    waits = [after - before for before, after in pairwise(times)]
    return 60 * max(*waits, *(nights_between * _MINUTES - times[-1] + times[0] for nights_between in nights), 0)


def _values(field: str, end: int) -> Iterator[int]:
    """Yield what a field of a cron line names; a ``*`` stops before ``end``. Raises ValueError for what it is not."""
    for part in field.split(","):
        span, _, step = part.partition("/")
        first, _, last = span.partition("-")
        if first == "*":
            low, high = 0, end - 1
        else:
            low = _number(first)
            high = _number(last) if last else end - 1 if step else low
        yield from range(low, high + 1, int(step or 1))


def _number(text: str) -> int:
    return _WEEKDAYS[text] if text in _WEEKDAYS else int(text)
