"""How long a cron line may keep one waiting."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise, takewhile

_START = datetime(2000, 1, 1)  # in no zone: days and hours alone count
_DAY = timedelta(days=1)
_WEEKS, _YEARS = 15 * _DAY, 9 * 366 * _DAY
"""Long enough for the longest pause between two weekdays, and between two leap days."""


def longest_pause(cron: str) -> int:
    """Return the longest time (seconds) between two occurrences, where no clock is put forward or back.

    Raises ValueError where there is none, as on 31 February.
    """
    minute, hour, *days = cron.split(" ")
    times = list(_occurrences(f"{minute} {hour} * * *", _DAY))
    span = _WEEKS if days[:2] == ["*", "*"] else _YEARS
    dates = (
        list(_occurrences(" ".join(("0", "0", *days)), span)) if days != ["*", "*", "*"] else [_START, _START + _DAY]
    )
    if len(dates) < 2:
        raise ValueError("no day fits it")
    overnight = max(after - before for before, after in pairwise(dates)) - (times[-1] - times[0])
    return int(max(overnight, *(after - before for before, after in pairwise(times)), timedelta()).total_seconds())


def _occurrences(cron: str, span: timedelta) -> Iterator[datetime]:
    from cronsim import CronSim, CronSimError

    try:
        found = CronSim(cron, _START - timedelta(minutes=1))
    except CronSimError as problem:
        raise ValueError(str(problem)) from None
    return takewhile(lambda moment: moment < _START + span, found)
