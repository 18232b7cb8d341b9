"""Halves that find each other: a request and its answer, by their id, among those of the same server."""

from __future__ import annotations

from typing import Any, NamedTuple

Half = dict[str, Any]
"""One line of a journal: ``server`` (model, version, variant), ``id``, ``kind``, ``time``, ``rows``, ``came``."""


class Pair(NamedTuple):
    """What is known of one request, in the order in which it came; a half that never came is None."""

    request: Half | None
    response: Half | None


class Joined:
    """Pairs as they become whole. What it says depends on what it is told, and on nothing else."""

    def __init__(self) -> None:
        self._alone: dict[tuple[Any, ...], Half] = {}

    def add(self, half: Half) -> list[Pair]:
        """Take a half, and return what has become whole, or will never be: the same id may come again.

        A half that comes again as it was is one: who sent it has not heard that it came.
        """
        key = (*half["server"], half["id"])
        other = self._alone.get(key)
        if other is not None and {**other, "came": 0} == {**half, "came": 0}:
            return []
        if other is not None and other["kind"] != half["kind"]:
            del self._alone[key]
            return [Pair(half, other) if half["kind"] == "request" else Pair(other, half)]
        self._alone[key] = half
        return [] if other is None else [_single(other)]

    def expired(self, before: float) -> list[Pair]:
        """Forget halves that came before a time and whose others have not come since, and return them."""
        late = [key for key, half in self._alone.items() if half["came"] < before]
        return [_single(self._alone.pop(key)) for key in late]

    def alone(self) -> list[Half]:
        """Return the halves that wait for theirs."""
        return list(self._alone.values())


def _single(half: Half) -> Pair:
    return Pair(half, None) if half["kind"] == "request" else Pair(None, half)
