"""What a change of a spec does, for people, for other programs, and for the comment on a pull request."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

from mlops_spec.address import Path, parse
from mlops_spec.blueprint.effects import Effect
from mlops_spec.changes.causes import Cause
from mlops_spec.changes.data import MISSING
from mlops_spec.changes.tree import Object
from mlops_spec.model.lock import LockedVersion

_VERSION = "version"
_ALONG = frozenset(LockedVersion.__annotations__) - {_VERSION}


class Compared(NamedTuple):
    """Two revisions of a spec and the objects that differ; ``after`` "" are the files on disk.

    The places of causes are as they are to be shown. ``environments`` are all that either side has. ``live`` is the
    address of the cluster that stands for what was before, where it is one; of the ``refused`` objects, each by its
    environment and path, it would not say what an apply does. ``project`` is the spec's.
    """

    before: str
    after: str
    environments: tuple[str, ...]
    protected: tuple[str, ...]
    objects: tuple[Object, ...]
    live: str = ""
    refused: tuple[str, ...] = ()
    project: str | None = None


class Group(NamedTuple):
    """The same change of the same file in several environments."""

    environments: tuple[str, ...]
    object: Object


def render(form: str, compared: Compared) -> str:
    """Print for people, as ``text`` or as ``markdown``; no line end at the end."""
    if form == "markdown":
        from mlops_spec.report.changes import markdown

        return markdown.render(compared)
    from mlops_spec.report.changes import text

    return text.render(compared)


def groups(compared: Compared) -> list[Group]:
    """Return what differs, what weighs most first; what does nothing is left to ``quiet``."""
    found: dict[object, list[Object]] = {}
    for each in compared.objects:
        if each.effect is not Effect.NOTHING:
            found.setdefault(_same(each), []).append(each)
    grouped = [Group(tuple(each.environment for each in same), same[0]) for same in found.values()]
    return sorted(grouped, key=lambda group: -group.object.effect)


def quiet(compared: Compared) -> int:
    """Count the files that differ where nothing that runs takes notice."""
    return sum(each.effect is Effect.NOTHING for each in compared.objects)


def causes(compared: Compared) -> list[Cause]:
    """Return every line of the spec that made something differ, once, in the order of their places.

    Of a version of a model that moved in the lock the number is enough: its run, URI and digest go with it.
    """
    found = {(c.address, c.place): c for each in compared.objects for c in each.causes}
    moved = {each[:-1] for cause in found.values() if (each := parse(cause.address))[-1:] == (_VERSION,)}
    told = [cause for cause in found.values() if not _goes_along(parse(cause.address), moved)]
    return sorted(told, key=lambda c: (c.place is None, c.place or ("", 0, 0), c.address))


def _goes_along(address: Path, moved: Collection[Path]) -> bool:
    below = {address[len(each)] for each in moved if address[: len(each)] == each and len(address) > len(each)}
    return address[:1] == ("environments",) and address[2:3] == ("models",) and not below.isdisjoint(_ALONG)


def counts(compared: Compared, environment: str) -> dict[Effect, int]:
    """Count an environment's objects by what happens to them, what weighs most first."""
    effects = [each.effect for each in compared.objects if each.environment == environment]
    return {effect: effects.count(effect) for effect in sorted(set(effects), reverse=True)}


def as_data(compared: Compared) -> dict[str, Any]:
    """Return it as data: an object a file, with the places of what caused each change."""
    return {
        "before": compared.live or compared.before,
        "after": compared.after or None,
        "objects": [_object(each) for each in compared.objects],
        **({"refused": [*compared.refused]} if compared.live else {}),
    }


def unknown(compared: Compared) -> str:
    """Say of how many objects it is not known what an apply does, "" where of all it is."""
    count = len(compared.refused)
    of = "1 object" if count == 1 else f"{count} objects"
    return f"what becomes of {of} is not known: the cluster refuses {'it' if count == 1 else 'them'}" if count else ""


def _object(each: Object) -> dict[str, Any]:
    return {
        "environment": each.environment,
        "path": each.path,
        "kind": each.kind,
        "verb": each.verb,
        "effect": each.effect.name.lower(),
        "fields": [
            {
                "path": list(field.change.path),
                "effect": field.effect.name.lower(),
                **_sides(field.change.before.value, field.change.after.value),
                "causes": [cause.address for cause in field.causes],
            }
            for field in each.fields
        ],
        "causes": [
            {
                "address": cause.address,
                **_sides(cause.before, cause.after),
                "place": cause.place._asdict() if cause.place else None,
            }
            for cause in each.causes
        ],
    }


def _sides(before: Any, after: Any) -> dict[str, Any]:
    """Return both sides as far as they are there: None is a value."""
    return {name: value for name, value in (("before", before), ("after", after)) if value is not MISSING}


def _same(each: Object) -> object:
    """Return what tells whether two environments' objects differ alike, wherever that stands in their files."""
    fields = [
        (field.change.path, field.effect, repr((field.change.before.value, field.change.after.value)))
        for field in each.fields
    ]
    return each.path, each.verb, each.effect, tuple(fields), tuple((c.address, c.place) for c in each.causes)


def environments_of(compared: Compared) -> Iterator[str]:
    """Yield the environments in which anything differs, and ``project``, in the order of the spec."""
    differ = {each.environment for each in compared.objects}
    known = [name for name in compared.environments if name in differ]
    yield from known
    yield from sorted(differ - {*known})
