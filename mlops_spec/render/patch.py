"""Changes to a rendered document: RFC 6902, and what a document lacks that an operation is about."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from mlops_spec.address import meant, nearest
from mlops_spec.source.tree import Map, Seq

if TYPE_CHECKING:
    from ruamel.yaml import YAML

_INDEX = re.compile(r"(?:0|[1-9][0-9]*)\Z")
_WHOLE = ("remove", "replace", "test")


class Misfit(NamedTuple):
    """The number of the operation that does not fit, the key that is at fault, why, and the way out."""

    number: int
    key: str
    why: str
    hint: str


class _Lack(NamedTuple):
    why: str
    hint: str


def patched(text: str, operations: Seq) -> tuple[Misfit | None, str]:
    """Apply operations one by one; return which does not fit, or None and the new text."""
    misfits: list[Misfit] = []

    def change(document: Any) -> None:
        for number, operation in enumerate(operations):
            key, lack = _lacking(document, operation)
            lack = lack or _refused(document, operation)
            if lack is not None:
                misfits.append(Misfit(number, key, *lack))
                return

    changed = edited(text, change)
    return (misfits[0], text) if misfits else (None, changed)


def edited(text: str, change: Callable[[Any], None]) -> str:
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


def _lacking(document: Any, operation: Map) -> tuple[str, _Lack | None]:
    """Say what the document lacks that an operation takes for granted, and which key of the operation says so."""
    if "from" in operation:
        lack = _walk(document, _parts(operation["from"]))[1]
        if lack is not None:
            return "from", lack
    parts = _parts(operation["path"])
    if operation["op"] in _WHOLE:
        return "path", _walk(document, parts)[1]
    above, lack = _walk(document, parts[:-1])
    return "path", lack or _no_place(above, parts)


def _walk(document: Any, parts: Sequence[str]) -> tuple[Any, _Lack | None]:
    """Follow a pointer; return what it leads to, or what is missing on the way."""
    at = document
    for depth, part in enumerate(parts):
        above, here = parts[:depth], parts[: depth + 1]
        if isinstance(at, dict):
            if part not in at:
                near = nearest(part, at)
                pointer = "/".join(("", *map(_escaped, (*above, near)))) if near else None
                return None, _Lack(f"has no `{_dotted(here)}`", f"did you mean {pointer}?" if near else meant(part, at))
            at = at[part]
        elif isinstance(at, list):
            if not _INDEX.match(part) or int(part) >= len(at):
                return None, _Lack(f"has no `{_dotted(here)}`", _counted(at, above))
            at = at[int(part)]
        else:
            return None, _nothing_below(above)
    return at, None


def _no_place(above: Any, parts: Sequence[str]) -> _Lack | None:
    """Say why nothing can be put at ``parts``, whose last is to be added to ``above``."""
    if isinstance(above, dict):
        return None
    if not isinstance(above, list):
        return _nothing_below(parts[:-1])
    if parts[-1] == "-" or (_INDEX.match(parts[-1]) and int(parts[-1]) <= len(above)):
        return None
    return _Lack(f"has no place `{_dotted(parts)}`", _counted(above, parts[:-1]))


def _refused(document: Any, operation: Map) -> _Lack | None:
    """Apply one operation for which everything is there; what is left to fail are tests, and moves into themselves."""
    import jsonpatch
    import jsonpointer

    try:
        jsonpatch.JsonPatch([_plain(operation)]).apply(document, in_place=True)
    except jsonpatch.JsonPatchTestFailed:
        at = _dotted(_parts(operation["path"]))
        return _Lack(f"has another `{at}` than the patch tests for", "correct the test, or take the patch out")
    except (jsonpatch.JsonPatchException, jsonpointer.JsonPointerException):
        at = _dotted(_parts(operation.get("from", operation["path"])))
        return _Lack(f"cannot have its `{at}` changed like this", "nothing can be moved into itself")
    return None


def _nothing_below(parts: Sequence[str]) -> _Lack:
    return _Lack(f"has nothing below `{_dotted(parts)}`", "it is a single value: replace it, or correct the path")


def _counted(items: Sequence[Any], parts: Sequence[str]) -> str:
    count = f"{len(items)} item{'' if len(items) == 1 else 's'}"
    return f"`{_dotted(parts)}` has {count}, counted from 0; `-` is the place behind the last"


def _parts(pointer: str) -> list[str]:
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]


def _escaped(part: str) -> str:
    return part.replace("~", "~0").replace("/", "~1")


def _dotted(parts: Iterable[str]) -> str:
    """Print a path as people say it: ``metadata.labels["acme.example/team"]``."""
    told = "".join(f".{part}" if re.match(r"[\w-]+\Z", part) else f'["{part}"]' for part in parts)
    return told.removeprefix(".")


def _plain(value: Any) -> Any:
    if isinstance(value, Map):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, Seq):
        return [_plain(item) for item in value]
    return value
