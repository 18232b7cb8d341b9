"""What may stand at a field, in words: its type, its bounds, the names that it may be."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from mlops_spec.cli.field import TYPES
from mlops_spec.source.inline import yaml_value
from reference.fields import Field
from reference.markdown import code, names, prose

_BOUNDS = (("minimum", "at least {}"), ("exclusiveMinimum", "above {}"), ("maximum", "at most {}"))


def form(field: Field) -> str:
    """Say what may stand at a field; where that depends on other fields, on which."""
    always = _form(field, field.says)
    if always:
        return always
    conditions = dict.fromkeys(said.where for said in field.said if said.where)
    found = ((_form(field, partial(field.says, where=where)), where) for where in conditions)
    return "; ".join(f"{words} {where}" for words, where in found if words) or "any value"


def value(written: Any) -> str:
    """Write an example or a default as it stands in a spec."""
    return code(yaml_value(written))


def _form(field: Field, says: Callable[[str], Any]) -> str:
    if says("const") is not None:
        return f"always {value(says('const'))}"
    if says("x-names"):
        named = says("x-names")
        listed = [named] if isinstance(named, str) else named
        return f"the name of one of {names((one.removeprefix('.') for one in listed), 'or')}"
    if says("enum"):
        return f"one of {names(map(str, says('enum')), 'or')}" if len(says("enum")) > 1 else value(says("enum")[0])
    if says("x-must-be"):
        return prose(str(says("x-must-be")))
    kind = says("type")
    if kind in ("integer", "number"):
        bounds = [words.format(says(keyword)) for keyword, words in _BOUNDS if says(keyword) is not None]
        return ", ".join((TYPES[kind], *bounds))
    if kind in ("array", "object"):
        return _collection(field, kind)
    return TYPES.get(kind, "")


def _collection(field: Field, kind: str) -> str:
    entries = field.entries()
    of = "" if field.keys() or entries is None else "maps" if entries.keys() else form(entries)
    if kind == "array":
        return f"list of {of}" if of == "maps" else f"list, each item {of}" if of else TYPES[kind]
    return f"map of names to {of}" if of == "maps" else f"map, each value {of}" if of else TYPES[kind]
