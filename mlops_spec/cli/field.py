"""What a field of the language means, from the schemas, and what it is in the spec at hand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from mlops_spec.address import meant, parse
from mlops_spec.cli import exits
from mlops_spec.cli.compiling import Done, compile_located
from mlops_spec.cli.console import Console
from mlops_spec.cli.locate import Located, locate
from mlops_spec.cli.origin import as_json, history
from mlops_spec.cli.stop import Stopped, stopped
from mlops_spec.language import shape
from mlops_spec.language.shape import Shape
from mlops_spec.source.tree import Map, Mark, Seq, find, mark

TYPES = {
    "object": "map",
    "array": "list",
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
}
_NOTES = (
    ("x-must-be", "form"),
    ("x-names", "names"),
    ("minimum", "least"),
    ("maximum", "most"),
    ("x-short-for", "short for"),
)
_ANY = "<name>"


class Field(NamedTuple):
    """A field at an address: what the schemas say of it, and the keys below it."""

    address: str
    facts: dict[str, Any]
    below: dict[str, dict[str, Any]]


class Set(NamedTuple):
    """A value that the spec has, and the environments in which it is that."""

    address: str
    value: Any
    mark: Mark | None
    environments: list[str]


def explain_field(console: Console, address: str, spec: str | None) -> int:
    """Print what the field at ``address`` means (``*`` stands for any name), and its value in the spec at hand."""
    done = _compiled(spec)
    tree = next((c.resolved for c in done.compilation.environments.values()), Map()) if done else Map()
    field = described(tree, address)
    values = list(_values(done, parse(address))) if done and address else []
    located = done.located if done else None
    console.result("\n".join(_lines(field, values, located)), _as_data(field, values, located))
    return exits.FINE


def described(tree: Map, address: str) -> Field:
    """Describe a field, where the schemas depend on other values those of ``tree``. Raises Stopped for no field."""
    where, data = shape.root(), tree
    for depth, name in enumerate(parse(address)):
        known = shape.properties(where, data)
        deeper = known.get(name) or shape.entries(where, data)
        if not deeper:
            above = ".".join(parse(address)[:depth]) or "a spec"
            raise stopped(exits.USAGE, "MS193", f"{above} has no `{name}`", meant(name, known, "key"))
        where, data = deeper, _step(data, name)
    below = {key: _facts(value, _step(data, key)) for key, value in shape.properties(where, data).items()}
    entries = shape.entries(where, data)
    if entries:
        below[_ANY] = _facts(entries, None)
    return Field(address, _facts(where, data), below)


def _compiled(spec: str | None) -> Done | None:
    """Compile the spec at hand; none need be there unless it was named."""
    try:
        located = locate(spec)
    except Stopped:
        if spec is not None:
            raise
        return None
    return compile_located(located)


def _step(data: Any, name: str) -> Any:
    """Go one key down; ``*`` goes to the first there is."""
    if name == "*" and isinstance(data, (Map, Seq)) and data:
        return next(iter(data.values())) if isinstance(data, Map) else data[0]
    return find(data, (name,))


def _facts(where: Shape, data: Any) -> dict[str, Any]:
    """Collect what the schemas say of one value; of several schemas, the one nearest to the field speaks."""
    facts: dict[str, Any] = {}
    for schema, _ in shape.parts(where, data):
        for keyword in ("description", "type", "default", "enum", "const", "examples", *(name for name, _ in _NOTES)):
            if keyword in schema:
                facts.setdefault(keyword, schema[keyword])
    return facts


def _values(done: Done, path: tuple[str, ...]) -> Iterator[Set]:
    """Yield every value at a path, in which ``*`` stands for any name, once for the environments that agree on it."""
    found: dict[tuple[str, str], Set] = {}
    for name, compiled in done.compilation.environments.items():
        for at in _matching(compiled.resolved, path):
            value, where = find(compiled.resolved, at), mark(compiled.resolved, at)
            key = (".".join(at), json.dumps(value))
            found.setdefault(key, Set(key[0], value, where, [])).environments.append(name)
    yield from found.values()


def _matching(tree: Map, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    matching: list[tuple[str, ...]] = [()]
    for name in path:
        above = matching
        matching = []
        for at in above:
            value = find(tree, at)
            names = value if name == "*" and isinstance(value, Map) else (name,)
            matching += [(*at, key) for key in names if find(value, (key,)) is not None]
    yield from matching


def _lines(field: Field, values: list[Set], located: Located | None) -> Iterator[str]:
    yield f"{field.address or 'a spec'}: {_type(field.facts)}"
    if "description" in field.facts:
        yield f"  {field.facts['description']}"
    yield from (f"  {label}: {text}" for label, text in _notes(field.facts))
    if field.below:
        yield "keys:"
        width = max(map(len, field.below))
        for key, facts in field.below.items():
            default = f" Default: {_text(facts['default'])}." if "default" in facts else ""
            yield f"  {key:<{width}}  {_type(facts)}. {facts.get('description', '')}{default}"
    if values and located is not None:
        yield f"in {located.shown(located.name)}:"
        yield from (f"  {_told(value, located)}" for value in values)


def _notes(facts: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if "default" in facts:
        yield "default", _text(facts["default"])
    if "enum" in facts:
        yield "one of", ", ".join(map(_text, facts["enum"]))
    if "examples" in facts:
        yield "for example", "  or  ".join(map(_text, facts["examples"]))
    for keyword, label in _NOTES:
        if keyword in facts:
            yield label, _text(facts[keyword])


def _type(facts: dict[str, Any]) -> str:
    kinds = facts.get("type", ())
    named = [TYPES.get(kind, kind) for kind in ([kinds] if isinstance(kinds, str) else kinds)]
    return " or ".join(named) or (f"always {_text(facts['const'])}" if "const" in facts else "value")


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _told(value: Set, located: Located) -> str:
    shown = _count(value.value) if isinstance(value.value, Map) and value.value else _text(value.value)
    where = f"  # {history(value.mark, located)}" if value.mark is not None else ""
    return f"{value.address}: {shown}  ({', '.join(value.environments)}){where}"


def _count(value: Map) -> str:
    return f"{len(value)} key{'' if len(value) == 1 else 's'}"


def _as_data(field: Field, values: list[Set], located: Located | None) -> dict[str, Any]:
    told = [
        {"address": v.address, "value": v.value, "environments": v.environments, **as_json(v.mark, located)}
        for v in values
        if located is not None
    ]
    return {"address": field.address, **field.facts, "keys": field.below, "values": told}
