"""Which lines of the spec, or of its lock, differ; and which of them caused a change of what is rendered."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from mlops_spec.address import parse, text
from mlops_spec.changes.data import MISSING, Change, Side, compare
from mlops_spec.diagnostic import Place
from mlops_spec.language.defaults import LAYER
from mlops_spec.source.tree import Map, Mark, mark

_LEAST_TOLD = 4
"""How long a text must be for another that holds it to be taken for made of it."""


class Cause(NamedTuple):
    """One difference of a spec, or of its lock: what stands there before and after, and where.

    ``address`` names it where it stands; ``subjects`` are what of the spec it sets: itself and all that name it by a
    placeholder, or for a line of the lock the model or image that it pins. ``place`` is in the text ``after``, or
    where it is no more in the text ``before``; None is a default.
    """

    address: str
    subjects: tuple[str, ...]
    before: Any
    after: Any
    place: Place | None

    @property
    def gone(self) -> bool:
        """Tell whether it stands in the text before alone."""
        return self.after is MISSING


class Texts(NamedTuple):
    """What one environment is made of: its resolved data, and the lock."""

    resolved: Map
    lock: Map


def causes(before: Texts, after: Texts, environment: str) -> list[Cause]:
    """Return how the texts of an environment differ, one cause for each place where they do."""
    told = [*_of_spec(before.resolved, after.resolved), *_of_lock(before.lock, after.lock, environment)]
    found: dict[object, Cause] = {cause.place or cause.address: cause for cause, borrowed in told if not borrowed}
    for cause in (cause for cause, borrowed in told if borrowed):
        # What a placeholder names was changed itself, or is made of what was: an image by its digest in the lock.
        where: object = cause.place or cause.address
        makers = (key for key, each in found.items() if _made_of(cause, each))
        where = where if where in found else next(makers, where)
        known = found.setdefault(where, cause)
        found[where] = known._replace(subjects=(*known.subjects, *cause.subjects))
    return [*found.values()]


def _made_of(cause: Cause, maker: Cause) -> bool:
    return _told(cause.after, maker.after) and _told(cause.before, maker.before)


def _of_spec(before: Map, after: Map) -> Iterator[tuple[Cause, bool]]:
    """Yield how resolved data differ, and whether a value is another's that a placeholder names."""
    for change in compare(Side(before), Side(after)):
        where = _mark(change, before, after)
        yield _cause(change, text(change.path), where), where is not None and where.origin is not None


def _of_lock(before: Map, after: Map, environment: str) -> Iterator[tuple[Cause, bool]]:
    """Yield how the lock differs in what one environment reads of it."""
    for change in compare(Side(before), Side(after)):
        section, *rest = change.path
        if section != "environments" or rest[:1] == [environment]:
            subject = text(change.path[:2] if section != "environments" else rest[1:3])
            yield _cause(change, subject, _mark(change, before, after)), False


def _mark(change: Change, before: Map, after: Map) -> Mark | None:
    return mark(before if change.after.value is MISSING else after, change.path)


def _cause(change: Change, subject: str, where: Mark | None) -> Cause:
    return Cause(text(change.path), (subject,), change.before.value, change.after.value, place_of(where))


def place_of(where: Mark | None) -> Place | None:
    """Return where a person wrote what is marked; None for a default."""
    return None if where is None or where.layer == LAYER else (where.origin or where).key


def likeliest(change: Change, traced: Iterable[str], causes: Sequence[Cause]) -> tuple[Cause, ...]:
    """Return which of ``causes`` made a change; ``traced`` are the addresses whose values stand on its lines.

    What both tell the same of, or nothing, are all returned: none is guessed.
    """
    addresses = [parse(address) for address in traced]
    scored = [(_score(change, addresses, cause), cause) for cause in causes]
    best = max((score for score, _ in scored), default=0)
    return tuple(cause for score, cause in scored if score == best)


def _score(change: Change, addresses: Sequence[tuple[str, ...]], cause: Cause) -> tuple[int, int]:
    """Weigh what speaks for a cause: that its value is what was printed, and that its address is what printed it."""
    subjects = [parse(subject) for subject in cause.subjects]
    near = max((_nearness(address, subject) for address in addresses for subject in subjects), default=0)
    told = _told(change.after.value, cause.after) + _told(change.before.value, cause.before)
    return (2 if told else 0) + min(near, 2), near


def _nearness(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    """Say how many names two addresses share: 0 unless they are of one resource, more where one holds the other."""
    shared = next((i for i, (a, b) in enumerate(zip(one, other)) if a != b), min(len(one), len(other)))
    if shared == min(len(one), len(other)):
        return 1 + shared
    return 1 if shared >= 2 else 0


def _told(printed: Any, said: Any) -> bool:
    if printed is MISSING or said is MISSING or isinstance(said, bool):
        return False
    whole = printed if isinstance(printed, str) else json.dumps(printed)
    part = said if isinstance(said, str) else json.dumps(said)
    return whole == part or (len(part) >= _LEAST_TOLD and part in whole)
