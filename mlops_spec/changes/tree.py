"""Two renderings of a spec, object by object: what differs, what that does, and which line of the spec made it so."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from mlops_spec.blueprint.effects import Effect
from mlops_spec.changes.causes import Cause, Texts, causes, likeliest
from mlops_spec.changes.data import MISSING, Change, Side, compare
from mlops_spec.changes.effects import effect_of, is_about_others
from mlops_spec.render.trace import Line
from mlops_spec.source.tree import Map
from mlops_spec.source.yaml import read

_OBJECTS = (".yaml", ".yml", ".json")


class Rendered(NamedTuple):
    """A spec and what it renders to, all environments together; each path begins with its environment, or ``project``.

    ``template`` tells which template printed a path, None for what another tool wrote; ``lines`` what made its lines.
    """

    texts: Mapping[str, str]
    template: Callable[[str], str | None]
    lines: Callable[[str], Sequence[Line]]
    resolved: Mapping[str, Map]
    lock: Map


class Field(NamedTuple):
    """One value of an object that differs, what that does, and what of the spec has caused it."""

    change: Change
    effect: Effect
    causes: tuple[Cause, ...]


class Object(NamedTuple):
    """A file of the tree that differs. ``verb`` is ``create``, ``update`` or ``delete``; ``kind`` None is no object.

    Only an update has ``fields``.
    """

    environment: str
    path: str
    kind: str | None
    verb: str
    effect: Effect
    fields: tuple[Field, ...]
    causes: tuple[Cause, ...]


def differences(before: Rendered, after: Rendered) -> list[Object]:
    """Return every file that differs, in the order of environments, then of paths; those of the same data do not."""
    order = {name: number for number, name in enumerate((*after.resolved, *before.resolved))}
    paths = sorted(before.texts.keys() | after.texts.keys(), key=lambda path: (_rank(order, path), path))
    changed = [path for path in paths if before.texts.get(path) != after.texts.get(path)]
    made = {name: _causes(before, after, name) for name in dict.fromkeys(path.partition("/")[0] for path in changed)}
    found = (_object(before, after, path, made[path.partition("/")[0]]) for path in changed)
    return [each for each in found if each is not None]


def _rank(order: Mapping[str, int], path: str) -> int:
    return order.get(path.partition("/")[0], len(order))


def _causes(before: Rendered, after: Rendered, environment: str) -> list[Cause]:
    """Return what differs of the spec for an environment; for what belongs to the project, in any of them."""
    known = [*dict.fromkeys((*after.resolved, *before.resolved))]
    found: dict[object, Cause] = {}
    for name in [environment] if environment in known else known:
        one, other = (Texts(_resolved(side, name), side.lock) for side in (before, after))
        made = causes(one, other, name)
        if name not in before.resolved or name not in after.resolved:  # it comes or goes, by the line that has it
            itself = [cause for cause in made if cause.address == f"environments.{name}"]
            made = itself or made
        found |= {(cause.address, cause.place): cause for cause in made}
    return [*found.values()]


def _resolved(side: Rendered, environment: str) -> Map:
    """Return the data of an environment, or of another one where the spec lacks it; none where it has none."""
    return side.resolved.get(environment) or next(iter(side.resolved.values()), Map())


def _object(before: Rendered, after: Rendered, path: str, made: Sequence[Cause]) -> Object | None:
    environment, _, below = path.partition("/")
    one, other = before.texts.get(path), after.texts.get(path)
    side = before if other is None else after
    template = side.template(path)
    data = [None if text is None else _read(text, path) for text in (one, other)]
    kind = _kind(data[1] if other is not None else data[0])
    if one is None or other is None:
        traced = {address for line in side.lines(path) for address in line.addresses}
        change = Change((), Side(MISSING if one is None else one), Side(MISSING if other is None else other))
        effect = whole(kind, template, created=one is None)
        verb = "create" if one is None else "delete"
        return Object(environment, below, kind, verb, effect, (), likeliest(change, traced, made))
    if data[0] is None or data[1] is None:
        changes = [Change((), Side(one), Side(other))]
    else:
        changes = [*compare(Side(data[0]), Side(data[1]))]
    if not changes:
        return None
    traces = before.lines(path), after.lines(path)
    fields = tuple(_field(change, template, kind, traces, made) for change in changes)
    effect = max(field.effect for field in fields)
    return Object(environment, below, kind, "update", effect, fields, distinct(fields))


def whole(kind: str | None, template: str | None, *, created: bool) -> Effect:
    """Say what it does that a file comes to be, or goes: a Job that comes runs, and pages for people do nothing."""
    if is_about_others(template, kind):
        return Effect.NOTHING
    runs = created and effect_of(template, kind, ("spec",)) is Effect.RUNS
    return Effect.RUNS if runs else Effect.CREATES if created else Effect.DELETES


def _field(
    change: Change,
    template: str | None,
    kind: str | None,
    traces: tuple[Sequence[Line], Sequence[Line]],
    made: Sequence[Cause],
) -> Field:
    found = likeliest(change, [*_traced(change, traces)], made)
    return Field(
        change,
        effect_of(template, kind, change.path, (subject for cause in found for subject in cause.subjects)),
        found,
    )


def _traced(change: Change, traces: tuple[Sequence[Line], Sequence[Line]]) -> Iterator[str]:
    """Yield the addresses that the lines of a change print: of a text without fields, the lines that differ."""
    if change.path:
        for side, lines in zip((change.before, change.after), traces):
            if 0 < side.line <= len(lines):
                yield from lines[side.line - 1].addresses
        return
    texts = [{line.text for line in lines} for lines in traces]
    for lines, others in zip(traces, reversed(texts)):
        for line in lines:
            if line.text not in others:
                yield from line.addresses


def distinct(fields: Iterable[Field]) -> tuple[Cause, ...]:
    return tuple({(cause.address, cause.place): cause for field in fields for cause in field.causes}.values())


def _read(text: str, path: str) -> Map | None:
    if not path.endswith(_OBJECTS):
        return None
    source, _ = read(text.encode("utf-8", "surrogatepass"), path)
    return source.data if source else None


def _kind(data: Map | None) -> str | None:
    kind = data.get("kind") if data is not None and "apiVersion" in data else None
    return kind if isinstance(kind, str) else None
