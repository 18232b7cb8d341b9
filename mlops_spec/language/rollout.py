"""A rollout under way is a line of the lock: walking it is an edit of that line, and of nothing else.

``step`` counts from 0 through the steps of the model's canary; behind the last one the line is gone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from mlops_spec.address import Path
from mlops_spec.diagnostic import Place
from mlops_spec.source import edit
from mlops_spec.source.tree import Map, find, select

_BESIDE = ("rollout", "shadow", "variants")
"""What the lock has of a model beside its live version."""


class UnderWay(NamedTuple):
    """A rollout: ``version`` takes over from the one ``before``. ``place`` is where the lock says so."""

    environment: str
    model: str
    version: int
    before: int
    step: int
    place: Place

    @property
    def path(self) -> Path:
        """Where the lock has the model."""
        return ("environments", self.environment, "models", self.model)


def under_way(lock: Map) -> Iterator[UnderWay]:
    """Yield the rollouts of a lock that is as its schema says."""
    for path, model, _ in select(lock, ("environments", "*", "models", "*")):
        rollout = model.get("rollout")
        if rollout is not None:
            place = model.marks["rollout"].key
            yield UnderWay(path[1], path[3], model["version"], rollout["from"]["version"], rollout["step"], place)


def advance(text: str, rollout: UnderWay, steps: int) -> str:
    """Return the text of the lock with a rollout of ``steps`` steps at the next one; behind the last one it is done.

    Raises ``edit.Refused`` as edits do.
    """
    line = (*rollout.path, "rollout")
    if rollout.step + 1 < steps:
        return edit.replace(text, (*line, "step"), rollout.step + 1)
    return edit.delete(text, line)


def abort(text: str, lock: Map, rollout: UnderWay) -> str:
    """Return the text of the lock with the version before as the live one. Raises ``edit.Refused`` as edits do."""
    line, live = (*rollout.path, "rollout"), find(lock, rollout.path)
    for key, value in live["rollout"]["from"].items():
        if key in live:
            text = edit.copy(text, (*line, "from", key), (*rollout.path, key))
        else:
            text = edit.insert(text, rollout.path, key, value)
    for key in live:
        if key not in _BESIDE and key not in live["rollout"]["from"]:
            text = edit.delete(text, (*rollout.path, key))
    return edit.delete(text, line)
