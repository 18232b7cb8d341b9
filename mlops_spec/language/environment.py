"""Phase 2: the layers of one environment merged, and what is not for it left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from mlops_spec.address import Path, meant, text
from mlops_spec.diagnostic import Diagnostic, Related, error, warning
from mlops_spec.language.layers import RESOURCES, SECTIONS, Layer
from mlops_spec.language.overlay import Absent, merged, overlay, relabel, without
from mlops_spec.source.tree import Map, Mark, Seq, find

DEFAULT = "default"
LOCAL = "local"
MOST_ENVIRONMENTS = 100
OVERRIDABLE = tuple(s for s in RESOURCES if s not in ("project", "environments", "variables", "templates", "moved"))


class Resolved(NamedTuple):
    """One environment's tree. ``left_out`` has the mark of everything that ``only`` or ``except`` took out."""

    name: str
    tree: Map
    left_out: dict[str, Mark]


def names(layers: Sequence[Layer]) -> tuple[tuple[str, ...], list[Diagnostic]]:
    """Return the environments to compile (never ``local``); ``default`` is implied where there is none."""
    tree = merged((_plain(layer) for layer in layers), [])
    declared = tree.get("environments")
    if declared is None:
        return (DEFAULT,), []
    if not isinstance(declared, Map):
        place = tree.marks["environments"].value
        return (), [error("MS060", "environments must be a map of names", place, "environments", "write `dev: {}`")]
    problems = []
    for name, value in declared.items():
        mark = declared.marks[name]
        if name == "project":
            hint = "the folder `project` holds what belongs to no environment; choose another name"
            problems.append(error("MS061", "no environment is named project", mark.key, f"environments.{name}", hint))
        if not isinstance(value, Map):
            message = f"environments.{name} must be a map"
            problems.append(error("MS060", message, mark.value, f"environments.{name}", f"write `{name}: {{}}`"))
    if len(declared) > MOST_ENVIRONMENTS:
        place = tree.marks["environments"].key
        message = f"{len(declared)} environments are more than {MOST_ENVIRONMENTS}"
        problems.append(error("MS062", message, place, "environments", "split the spec"))
    return tuple(name for name in declared if name != LOCAL) or (DEFAULT,), problems


def resolve(layers: Sequence[Layer], name: str) -> tuple[Resolved, list[Diagnostic]]:
    """Merge all documents without their overrides, then all the overrides for ``name``, then select.

    Merging whole documents would eat the nulls that overrides hold.
    """
    problems: list[Diagnostic] = []
    absent: list[Absent] = []
    tree = merged((_plain(layer) for layer in layers), absent)
    for layer in layers:
        overrides, found = _overrides(layer, name)
        problems += found
        if overrides is not None:
            problems += _overriding_nothing(tree, overrides, name)
            tree = overlay(tree, overrides, absent)
    problems += [
        warning(
            "MS064",
            f"`{text(a.path)}` is deleted, but nothing below sets it",
            a.mark.key,
            text(a.path),
            "take the line out",
        )
        for a in absent
    ]
    environments = {DEFAULT, LOCAL, *(tree.get("environments") or ())}
    left_out: dict[str, Mark] = {}
    selected, found = _select(tree, name, environments, (), left_out)
    assert isinstance(selected, Map)
    return Resolved(name, selected, left_out), problems + found


def reference(layers: Sequence[Layer], name: str) -> Map:
    """Merge ``layers`` for ``name`` without selection: what they alone would give."""
    tree = merged((_plain(layer) for layer in layers), [])
    for layer in layers:
        overrides, _ = _overrides(layer, name)
        if overrides is not None:
            tree = overlay(tree, overrides, [])
    return tree


def _plain(layer: Layer) -> Map:
    return without(layer.data, ("environments", "*", "overrides"))


def _overrides(layer: Layer, name: str) -> tuple[Map | None, list[Diagnostic]]:
    entry = find(layer.data, ("environments", name))
    if not isinstance(entry, Map) or entry.get("overrides") is None:
        return None, []
    overrides, mark = entry["overrides"], entry.marks["overrides"]
    address = f"environments.{name}.overrides"
    if not isinstance(overrides, Map):
        return None, [error("MS060", "overrides must be a map of sections", mark.value, address, "write `models: {…}`")]
    problems = []
    for key in overrides:
        if key not in OVERRIDABLE:
            place = overrides.marks[key].key
            if key in SECTIONS:
                hint = (
                    f"set variables under environments.{name}.variables"
                    if key == "variables"
                    else "move it out of overrides"
                )
                problems.append(error("MS063", f"`{key}` cannot be overridden", place, f"{address}.{key}", hint))
            else:
                problems.append(
                    error(
                        "MS063",
                        f"unknown section `{key}` in overrides",
                        place,
                        f"{address}.{key}",
                        meant(key, OVERRIDABLE),
                    )
                )
    if problems:
        return None, problems
    labelled = relabel(overrides, f"{layer.file} (overrides of {name})")
    assert isinstance(labelled, Map)
    return labelled, []


def _overriding_nothing(tree: Map, overrides: Map, name: str) -> Iterator[Diagnostic]:
    for section, entries in overrides.items():
        below = tree.get(section)
        if section in ("platform", "project") or not isinstance(entries, Map):
            continue
        for key, value in entries.items():
            if value is not None and (not isinstance(below, Map) or key not in below):
                address = f"{section}.{key}"
                hint = f"{meant(key, below or (), section)}; to add it to {name} alone, give it `only: [{name}]`"
                message = f"overrides of {name} change `{address}`, which does not exist"
                yield warning("MS065", message, entries.marks[key].key, address, hint)


def _select(
    value: Any, name: str, environments: set[str], path: Path, left_out: dict[str, Mark]
) -> tuple[Any, list[Diagnostic]]:
    """Copy ``value`` less every entry whose ``only`` or ``except`` says that it is not for ``name``."""
    problems: list[Diagnostic] = []
    if isinstance(value, Map):
        kept = Map()
        for key, entry in value.items():
            if path == () and key in ("environments", "variables", "project", "platform"):
                kept[key], kept.marks[key] = entry, value.marks[key]
                continue
            wanted, found = _selects(entry, name, environments, (*path, key))
            problems += found
            if not wanted:
                left_out[text((*path, key))] = value.marks[key]
                continue
            chosen, found = _select(entry, name, environments, (*path, key), left_out)
            problems += found
            kept[key], kept.marks[key] = chosen, value.marks[key]
        return kept, problems
    if isinstance(value, Seq) and path in (("manifests",), ("patches",)):
        items, marks = [], []
        for index, entry in enumerate(value):
            wanted, found = _selects(entry, name, environments, (*path, index))
            problems += found
            if wanted:
                items.append(entry)
                marks.append(value.marks[index])
            else:
                left_out[text((*path, index))] = value.marks[index]
        return Seq(items, marks), problems
    return value, problems


def _selects(entry: Any, name: str, environments: set[str], path: Path) -> tuple[bool, list[Diagnostic]]:
    if not isinstance(entry, Map) or len(path) < 2:
        return True, []
    problems: list[Diagnostic] = []
    wanted = True
    for key in ("only", "except"):
        listed = entry.get(key)
        if not isinstance(listed, Seq):
            continue
        for item, mark in zip(listed, listed.marks):
            if item not in environments:
                hint = meant(str(item), environments)
                problems.append(error("MS066", f"no environment is named {item}", mark.value, text((*path, key)), hint))
        wanted = wanted and ((name in listed) == (key == "only"))
    if "only" in entry and "except" in entry:
        first = Related("only", entry.marks["only"].key)
        hint = "keep one of them"
        message = f"`{text(path)}` has both only and except"
        problems.append(error("MS067", message, entry.marks["except"].key, text(path), hint, first))
    return wanted, problems
