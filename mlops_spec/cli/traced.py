"""What made each line of a rendered file: the template's line and the addresses of the spec that it prints."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from mlops_spec.address import parse
from mlops_spec.blueprint.lower.environment import PROJECT
from mlops_spec.compiler import Compilation
from mlops_spec.render.trace import Line
from mlops_spec.source.tree import Map, find


def lines(compilation: Compilation, path: str) -> list[Line]:
    """Return the lines of a file of the tree, each with what made it.

    A line that no template prints, since a patch or a file of the spec's own brought it, names no template; its
    addresses are those of the patches or of the entry of ``manifests``.
    """
    environment, _, below = path.partition("/")
    compiled = compilation.environments.get(environment)
    texts = compilation.tree[path].split("\n")[:-1]
    if compiled is not None and below in compiled.brought:
        return [Line(text, "", 0, (f"manifests.{compiled.brought[below]}",)) for text in texts]
    templates = compilation.templates
    assert templates is not None
    data = resolved(compilation, environment)
    printed = templates.lines(compilation.files[path], lambda address: find(data, parse(address)) is not None)
    if len(printed) == len(texts) and all(line.text == text for line, text in zip(printed, texts)):
        found = printed
    else:
        patches = tuple(f"patches.{i}" for i in compiled.patched.get(below, ())) if compiled is not None else ()
        same = matching(texts, [line.text for line in printed])
        found = [printed[same[i]] if i in same else Line(text, "", 0, patches) for i, text in enumerate(texts)]
    # What belongs to no resource, such as the list of an environment's files, belongs to the environment.
    whole = f"environments.{environment}" if compiled else PROJECT
    return [line if line.addresses else line._replace(addresses=(whole,)) for line in found]


def resolved(compilation: Compilation, environment: str) -> Map:
    """Return the data of an environment; for what belongs to none, of the first."""
    found = compilation.environments.get(environment) or next(iter(compilation.environments.values()))
    return found.resolved


def matching(first: Sequence[str], second: Sequence[str]) -> dict[int, int]:
    """Return which line of ``second`` each line of ``first`` is, where it is one."""
    matcher = difflib.SequenceMatcher(None, first, second, autojunk=False)
    return {a + i: b + i for a, b, size in matcher.get_matching_blocks() for i in range(size)}
