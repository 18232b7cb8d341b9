"""The words in which faults of the data are said."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

from mlops_spec.address import nearest, text
from mlops_spec.language.fault import Failure
from mlops_spec.language.shape import Shape

TYPE, CHOICE, FORM, AMOUNT, COUNT = "MS102", "MS103", "MS104", "MS105", "MS106"
_TYPES = {
    "object": "a mapping of keys to values",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
}
_AMOUNTS = {
    "minimum": "at least",
    "maximum": "at most",
    "exclusiveMinimum": "more than",
    "exclusiveMaximum": "less than",
}
_COUNTS = {
    "minItems": ("at least", "item"),
    "maxItems": ("at most", "item"),
    "minProperties": ("at least", "key"),
    "maxProperties": ("at most", "key"),
    "maxLength": ("at most", "character"),
}
_PLAIN = re.compile(
    r"-{0,2}[A-Za-z/*][A-Za-z0-9_.*/-]*(?: [A-Za-z0-9_.*/-]+)*(?::[A-Za-z0-9_./*-]+)*\Z|[1-9][0-9]*(?:%|[A-Za-z]+)\Z"
)
_WORDS_OF_YAML = ("yes", "no", "on", "off", "true", "false", "null", "y", "n")


def subject(path: Iterable[str | int]) -> str:
    """Name what a message speaks of: its address, or the document."""
    return text(path) or "the document"


def key(name: str) -> str:
    """Print a key as it stands in YAML, quoted where it is no plain word."""
    return name if re.fullmatch(r"[A-Za-z0-9_.-]{1,64}", name) else quoted(name)


def quoted(value: str) -> str:
    """Print text in quotes on one line, its middle left out where it is long."""
    return json.dumps(value if len(value) <= 60 else f"{value[:40]}…{value[-12:]}", ensure_ascii=False)


def value(data: Any) -> str:
    """Say what a value is: ``the text "six"``, ``the number 6``."""
    if isinstance(data, bool):
        return "true" if data else "false"
    if isinstance(data, str):
        return f"the text {quoted(data)}" if data else "an empty text"
    if isinstance(data, (int, float)):
        return f"the number {data}"
    if isinstance(data, list):
        return "a list" if data else "an empty list"
    return "a mapping" if data else "an empty mapping"


def listed(names: Sequence[str], last: str = "or") -> str:
    """Write names as a row: ``a, b or c``."""
    return f" {last} ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def expectation(keyword: str, wanted: Any, data: Any, must_be: str | None) -> tuple[str, int, str]:
    """Return the code of a failure, its rank among those of one value, and what must be, as a verb and its object."""
    if keyword == "type":
        return TYPE, 1, f"must be {must_be or _TYPES[wanted]}"
    if keyword in ("enum", "const"):
        return CHOICE, 2, f"must be {listed([str(v) for v in (wanted if keyword == 'enum' else [wanted])])}"
    if keyword in _COUNTS:
        words, unit = _COUNTS[keyword]
        return COUNT, 3, f"must have {words} {wanted} {unit}{'' if wanted == 1 else 's'}, not {len(data)}"
    if keyword == "uniqueItems":
        twice = next(v for i, v in enumerate(data) if v in data[:i])
        return COUNT, 3, f"names {yaml(twice)} twice"
    if keyword in _AMOUNTS:
        return AMOUNT, 4, f"must be {must_be or f'{_AMOUNTS[keyword]} {wanted}'}"
    return FORM, 5, f"must be {must_be or 'a text that says something'}"


def way_out(failure: Failure, must_be: str | None) -> str:
    """Say what to write in place of the value that failed."""
    data, keyword, wanted, example = failure.value, failure.keyword, failure.wanted, failure.example()
    if keyword in ("enum", "const"):
        near = nearest(str(data), map(str, wanted if keyword == "enum" else [wanted]))
        return f"did you mean {near}?" if near else _for_example(example)
    if keyword == "uniqueItems":
        return "take one of the two out"
    if keyword in ("maxItems", "maxProperties"):
        return f"take {len(data) - wanted} out"
    if keyword == "maxLength":
        return "shorten it"
    if keyword == "type" and not must_be:
        return _retyped(data, str(wanted), example)
    return _for_example(example)


def _retyped(data: Any, wanted: str, example: Any) -> str:
    if wanted == "string" and isinstance(data, (bool, int, float)):
        return f"put it in quotes: {json.dumps(json.dumps(data))}"
    if wanted in ("integer", "number") and isinstance(data, str) and re.fullmatch(r"-?[0-9]+(?:\.[0-9]+)?", data):
        return f"take the quotes away: {data}"
    if wanted == "boolean" and isinstance(data, str) and data.lower() in ("yes", "no", "on", "off", "true", "false"):
        return f"write {'true' if data.lower() in ('yes', 'on', 'true') else 'false'}, without quotes"
    if wanted == "array" and isinstance(data, (str, int, float)):
        return f"put it in brackets: [{yaml(data)}]"
    if wanted == "object" and isinstance(data, list):
        return f"write each item under its name, {_for_example(example)}"
    return _for_example(example)


def _for_example(example: Any) -> str:
    return "look it up with `mlops-spec explain`" if example is None else f"for example {yaml(example)}"


def filled(example: Any, name: str) -> str:
    """Offer a value for a key that has none."""
    offer = "" if example is None else f", for example {yaml(example)}"
    return f"write one{offer}, or take {name or 'the key'} out"


def renamed(name: str, must_be: str) -> str:
    """Offer a name in the charset that it must have."""
    separator = "_" if "underscores" in must_be else "-"
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", separator, name).lower() if "lower-case" in must_be else name
    simple = re.sub(r"[^A-Za-z0-9]+", separator, words).strip(separator).lstrip("0123456789" + separator)
    return f"for example {simple}" if simple and simple != name else "choose another name"


def addition(name: str, shapes: Shape) -> str:
    """Offer a line for a key that is missing, and say what the key is for."""
    schemas = [part.schema for part in shapes]
    examples = next((s["examples"] for s in schemas if "examples" in s), None)
    purpose = next((s["description"] for s in schemas if "description" in s), "").split(". ")[0].rstrip(".")
    line = f"add `{name}: {yaml(examples[0])}`" if examples else f"add {name}"
    return f"{line}: {purpose[:1].lower()}{purpose[1:]}" if purpose else line


def yaml(data: Any) -> str:
    """Print an example as YAML on one line."""
    if isinstance(data, dict):
        return "{" + ", ".join(f"{k}: {yaml(v)}" for k, v in data.items()) + "}"
    if isinstance(data, list):
        return "[" + ", ".join(map(yaml, data)) + "]"
    if isinstance(data, str) and _PLAIN.match(data) and data.lower() not in _WORDS_OF_YAML:
        return data
    return json.dumps(data, ensure_ascii=False)
