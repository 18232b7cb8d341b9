"""Faults of the keys of a mapping: unknown, missing, misnamed, or beside others that they do not go with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mlops_spec.address import meant, nearest
from mlops_spec.language import shape, wording
from mlops_spec.language.fault import Failure, Fault
from mlops_spec.language.shape import Part
from mlops_spec.source.tree import find

UNKNOWN, MISSING, NAME, TOGETHER, NONE_OF, COMPANY = "MS100", "MS101", "MS107", "MS108", "MS109", "MS110"
OF_KEYS = (UNKNOWN, MISSING, NAME, TOGETHER, NONE_OF, COMPANY)
OF_ABSENCE = (MISSING, NONE_OF, COMPANY)
BEFORE_ALL = -1


def unknown(failure: Failure) -> Iterator[Fault]:
    """A key that the mapping does not have: mostly a misspelt one."""
    schemas = shape.parts(failure.where, failure.value)
    file = next((file for schema, file in schemas if schema is failure.schema), "")
    allowed = shape.properties((Part(failure.schema, file),), failure.value)
    free = [key for key in allowed if key not in failure.value]
    for key in failure.value:
        if key not in allowed:
            message = f"unknown key {wording.key(key)} in {wording.subject(failure.path)}"
            near = nearest(key, free)
            hint = failure.note("x-unknown") or meant(key, allowed)
            yield failure.of_keys(UNKNOWN, message, meant(key, free) if near else hint, (key, near or key), key)


def missing(failure: Failure) -> Iterator[Fault]:
    """A key that the mapping must have."""
    kinds = failure.note("x-kinds")
    if kinds and not any(key in failure.value for key in (*kinds, *failure.wanted)):
        yield none_of(failure, kinds)
        return
    known = shape.properties(failure.where, failure.value)
    for key in failure.wanted:
        if key not in failure.value:
            message = f"{wording.subject(failure.path)} lacks {key}"
            yield failure.of_keys(MISSING, message, wording.addition(key, known.get(key, ())), (key,))


def alternatives(failure: Failure) -> Iterator[Fault]:
    """None of several keys, one of which there must be."""
    yield none_of(failure, [key for branch in failure.wanted for key in branch["required"]])


def none_of(failure: Failure, keys: list[str]) -> Fault:
    """Say that a mapping has none of ``keys``."""
    count = "exactly" if failure.note("x-kinds") else "at least"
    message = f"{wording.subject(failure.path)} has none of {wording.listed(keys)}"
    return failure.of_keys(NONE_OF, message, f"give it {count} one of them", keys)


def company(failure: Failure) -> Iterator[Fault]:
    """A key that needs another beside it."""
    known = shape.properties(failure.where, failure.value)
    for key, others in failure.wanted.items():
        for other in others:
            if key in failure.value and other not in failure.value:
                message = f"{wording.subject(failure.path)} has {key} but lacks {other}"
                yield failure.of_keys(COMPANY, message, wording.addition(other, known.get(other, ())), (other,), key)


def name(failure: Failure) -> Iterator[Fault]:
    """A key that is no name of the kind that the mapping's keys must be."""
    key, where = str(failure.value), wording.subject(failure.path)
    if failure.keyword == "maxLength":
        message = f"the name {wording.quoted(key)} in {where} is longer than {failure.wanted} characters"
        yield failure.of_keys(NAME, message, "choose a shorter name", (key,), key, 1)
        return
    must_be = failure.note("x-must-be") or "one of its known names"
    message = f"{wording.quoted(key)} in {where} must be {must_be}"
    yield failure.of_keys(NAME, message, wording.renamed(key, must_be), (key,), key)


def out_of_place(failure: Failure) -> Iterator[Fault]:
    """Keys that do not go with another key of the same mapping; jsonschema names the mapping only."""
    holder = find(failure.tree, failure.path)
    above = failure._replace(value=holder, schema=None)
    kinds = above.note("x-kinds") or ()
    both = [kind for kind in kinds if kind in holder]
    where = wording.subject(failure.path)
    if len(both) > 1:
        message = f"{where} has {wording.listed(both, 'and')}"
        hint = f"it is exactly one of {wording.listed(kinds)}; take the other keys out"
        yield above.of_keys(TOGETHER, message, hint, both, both[-1], BEFORE_ALL)
        return
    for key in holder:
        if (cause := _excluding(above, key)) is None:
            continue
        deciding, value = cause
        reason = deciding if value is None else f"{deciding}: {value}"
        way_out = "take either of them out" if value is None else f"take {key} out, or change {deciding}"
        yield above.of_keys(TOGETHER, f"{key} does not go with {reason} in {where}", way_out, (key,), key)


def _excluding(above: Failure, key: str) -> tuple[str, Any] | None:
    """Return the key of the mapping that shuts ``key`` out, with its value where that is what decides."""
    for schema, _ in shape.parts(above.where, above.value):
        branch = schema.get("then" if shape.applies(schema["if"], above.value) else "else") if "if" in schema else None
        if isinstance(branch, dict) and branch.get("properties", {}).get(key) is False:
            deciding, condition = next(iter(schema["if"]["properties"].items()))
            by_value = isinstance(condition, dict) and not condition.keys().isdisjoint(("const", "enum"))
            return deciding, above.value.get(deciding) if by_value else None
    return None
