"""In which specs a problem arises, where several were looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from mlops_spec.diagnostic import Diagnostic

_MOST = 3
NO_SPECS: Mapping[Diagnostic, Sequence[str]] = MappingProxyType({})


class Specs(NamedTuple):
    """``of`` has the specs in which each problem arises, ``ended`` how each spec ended, as data."""

    of: Mapping[Diagnostic, Sequence[str]]
    ended: Sequence[Mapping[str, Any]]


def of_specs(d: Diagnostic, specs: Sequence[str]) -> str:
    """Say it on one line; nothing where the place tells already."""
    if not specs or (d.place is not None and (*specs,) == (d.place.file,)):
        return ""
    more = len(specs) - _MOST
    return f"of {', '.join(specs[:_MOST])}{f' and {more} more' if more > 0 else ''}"
