"""Phase 2: the layers of one environment merged, and what is not for it left out."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from mlops_spec.address import Path, matches, meant, nearest, text
from mlops_spec.diagnostic import Diagnostic, Related, error, warning
from mlops_spec.language.layers import RESOURCES, SECTIONS, Layer
from mlops_spec.language.overlay import Absent, merged, overlay, relabel, without
from mlops_spec.source.tree import Map, Mark, Seq, find

DEFAULT = "default"
LOCAL = "local"
CLUSTER = "https://kubernetes.default.svc"
"""The cluster that the deliverer itself runs in."""
MOST_ENVIRONMENTS = 100
OVERRIDABLE = tuple(s for s in RESOURCES if s not in ("project", "environments", "variables", "templates", "moved"))
_RESOURCES = (
    *(f"{section}.*" for section in OVERRIDABLE if section not in ("platform", "features")),
    "features.*.*",
    "pipelines.*.steps.*",
)
"""The addresses of what overrides may change, and not make."""
_DEEPEST = 4


class Resolved(NamedTuple):
    """One environment's tree. ``left_out`` has the mark of everything that ``only`` or ``except`` took out."""

    name: str
    tree: Map
    left_out: dict[str, Mark]


def implied_namespace(project: str, name: str) -> str:
    """Return the namespace of an environment that names none: for the implied one the project's own name."""
    return project if name == DEFAULT else f"{project}-{name}"


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


class Common(NamedTuple):
    """What the layers say to every environment. ``absent`` are the nulls in them that delete nothing."""

    tree: Map
    absent: tuple[Absent, ...]


def common(layers: Sequence[Layer]) -> Common:
    """Merge all documents without their overrides: merging whole documents would eat the nulls that overrides hold."""
    absent: list[Absent] = []
    tree = merged((_plain(layer) for layer in layers), absent)
    return Common(tree, tuple(absent))


def resolve(layers: Sequence[Layer], name: str, shared: Common | None = None) -> tuple[Resolved, list[Diagnostic]]:
    """Lay the overrides for ``name`` over what is common to all environments (``shared``, once known), then select."""
    tree, known = shared or common(layers)
    problems: list[Diagnostic] = []
    absent = [*known]
    for layer in layers:
        overrides, found = _overrides(layer, name)
        problems += found
        if overrides is not None:
            overrides, found = _of_existing(overrides, tree, (), name)
            problems += found
            tree = overlay(tree, overrides, absent)
    problems += [_deleting_nothing(item, tree) for item in absent]
    left_out: dict[str, Mark] = {}
    selected, found = _select(tree, name, _environments(tree), (), left_out)
    assert isinstance(selected, Map)
    return Resolved(name, selected, left_out), problems + found


def reference(layers: Sequence[Layer], lowest: int, name: str) -> Map:
    """Return what the ``lowest`` of all ``layers`` alone would give for ``name``. What their overrides change may be
    defined in a layer above them."""
    whole = merged((_plain(layer) for layer in layers), [])
    tree = merged((_plain(layer) for layer in layers[:lowest]), [])
    for layer in layers[:lowest]:
        overrides, _ = _overrides(layer, name)
        if overrides is not None:
            tree = overlay(tree, _of_existing(overrides, whole, (), name)[0], [])
    selected, _ = _select(tree, name, _environments(whole), (), {})
    assert isinstance(selected, Map)
    return selected


def _environments(tree: Map) -> set[str]:
    declared = tree.get("environments") or ()
    return {LOCAL, *declared} if set(declared) - {LOCAL} else {LOCAL, DEFAULT}


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


def _of_existing(overrides: Map, below: Any, path: Path, name: str) -> tuple[Map, list[Diagnostic]]:
    """Copy overrides less the resources that ``below`` lacks: half a resource would only bring problems of its own."""
    kept, problems = Map(overrides, dict(overrides.marks)), []
    known = below if isinstance(below, Map) else Map()
    for key, value in overrides.items():
        at = (*path, key)
        if value is not None and key not in known and any(matches(pattern, at) for pattern in _RESOURCES):
            del kept[key], kept.marks[key]
            problems.append(_overriding_nothing(at, known, overrides.marks[key], name))
        elif isinstance(value, Map) and len(at) < _DEEPEST:
            kept[key], found = _of_existing(value, known.get(key), at, name)
            problems += found
    return kept, problems


def _deleting_nothing(absent: Absent, tree: Map) -> Diagnostic:
    beside = find(tree, absent.path[:-1])
    near = nearest(absent.path[-1], beside) if isinstance(beside, Map) else None
    message = f"`{text(absent.path)}` is empty: that deletes what a lower layer sets, and none sets it"
    hint = f"did you mean {near}?" if near else "write a value, or take the line out"
    return warning("MS064", message, absent.mark.key, text(absent.path), hint)


def _overriding_nothing(at: Path, known: Map, where: Mark, name: str) -> Diagnostic:
    near = nearest(str(at[-1]), known)
    elsewhere = f"to add it to {name} alone, define it under `{text(at[:-1])}` with `only: [{name}]`"
    message = f"`{text(at)}` does not exist, so these overrides of {name} change nothing"
    return warning("MS065", message, where.key, text(at), f"did you mean {near}?" if near else elsewhere)


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
            if isinstance(item, str) and item not in environments:
                hint = _meant(item, environments)
                problems.append(error("MS066", f"no environment is named {item}", mark.value, text((*path, key)), hint))
        wanted = wanted and ((name in listed) == (key == "only"))
    if "only" in entry and "except" in entry:
        first = Related("`only` stands here", entry.marks["only"].key)
        hint = "keep one of them"
        message = f"`{text(path)}` has both only and except"
        problems.append(error("MS067", message, entry.marks["except"].key, text(path), hint, first))
    return wanted, problems


def _meant(name: str, environments: Collection[str]) -> str:
    """Say which environment was meant; people write ``production`` for ``prod``, and the reverse."""
    alike = [known for known in environments if known.startswith(name) or name.startswith(known)]
    return f"did you mean {alike[0]}?" if len(alike) == 1 else meant(name, environments, "environment")
