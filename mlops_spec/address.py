"""Addresses: the dotted path that names a thing everywhere (``pipelines.train.steps.fit``)."""

from __future__ import annotations

import functools
from collections.abc import Iterable

Path = tuple[str | int, ...]


def text(path: Iterable[str | int]) -> str:
    """Print a path as an address: ``("patches", 0, "target")`` is ``patches.0.target``."""
    return ".".join(map(str, path))


def parse(address: str) -> tuple[str, ...]:
    """Split an address at its dots; names never hold one."""
    return tuple(address.split(".")) if address else ()


def matches(pattern: str, path: Iterable[str | int]) -> bool:
    """Tell whether a path is the one that ``pattern`` names; ``*`` stands for one name, a last ``**`` for the rest."""
    wanted, given = _parts(pattern), tuple(path)
    if wanted and wanted[-1] == "**":
        wanted, given = wanted[:-1], given[: len(wanted) - 1]
    return len(wanted) == len(given) and all(w == "*" or w == str(g) for w, g in zip(wanted, given))


_parts = functools.lru_cache(parse)  # patterns are few, and each is compared with many paths


def nearest(name: str, names: Iterable[str]) -> str | None:
    """Return the one of ``names`` that ``name`` was most likely meant to be, if any is near enough."""
    import difflib  # only who misspells a name waits for it

    found = difflib.get_close_matches(name, list(names), n=1, cutoff=0.6)
    return found[0] if found else None


def meant(name: str, names: Iterable[str], what: str = "") -> str:
    """Say which name was meant, or which there are: the way out of every misspelt name."""
    known = sorted(names)
    near = nearest(name, known)
    if near is not None:
        return f"did you mean {near}?"
    if not known:
        return f"there is no {what or 'name'} to choose from"
    shown = ", ".join(known[:12]) + (", …" if len(known) > 12 else "")
    return f"known: {shown}"
