"""A rollout under way is a line of the lock: walking it is an edit of that line, and of nothing else.

``step`` counts from 0 through the steps of the model's canary; behind the last one the line is gone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from mlops_spec.address import Path
from mlops_spec.diagnostic import Place
from mlops_spec.language import pin
from mlops_spec.source import edit
from mlops_spec.source.tree import Map, find, select

BESIDE = ("rollout", "shadow", "variants")
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


def live(lock: Map, path: Path) -> dict[str, Any] | None:
    """Return the live version that a lock has of the model at ``path``, whole; None where it has none."""
    found = find(lock, path)
    return {key: value for key, value in found.items() if key not in BESIDE} if found is not None else None


class Spelt(NamedTuple):
    """Where a text has a version, as it is spelt there."""

    text: str
    path: Path


def take(
    text: str, lock: Map, path: Path, version: Mapping[str, Any], *, gradually: bool, spelt: Spelt | None = None
) -> str:
    """Return the text of the lock with ``version``, whole, as the one at ``path``, where the lock may have another.

    ``gradually`` begins a rollout: the version before stays beside it as ``from``, unless there is none. What stands
    beside the version otherwise is left alone. ``spelt`` has values that are to be spelt alike. Raises
    ``edit.Refused`` as edits do.
    """
    before = live(lock, path)
    if before is None:
        text = pin.add(text, path, dict(version))
    elif gradually:
        text = edit.insert(text, path, "rollout", {"step": 0, "from": before}, depth=2)
        for key in before:
            text = edit.copy(text, (*path, key), (*path, "rollout", "from", key))
    if before is not None:
        text = _exchanged(text, path, before, version)
    if spelt is not None:
        for key in version:
            text = edit.copy(text, (*spelt.path, key), (*path, key), spelt.text)
    return text


def _exchanged(text: str, path: Path, before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    for key, value in after.items():
        if key not in before:
            text = edit.insert(text, path, key, value)
        elif before[key] != value:
            text = edit.replace(text, (*path, key), value)
    for key in before:
        if key not in after:
            text = edit.delete(text, (*path, key))
    return text


def abort(text: str, lock: Map, rollout: UnderWay) -> str:
    """Return the text of the lock with the version before as the live one. Raises ``edit.Refused`` as edits do."""
    line, model = (*rollout.path, "rollout"), find(lock, rollout.path)
    for key, value in model["rollout"]["from"].items():
        if key in model:
            text = edit.copy(text, (*line, "from", key), (*rollout.path, key))
        else:
            text = edit.insert(text, rollout.path, key, value)
    for key in model:
        if key not in BESIDE and key not in model["rollout"]["from"]:
            text = edit.delete(text, (*rollout.path, key))
    return edit.delete(text, line)
