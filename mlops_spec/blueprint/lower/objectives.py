"""A model's objectives, as what they promise, and the windows over which what missed them is counted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from mlops_spec.blueprint.types import Objective
from mlops_spec.language.units import Duration
from mlops_spec.model.models import Objectives

PAGE, TICKET = "page", "ticket"
AVAILABILITY, LATENCY = "availability", "latency"
_PARTS = {PAGE: ((720, 8640, 14.4), (120, 1440, 6)), TICKET: ((30, 360, 3), (10, 120, 1))}
"""The parts of the objective's window over which errors are counted, and how fast they use up the budget.

For 30 days these are 1 h and 5 min, 6 h and 30 min, 1 d and 2 h, 3 d and 6 h (The Site Reliability Workbook, ch. 5).
"""


class Promise(NamedTuple):
    """An objective by its kind, and what it promises of a request, in words that follow "to be"."""

    kind: str
    objective: Objective
    well: str


class Pace(NamedTuple):
    """A budget that is used up ``factor`` times as fast as it may be, in a window and still in a shorter one."""

    severity: str
    window: Duration
    recent: Duration
    factor: float


def promises(slo: Objectives) -> Iterator[Promise]:
    """Yield the objectives of a model."""
    if slo.availability is not None:
        at = f"{slo.address}.{AVAILABILITY}"
        objective = Objective(address=at, share=float(slo.availability), under=None)
        yield Promise(AVAILABILITY, objective, "answered without an error")
    if slo.latency is not None:
        said = slo.latency
        seconds = said.under.milliseconds / 1000
        objective = Objective(address=said.address, share=float(said.share), under=seconds)
        yield Promise(LATENCY, objective, f"answered within {said.under}")


def paces(window: Duration) -> dict[str, tuple[Pace, ...]]:
    """Return by severity at which paces a budget of ``window`` is alerted."""
    return {
        severity: tuple(
            Pace(severity, _part(window, long), _part(window, short), factor) for long, short, factor in all_
        )
        for severity, all_ in _PARTS.items()
    }


def _part(window: Duration, parts: int) -> Duration:
    return Duration.of(max(1, window.seconds // parts))
