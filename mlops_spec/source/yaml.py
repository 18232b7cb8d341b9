"""A spec's YAML as data with places: PyYAML's C parser, its events walked once.

Nothing that this project did not decide reaches the data: scalars are YAML 1.2 core by our own resolver, and what
other readers would take for something else, or could die of, is refused with its place.
"""

from __future__ import annotations

import yaml

from mlops_spec.diagnostic import Diagnostic, Place, ordered
from mlops_spec.source import refusals
from mlops_spec.source.builder import Builder
from mlops_spec.source.characters import decode
from mlops_spec.source.comments import suppressions, tabs
from mlops_spec.source.tree import Map, Source


def read(raw: bytes, file: str, layer: str | None = None) -> tuple[Source | None, list[Diagnostic]]:
    """Read the bytes of ``file`` (its name relative to the root) as one map.

    Every mark names ``layer``, by default the file. Whatever cannot be data is an error, as many in one run as can be
    found, and then there is no Source. Never raises.
    """
    text, problems = decode(raw, file)
    if text is None or problems:
        return None, problems
    builder = Builder(file, layer or file)
    end, problems = _walk(builder, file, text)
    problems += builder.problems
    problems += tabs(text, file, builder.spans, end)
    if not problems:
        problems += _top(builder.root, file)
    if problems:
        return None, list(ordered(problems))
    ignores, unreadable = suppressions(text, file, builder.spans)
    return Source(file, text, builder.root, ignores), unreadable


def _walk(builder: Builder, file: str, text: str) -> tuple[int, list[Diagnostic]]:
    """Give the builder all events; return up to which character the text was read, and what stopped it."""
    parser = yaml.CSafeLoader(text)
    try:
        builder.take_all(parser.get_event)
    except yaml.YAMLError as error:
        from mlops_spec.source.syntax import explain  # only who wrote no YAML waits for it

        mark = getattr(error, "problem_mark", None)
        return (mark.index if mark is not None else 0), [explain(error, file, text, builder.spans)]
    finally:
        parser.dispose()
    return len(text), []


def _top(root: object, file: str) -> list[Diagnostic]:
    if isinstance(root, Map):
        return []
    start = Place(file, 1, 1)
    if root is None:
        return [refusals.EMPTY.at(start, "this file says nothing")]
    return [refusals.NOT_A_MAP.at(start, "this file holds no keys at its top, but a list or a single value")]
