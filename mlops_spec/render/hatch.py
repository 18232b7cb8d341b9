"""The escape hatches: objects that the spec brings itself, and patches over rendered ones."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cache
from typing import NamedTuple

from mlops_spec import assets
from mlops_spec.address import meant, parse
from mlops_spec.blueprint.types import Blueprint
from mlops_spec.diagnostic import Diagnostic, Place, error, warning
from mlops_spec.diagnostic_codes import THE_REST
from mlops_spec.source.files import Files
from mlops_spec.source.tree import Map, find, mark
from mlops_spec.source.yaml import read

FOLDER = "manifests"
_NAMES = ("apiVersion", "kind")
_KIND = re.compile(r"""^kind:\s+["']?(\w+)""", re.MULTILINE)


class Opened(NamedTuple):
    """The tree, the paths that ``manifests`` brought to it, and which patches changed which path."""

    texts: dict[str, str]
    brought: dict[str, int]
    patched: dict[str, tuple[int, ...]]
    problems: list[Diagnostic]


def open_hatches(texts: Mapping[str, str], data: Map, blueprint: Blueprint, files: Files, waiting: bool) -> Opened:
    """Add ``manifests`` and apply ``patches`` of the resolved ``data``.

    A patch on a kind that this product does not render waits where ``waiting`` says that something is withheld because
    its backend is not built.
    """
    opened = Opened(dict(texts), {}, {}, [])
    for index, entry in enumerate(data.get("manifests") or ()):
        _bring(opened, index, entry, data, blueprint, files)
    withheld = {parse(item.address)[1] for item in blueprint.withheld}

    def waits(kind: str, name: str) -> bool:
        return (waiting and kind not in _rendered()) or _of(name, withheld)

    for index, entry in enumerate(data.get("patches") or ()):
        _patch(opened, index, entry, data, waits)
    return opened


def _of(name: str, resources: Collection[str]) -> bool:
    """Tell whether an object is one of those that are made for a resource: ``churn``, ``churn-shadow``."""
    return any(name == resource or name.startswith(f"{resource}-") for resource in resources)


def _bring(opened: Opened, index: int, entry: Map, data: Map, blueprint: Blueprint, files: Files) -> None:
    from mlops_spec.render.patch import edited  # as below: few specs have hatches

    place = _place(data, "manifests", index, "path")
    raw, problems = files.read(entry["path"], place)
    source, found = read(raw, entry["path"]) if raw is not None else (None, [])
    opened.problems.extend((*problems, *found))
    if source is None:
        return
    missing = [key for key in _NAMES if not isinstance(source.data.get(key), str)]
    name = find(source.data, ("metadata", "name"))
    if missing or not isinstance(name, str):
        lacks = missing[0] if missing else "metadata.name"
        message = f"a manifest needs {lacks}"
        opened.problems.append(
            error("MS136", message, Place(entry["path"], 1, 1), f"manifests.{index}", f"add {lacks}")
        )
        return
    own = find(source.data, ("metadata", "namespace"))
    namespace = str(blueprint.environment.namespace)
    if own not in (None, namespace):
        where = mark(source.data, ("metadata", "namespace"))
        message = f"a manifest goes into its environment's own namespace {namespace}, not into {own}"
        hint = "take the namespace out"
        opened.problems.append(error("MS136", message, where.value if where else None, f"manifests.{index}", hint))
        return
    path = f"{FOLDER}/{source.data['kind'].lower()}-{name}.yaml"
    if path in opened.texts:
        message = f"two manifests bring {source.data['kind']} {name}"
        opened.problems.append(error("MS136", message, place, f"manifests.{index}", "take one of them out"))
        return
    opened.brought[path] = index
    opened.texts[path] = edited(source.text, lambda document: document["metadata"].update(namespace=namespace))


def _patch(opened: Opened, index: int, entry: Map, data: Map, waits: Callable[[str, str], bool]) -> None:
    kind, name = entry["target"]["kind"], entry["target"]["name"]
    wanted = f"{kind.lower()}-{name}.yaml"
    paths = [path for path in opened.texts if path.rpartition("/")[2] == wanted]
    if not paths:
        opened.problems.append(_nothing(opened, kind, name, data, index, waits(kind.lower(), name)))
        return
    from mlops_spec.render.patch import patched

    path = paths[0]
    misfit, text = patched(opened.texts[path], entry["patch"])
    if misfit is not None:
        at = _place(data, "patches", index, "patch", misfit.number, misfit.key)
        opened.problems.append(error("MS138", f"{kind} {name} {misfit.why}", at, f"patches.{index}", misfit.hint))
        return
    opened.texts[path] = text
    opened.patched[path] = (*opened.patched.get(path, ()), index)


def _nothing(opened: Opened, kind: str, name: str, data: Map, index: int, waits: bool) -> Diagnostic:
    address, place = f"patches.{index}", _place(data, "patches", index, "target", "name")
    if waits:
        message = f"this patch waits until {kind} {name} is rendered"
        return warning("MS137", message, place, address, THE_REST)
    hint = meant(f"{kind} {name}", (f"{kind} {name}" for _, kind, name in named(opened.texts)), "object")
    return error("MS137", f"the patch matches nothing: there is no {kind} {name}", place, address, hint)


def named(texts: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Yield the path of each rendered object with what people call it: its kind as it is written, and its name."""
    for path, text in texts.items():
        kind = _KIND.search(text)
        name = path.rpartition("/")[2].removesuffix(".yaml")
        if kind is not None:
            yield path, kind[1], name.removeprefix(f"{kind[1].lower()}-")


def _place(data: Map, *path: str | int) -> Place | None:
    where = mark(data, path)
    return where.value if where else None


@cache
def _rendered() -> frozenset[str]:
    """Return the kinds, in small letters, that this product renders: a template is named after its kind."""
    return frozenset(path.name.partition(".")[0] for path in assets.TEMPLATES.rglob("*.yaml.j2"))
