"""Empty lines and line ends: one empty line at most, one between sections of several lines, none around the file."""

from __future__ import annotations

from itertools import pairwise

from mlops_spec.source.style.outline import Node, inside, outline


def spaced(text: str) -> str:
    """Return ``text`` with the empty lines that the style has."""
    root, lines = outline(text), text.removesuffix("\n").split("\n")
    kept, apart = inside(root), _set_apart(root, lines)
    found: list[str] = []
    for n, line in enumerate(lines):
        if n in apart and found and found[-1]:
            found.append("")
        bare = line if n in kept else line.rstrip(" ")
        if n in kept or bare or (found and found[-1]):
            found.append(bare)
    while found and not found[-1] and len(lines) - 1 not in kept:
        found.pop()
    return "\n".join([*found, ""])


def _set_apart(root: Node, lines: list[str]) -> set[int]:
    """Return the lines above which one is empty: where one of two sections has several lines; comments go along."""
    found = set()
    for (key_above, above), (key, value) in pairwise(root.entries() if root.style == "map" else ()):
        start = key.line
        while lines[start - 1].startswith("#"):
            start -= 1
        if value.last > key.line or above.last > key_above.line:
            found.add(start)
    return found
