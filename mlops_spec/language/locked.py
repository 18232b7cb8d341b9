"""What a layer has locked: no layer above may change or delete it, themselves or through an ancestor."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from mlops_spec.address import parse, text
from mlops_spec.diagnostic import Diagnostic, Related, error
from mlops_spec.language.environment import LOCAL, reference
from mlops_spec.language.layers import Layer, Locked
from mlops_spec.language.placeholder import references
from mlops_spec.source.tree import Map, Mark, Seq, mark, select

_CHOICES = {
    ("pipelines", "orchestrator"): "orchestrator",
    ("models", "serving", "server"): "serving",
    ("models", "batch", "engine"): "batch",
    ("monitors", "monitoring"): "monitoring",
}
"""Where a resource may choose a system of its own, and of which capability."""


def check(layers: Sequence[Layer], final: Map, environment: str) -> list[Diagnostic]:
    """Compare what each locking layer alone would give with what all layers give. ``local`` is bound by no lock."""
    if environment == LOCAL:
        return []
    problems: list[Diagnostic] = []
    for index, layer in enumerate(layers[:-1]):
        if layer.locked:
            base = reference(layers, index + 1, environment)
            for locked in layer.locked:
                problems += _compare(locked, base, final, environment)
    return problems


def _compare(locked: Locked, base: Map, final: Map, environment: str) -> Iterator[Diagnostic]:
    pattern = parse(locked.pattern)
    before = _values(base, pattern)
    after = _values(final, pattern)
    yield from _through_placeholders(locked, before, base, final, environment)
    for path, value in before.items():
        if path not in after:
            yield _refused(locked, path, mark(final, path) or mark(base, path), base, "deleted")
        elif after[path] != value:
            yield _refused(locked, path, mark(final, path), base, "changed")
    allowed = list(before.values())
    for path, value in after.items():
        if path not in before and value not in allowed:
            yield _own_value(locked, path, mark(final, path), allowed)
    yield from _missing_under_wildcard(locked, pattern, before, after, final)
    yield from _own_choices(locked, pattern, before, final)


def _values(tree: Map, pattern: tuple[str, ...]) -> dict[tuple[str, ...], Any]:
    return {path: value for path, value, _ in select(tree, pattern)}


def _refused(locked: Locked, path: tuple[str, ...], where: Mark | None, base: Map, done: str) -> Diagnostic:
    place = where.value if where else None
    related = [Related(f"{locked.mark.layer} locks {locked.pattern} here", locked.mark.value)]
    set_here = mark(base, path)
    if set_here:
        related.append(Related("and sets it here", set_here.value))
    hint = f"take this line out, or ask the owners of {locked.mark.layer}"
    return error("MS070", f"`{text(path)}` is locked and cannot be {done}", place, text(path), hint, *related)


def _own_value(locked: Locked, path: tuple[str, ...], where: Mark | None, allowed: list[Any]) -> Diagnostic:
    shown = ", ".join(dict.fromkeys(str(v) for v in allowed if not isinstance(v, Map | Seq)))
    hint = f"use one of: {shown}" if shown else f"leave {path[-1]} out"
    related = Related(f"{locked.mark.layer} locks {locked.pattern} here", locked.mark.value)
    message = f"`{text(path)}` may only take a value that {locked.mark.layer} sets there"
    return error("MS071", message, where.value if where else None, text(path), hint, related)


def _missing_under_wildcard(
    locked: Locked,
    pattern: tuple[str, ...],
    before: dict[tuple[str, ...], Any],
    after: dict[tuple[str, ...], Any],
    final: Map,
) -> Iterator[Diagnostic]:
    """A new environment that names no namespace would get one of its own by default: the lock forbids that too."""
    if pattern[0] != "environments" or len(pattern) != 3 or not before:
        return
    for path, value, where in select(final, pattern[:2]):
        if isinstance(value, Map) and (*path, pattern[2]) not in after and path[1] != LOCAL:
            shown = ", ".join(dict.fromkeys(map(str, before.values())))
            related = Related(f"{locked.mark.layer} locks {locked.pattern} here", locked.mark.value)
            message = f"`{text(path)}` needs a {pattern[2]} that {locked.mark.layer} sets"
            yield error("MS071", message, where.key if where else None, text(path), f"use one of: {shown}", related)


def _own_choices(
    locked: Locked, pattern: tuple[str, ...], before: dict[tuple[str, ...], Any], final: Map
) -> Iterator[Diagnostic]:
    """Where platform's backend is locked, a resource's own block may not choose another."""
    if len(pattern) != 3 or pattern[0] != "platform" or pattern[2] != "backend":
        return
    chosen = {path[1]: value for path, value in before.items()}
    for (section, *at), capability in _CHOICES.items():
        for path, own, where in select(final, (section, "*", *at, "backend")):
            if capability in chosen and own != chosen[capability]:
                yield _refused(locked, path, where, final, "chosen otherwise")


def _through_placeholders(
    locked: Locked, before: dict[tuple[str, ...], Any], base: Map, final: Map, environment: str
) -> Iterator[Diagnostic]:
    """A locked value that takes another by a placeholder locks that one too; else the lock could be walked around."""
    for value in before.values():
        for name in references(value) if isinstance(value, str) else ():
            for path in _named_by(name, environment):
                old, new = _values(base, path), _values(final, path)
                if old != new:
                    place = mark(final, path)
                    yield _refused(locked, path, place, base, "changed")


def _named_by(name: str, environment: str) -> list[tuple[str, ...]]:
    parts = parse(name)
    if parts[0] == "variables" and len(parts) > 1:
        return [("variables", parts[1], "default"), ("environments", environment, "variables", parts[1])]
    return [parts]
