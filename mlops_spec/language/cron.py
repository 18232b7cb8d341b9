"""Schedules: whether all read a cron line alike, whether it ever comes and how far apart, and which time zones exist.

Kubernetes and Argo Workflows read it by robfig/cron, others as Debian's cron does, or in ways of their own. What they
take differently is refused, so that a schedule is the same wherever it is read; cronsim then reads for us.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise, takewhile

from mlops_spec.address import meant, text
from mlops_spec.diagnostic import Diagnostic, error
from mlops_spec.source.tree import Map, mark, select

SCHEDULES = (
    ("features", "views", "*", "materialize", "schedule"),
    ("models", "*", "batch", "schedule"),
    ("monitors", "*", "schedule"),
    ("pipelines", "*", "schedule"),
)
"""Where the language has schedules."""

_LAST = (59, 23, 31, 12, 6)
"""The largest number of each field."""

_LAST_DAYS = re.compile(r"LW?|[0-9]L")

_START = datetime(2000, 1, 1)  # in no zone: days and hours alone count
_DAY = timedelta(days=1)
_WEEKS, _YEARS = 15 * _DAY, 9 * 366 * _DAY
"""Long enough for the longest pause between two weekdays, and between two leap days."""


def check(tree: Map) -> Iterator[Diagnostic]:
    """Report schedules that never come, and time zones that there are not, in a tree with defaults."""
    for pattern in SCHEDULES:
        for path, schedule, _ in select(tree, pattern):
            cron, zone = str(schedule["cron"]), str(schedule["timezone"])
            found = wrong(cron)
            if found is not None:
                yield _problem(tree, (*path, "cron"), f"the schedule `{cron}` {found[0]}", found[1])
            if zone not in zones():
                hint = meant(zone, zones(), "time zone")
                yield _problem(tree, (*path, "timezone"), f"there is no time zone `{zone}`", hint)


def wrong(cron: str) -> tuple[str, str] | None:
    """Return what is wrong with a cron line of five fields, and the way out; None where all read it alike."""
    disputed = _disputed(cron)
    if disputed is not None:
        return f"is not read alike by all: {disputed[0]}", disputed[1]
    try:
        longest_pause(cron)
    except ValueError as problem:
        return f"never comes: {problem}", "write minute, hour, day of the month, month, weekday: as in `0 3 * * 1`"
    return None


def _disputed(cron: str) -> tuple[str, str] | None:
    fields = cron.split(" ")
    *_, day, _, weekday = fields
    for field, last in zip(fields, _LAST, strict=True):
        for part in field.split(","):
            span, _, step = part.partition("/")
            ends = span.split("-")
            if _LAST_DAYS.fullmatch(span):
                return f"only some know `{part}`", "write the days as numbers"
            if step and ends != ["*"] and len(set(ends)) == 1:
                return (
                    f"`{part}` has a step, and not where it ends",
                    f"write both ends, as in `{ends[0]}-{last}/{step}`",
                )
            if last == _LAST[-1] and "7" in ends:
                return "Kubernetes knows no weekday 7", "write 0 or SUN for Sunday: `5-7` is `5,6,0`"
    if "*" not in (day, weekday) and "*" in day + weekday:
        message = f"some start on days that fit `{day}` and `{weekday}`, others on those that fit either"
        return message, "let one of the two be `*`, or write both without"
    return None


def _problem(tree: Map, path: tuple[str | int, ...], message: str, hint: str) -> Diagnostic:
    where = mark(tree, path) or mark(tree, path[:-1])
    return error("MS129", message, where.value if where else None, text(path), hint)


@functools.cache
def zones() -> frozenset[str]:
    """Return the names of the IANA's time zones, by a list that is the same on every machine."""
    from importlib import resources

    return frozenset((resources.files("tzdata") / "zones").read_text(encoding="utf-8").split())


@functools.lru_cache(maxsize=1024)
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
