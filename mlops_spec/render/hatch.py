"""The escape hatches: objects that the spec brings itself, and patches over rendered ones."""

from __future__ import annotations

import io
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from mlops_spec.address import meant, parse
from mlops_spec.blueprint.types import Blueprint
from mlops_spec.diagnostic import Diagnostic, Place, error, warning
from mlops_spec.source.files import Files
from mlops_spec.source.tree import Map, Seq, find, mark
from mlops_spec.source.yaml import read

if TYPE_CHECKING:
    from ruamel.yaml import YAML

FOLDER = "manifests"
_NAMES = ("apiVersion", "kind")


class Opened(NamedTuple):
    """The tree, the paths that ``manifests`` brought to it, and which patches changed which path."""

    texts: dict[str, str]
    brought: dict[str, int]
    patched: dict[str, tuple[int, ...]]
    problems: list[Diagnostic]


def open_hatches(
    texts: Mapping[str, str], data: Map, blueprint: Blueprint, files: Files, kinds: Collection[str], waiting: bool
) -> Opened:
    """Add ``manifests`` and apply ``patches`` of the resolved ``data``.

    ``kinds`` are the kinds, in small letters, that this product renders. A patch on another kind waits where
    ``waiting`` says that something is withheld because its backend is not built.
    """
    opened = Opened(dict(texts), {}, {}, [])
    for index, entry in enumerate(data.get("manifests") or ()):
        _bring(opened, index, entry, data, blueprint, files)
    withheld = {parse(item.address)[-1] for item in blueprint.withheld}
    for index, entry in enumerate(data.get("patches") or ()):
        _patch(opened, index, entry, data, lambda kind, name: (waiting and kind not in kinds) or name in withheld)
    return opened


def _bring(opened: Opened, index: int, entry: Map, data: Map, blueprint: Blueprint, files: Files) -> None:
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
    opened.texts[path] = _edited(source.text, lambda document: document["metadata"].update(namespace=namespace))


def _patch(opened: Opened, index: int, entry: Map, data: Map, waits: Callable[[str, str], bool]) -> None:
    kind, name = entry["target"]["kind"], entry["target"]["name"]
    wanted = f"{kind.lower()}-{name}.yaml"
    paths = [path for path in opened.texts if path.rpartition("/")[2] == wanted]
    place = _place(data, "patches", index, "target")
    if not paths:
        opened.problems.append(_nothing(opened, kind, name, place, index, waits(kind.lower(), name)))
        return
    path = paths[0]
    problem, text = _applied(opened.texts[path], entry["patch"])
    if problem is not None:
        number, why = problem
        at = mark(data, ("patches", index, "patch", number))
        message = f"this patch does not fit {kind} {name}: {why}"
        hint = f"look at {path} as it is rendered without the patch"
        opened.problems.append(error("MS138", message, at.value if at else place, f"patches.{index}", hint))
        return
    opened.texts[path] = text
    opened.patched[path] = (*opened.patched.get(path, ()), index)


def _nothing(opened: Opened, kind: str, name: str, place: Place | None, index: int, waits: bool) -> Diagnostic:
    address = f"patches.{index}"
    if waits:
        message = f"the patch waits: {kind} {name} is withheld"
        return warning("MS137", message, place, address, "it is applied once the object is rendered")
    known = [path.rpartition("/")[2].removesuffix(".yaml") for path in opened.texts]
    hint = meant(f"{kind.lower()}-{name}", known, "object")
    return error("MS137", f"the patch matches nothing: there is no {kind} {name}", place, address, hint)


def _applied(text: str, operations: Seq) -> tuple[tuple[int, str] | None, str]:
    """Apply RFC 6902 operations one by one; return which failed and why, or None and the new text."""
    import jsonpatch
    import jsonpointer

    failure: list[tuple[int, str]] = []

    def change(document: Any) -> None:
        for number, operation in enumerate(operations):
            try:
                jsonpatch.JsonPatch([_plain(operation)]).apply(document, in_place=True)
            except (jsonpatch.JsonPatchException, jsonpointer.JsonPointerException, TypeError, KeyError) as why:
                failure.append((number, " ".join(str(why).split())))
                return

    changed = _edited(text, change)
    return (failure[0], text) if failure else (None, changed)


def _edited(text: str, change: Callable[[Any], None]) -> str:
    """Change a document and leave every other byte of it as it was."""
    yaml = _round_trip()
    document = yaml.load(text)
    change(document)
    printed = io.StringIO()
    yaml.dump(document, printed)
    return printed.getvalue()


def _round_trip() -> YAML:
    from ruamel.yaml import YAML

    yaml = YAML(typ="rt")
    yaml.preserve_quotes = True
    yaml.width = 1 << 20
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


def _plain(value: Any) -> Any:
    if isinstance(value, Map):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, Seq):
        return [_plain(item) for item in value]
    return value


def _place(data: Map, *path: str | int) -> Place | None:
    where = mark(data, path)
    return where.value if where else None


def rendered_kinds(templates: Collection[str]) -> Iterator[str]:
    """Yield the kinds, in small letters, that templates print: a template is named after its kind."""
    for template in templates:
        yield template.rpartition("/")[2].partition(".")[0]
