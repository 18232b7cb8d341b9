"""Where a field of the spec shows in what is rendered: the kind of the object, and the way to what changed in it."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from tests.yaml_readers import read_by_libyaml

Way = tuple[str | int, ...]
_KIND = re.compile(r"^kind: (\w+)", re.MULTILINE)


def landings(before: Mapping[str, str], after: Mapping[str, str], value: Any, names: Collection[str]) -> list[str]:
    """Return the ways to what differs; where something of it says ``value``, to that alone. ``names`` are shown as ``*``."""
    found = [
        difference
        for path in sorted({*before, *after})
        if not path.endswith((".md", "kustomization.yaml")) and before.get(path) != after.get(path)
        for difference in _files(path, before.get(path), after.get(path))
    ]
    telling = [way for way, new in found if _says(new, value)]
    return list(dict.fromkeys(_shown(way, names) for way in telling or [way for way, _ in found]))


def _files(path: str, old: str | None, new: str | None) -> Iterator[tuple[Way, Any]]:
    kind = _KIND.search(new or old or "")
    return _differences(_read(path, old), _read(path, new), (kind[1] if kind else path.rpartition("/")[2],))


def _read(path: str, text: str | None) -> Any:
    if text is not None and path.endswith((".yaml", ".json")):
        return read_by_libyaml(text)
    if text is not None and path.endswith(".py"):
        return _program(ast.parse(text))
    return text


def _program(node: ast.AST | Sequence[ast.AST]) -> Any:
    """Return a program as data: calls by the name of what they call, with their arguments by keyword."""
    match node:
        case [*nodes]:
            return [_program(each) for each in nodes if not isinstance(each, ast.Import | ast.ImportFrom)]
        case ast.Module(body=body):
            return _program(body)
        case ast.With(items=items, body=body):
            return [*(_program(item.context_expr) for item in items), *_program(body)]
        case ast.Expr(value=value) | ast.Assign(value=value):
            return _program(value)
        case ast.Call(func=func, args=args, keywords=keywords):
            of = {keyword.arg: _program(keyword.value) for keyword in keywords}
            return {ast.unparse(func).rpartition(".")[2]: {**of, **({"": _program(args)} if args else {})}}
        case ast.Dict(keys=keys, values=values):
            return {ast.literal_eval(key): _program(value) for key, value in zip(keys, values, strict=True) if key}
        case ast.List(elts=items) | ast.Tuple(elts=items):
            return _program(items)
        case ast.Constant(value=value):
            return value
        case ast.BinOp(op=ast.RShift()):
            return {">>": ast.unparse(node)}
    return ast.unparse(node)


def _differences(old: Any, new: Any, way: Way) -> Iterator[tuple[Way, Any]]:
    if old == new:
        return
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted({*old, *new}):
            yield from _differences(old.get(key), new.get(key), (*way, key))
    elif isinstance(old, list) and isinstance(new, list):
        for index in range(max(len(old), len(new))):
            yield from _differences(*(dict(enumerate(items)).get(index) for items in (old, new)), (*way, index))
    elif isinstance(way[-1], str) and way[-1].endswith((".yaml", ".json", ".py")) and old and new:
        yield from _differences(_read(way[-1], old), _read(way[-1], new), way)
    else:
        yield way, new


def _says(new: Any, value: Any) -> bool:
    text = new if isinstance(new, str) else json.dumps(new, default=str)
    return any(said in text for said in {str(value), str(value).lower()} if said)


def _shown(way: Way, names: Collection[str]) -> str:
    """Return a way as text; where in a program a statement stands is left out."""
    kind, *parts = way
    if isinstance(kind, str) and kind.endswith(".py"):
        kind, parts = "*.py", parts[next((i for i, part in enumerate(parts) if isinstance(part, str)), 0) :]
    # What a name is followed by is one of its items, or what gathers them.
    named = re.compile(rf"(?<!\w)(?:{'|'.join(sorted(map(re.escape, names), key=len, reverse=True))})(?:-\w+)*(?!\w)")
    shown = "".join("[]" if isinstance(part, int) else "." + named.sub("*", part) for part in parts)
    return f"{kind} {shown.replace('.[', '[').removeprefix('.')}"
