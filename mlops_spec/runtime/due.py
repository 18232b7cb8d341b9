"""When a run was due, by the schedule that starts it, and what stands for that in a URI."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from mlops_spec.language.placeholder import Literal, split
from mlops_spec.runtime.program import Failed

SCHEDULED_AT = "MLOPS_SCHEDULED_AT"

_SHIFT = timedelta(hours=3)
"""More than clocks are put forward or back at once."""


class Due(NamedTuple):
    """A run: the orchestrator's own id of it, and when it was due, in the schedule's zone."""

    run: str
    at: datetime

    def put_into(self, uri: str) -> str:
        """Return a URI with ``${{ run.id }}``, ``run.date`` and ``run.scheduled_at`` replaced. Raises Failed."""
        known = {"id": self.run, "date": self.at.date().isoformat(), "scheduled_at": self.at.isoformat()}
        words = []
        for part in split(uri):
            if isinstance(part, Literal):
                words.append(part.text)
            elif part.path[0] == "run" and len(part.path) == 2 and part.path[1] in known:
                words.append(known[part.path[1]])
            else:
                raise Failed(f"nobody knows ${{{{ {'.'.join(part.path)} }}}} when {uri} is read")
        return "".join(words)


def due(schedule: Mapping[str, str], environment: Mapping[str, str], now: datetime) -> datetime:
    """Return when the run was due: what the variable MLOPS_SCHEDULED_AT says, else the schedule's last time.

    So a run that starts late, or is tried again, is still that of its own day; and a day is done again by saying when
    it was due. Raises Failed for a text that is no time with a zone.
    """
    zone = ZoneInfo(schedule["timezone"])
    said = environment.get(SCHEDULED_AT)
    if said is None:
        return _last(schedule["cron"], now.astimezone(zone))
    return instant(said, SCHEDULED_AT).astimezone(zone)


def instant(text: str, what: str) -> datetime:
    """Return the time that a text says, which has a zone; ``what`` says whose it is. Raises Failed where it is none."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise Failed(f"{what} is no time with a zone: {text}")
    return found


def _last(cron: str, now: datetime) -> datetime:
    """Return the last time that a cron line names up to ``now``, which has the schedule's zone.

    A time that clocks skip has not been, as robfig/cron has it. One that clocks show twice was the first of the two,
    unless every hour counts.
    """
    from cronsim import CronSim

    wall = now.replace(tzinfo=None)
    folds = (0, 1) if cron.split()[1].startswith("*") else (0,)
    found: datetime | None = None
    # In no zone: where it is told one, cronsim goes a whole period back at some times that clocks show twice.
    moments: Iterator[datetime] = CronSim(cron, (wall + _SHIFT).replace(fold=0), reverse=True)
    for moment in moments:
        shown = [moment.replace(tzinfo=now.tzinfo, fold=fold) for fold in folds]
        been = [at for at in shown if _exists(at) and at.timestamp() <= now.timestamp()]
        found = max([*been, *([found] if found else [])], key=datetime.timestamp, default=None)
        if found is not None and moment < wall - _SHIFT:
            return found
    raise Failed(f"no run was ever due by {cron}")


def _exists(at: datetime) -> bool:
    return at.astimezone(UTC).astimezone(at.tzinfo).replace(tzinfo=None) == at.replace(tzinfo=None)
