"""An object as it is live, beside what an apply makes of it: what differs, what that does, and which line says so."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from mlops_spec.address import parse
from mlops_spec.blueprint.effects import Effect
from mlops_spec.changes.causes import Cause, likeliest, place_of
from mlops_spec.changes.data import MISSING, Change, Side, compare, step_into
from mlops_spec.changes.effects import effect_of
from mlops_spec.changes.tree import Field, Object, distinct, whole
from mlops_spec.diagnostic import Place
from mlops_spec.render.trace import Line
from mlops_spec.source.tree import Map, Mark, Seq, find, mark

HIDDEN = "(not shown)"
"""What stands for what a Secret holds."""

_SERVERS = ("managedFields", "resourceVersion", "uid", "generation", "creationTimestamp", "selfLink")
"""What the server alone writes into an object's metadata."""

_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
"""Where an old kubectl keeps a copy of all that it applied, Secrets too."""


class Printed(NamedTuple):
    """A rendered object: where it lies, what of the spec it is for, which template printed it, and its data with marks.

    ``trace`` says what made each of its lines; ``resolved`` are the data of its environment.
    """

    environment: str
    path: str
    address: str
    template: str | None
    data: Map
    trace: Callable[[], Sequence[Line]]
    resolved: Map

    def addresses(self, path: Sequence[str | int]) -> tuple[str, ...]:
        """Return what of the spec is printed on the line where a value of the object stands, or what it is within."""
        lines, line = self.trace(), self.place(path).line
        return lines[line - 1].addresses if 0 < line <= len(lines) else ()

    def patched_within(self, value: Any) -> tuple[str, ...]:
        """Return which patches of the spec have written anything of a value that holds others."""
        lines = self.trace()
        wrote = (lines[number - 1] for number in sorted(_lines(value)) if number <= len(lines))
        return next((line.addresses for line in wrote if not line.template), ())

    def place(self, path: Sequence[str | int]) -> Place:
        """Return where a value of the object stands in the tree, or where it has none of what it is within."""
        found: Mark | None = None
        data: Any = self.data
        for step in path:
            key = step_into(data, step)
            if key is None:
                break
            found, data = mark(data, (key,)) or found, data[key]
        file = f"{self.environment}/{self.path}"
        return found.value._replace(file=file) if found is not None else Place(file, 1, 1)


def _lines(value: Any) -> Iterator[int]:
    """Yield the lines on which what a value holds stands."""
    items = value.items() if isinstance(value, Map) else enumerate(value) if isinstance(value, Seq) else ()
    for key, item in items:
        where = mark(value, (key,))
        if where is not None:
            yield where.value.line
        yield from _lines(item)


def differ(printed: Printed, live: Mapping[str, Any], would: Mapping[str, Any]) -> Object | None:
    """Return how an object would change, None where it would not."""
    one, other = shown(live, would)
    return _updated(printed, [*compare(Side(one), Side(other))])


def differ_as_rendered(printed: Printed, live: Mapping[str, Any], least: Effect) -> Object | None:
    """Return how an object differs of which no apply can be tried, in what is rendered alone; it does ``least``."""
    one, other = shown(live, printed.data)
    found = _updated(printed, [*compare(Side(_as_far(one, other)), Side(other))])
    return found and found._replace(effect=max(least, found.effect))


def created(printed: Printed) -> Object:
    """Return that an object would come to be."""
    kind, change = str(printed.data["kind"]), Change((), Side(MISSING), Side(printed.data))
    effect = whole(kind, printed.template, created=True)
    made = _causes(printed, [printed.address], change)
    return Object(printed.environment, printed.path, kind, "create", effect, (), made)


def said_by(printed: Printed, path: Sequence[str | int]) -> Cause:
    """Return the line of the spec that says what stands at a path of a rendered object."""
    value = find(printed.data, path)
    change = Change((), Side(MISSING), Side(value))
    said = printed.patched_within(value) or printed.addresses(path)
    found = _causes(printed, said, change) or _causes(printed, [printed.address], change)
    return max(found, key=lambda cause: (cause.place is not None, len(parse(cause.address))))


def deleted(environment: str, path: str, kind: str) -> Object:
    """Return that an object which is no longer rendered goes."""
    return Object(environment, path, kind, "delete", whole(kind, None, created=False), (), ())


def shown(live: Mapping[str, Any], would: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return both as they may be compared and shown: without what the server alone writes, and what is secret."""
    one, other = _ours(live), _ours(would)
    if live.get("kind") == "Secret":
        for field in ("data", "stringData"):
            values = one.get(field) or {}, other.get(field) or {}
            for side, held in zip((one, other), values):
                if held:
                    side[field] = {key: _hidden(key, value, *values) for key, value in held.items()}
    return one, other


def _hidden(key: str, value: object, before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """Return what stands for a secret value: the same on both sides where it is the same."""
    if key in before and key in after and before[key] != after[key]:
        return f"{HIDDEN}, as it {'is live' if value == before[key] else 'would be'}"
    return HIDDEN


def _ours(data: Mapping[str, Any]) -> dict[str, Any]:
    metadata = {key: value for key, value in data["metadata"].items() if key not in _SERVERS}
    annotations = metadata.get("annotations")
    if annotations:
        metadata["annotations"] = {key: value for key, value in annotations.items() if key != _LAST_APPLIED}
    return {**{key: value for key, value in data.items() if key != "status"}, "metadata": metadata}


def _as_far(live: Any, wanted: Any) -> Any:
    """Return of live data what is rendered too: the rest is what the server has filled in."""
    if isinstance(live, dict) and isinstance(wanted, dict):
        return {key: _as_far(value, wanted[key]) for key, value in live.items() if key in wanted}
    if isinstance(live, list) and isinstance(wanted, list) and len(live) == len(wanted):
        return [_as_far(one, other) for one, other in zip(live, wanted)]
    return live


def _updated(printed: Printed, changes: Sequence[Change]) -> Object | None:
    if not changes:
        return None
    kind = str(printed.data["kind"])
    fields = []
    for change in changes:
        found = _causes(printed, printed.addresses(change.path), change)
        subjects = (subject for cause in found for subject in cause.subjects)
        fields.append(Field(change, effect_of(printed.template, kind, change.path, subjects), found))
    effect = max(field.effect for field in fields)
    return Object(printed.environment, printed.path, kind, "update", effect, tuple(fields), distinct(fields))


def _causes(printed: Printed, addresses: Sequence[str], change: Change) -> tuple[Cause, ...]:
    """Return the lines of the spec that say what is rendered; the spec itself has no other side here."""
    said = [
        Cause(
            each, (each,), MISSING, find(printed.resolved, parse(each)), place_of(mark(printed.resolved, parse(each)))
        )
        for each in addresses
    ]
    return tuple(cause._replace(after=MISSING) for cause in likeliest(change, addresses, said))
