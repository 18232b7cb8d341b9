"""Commas of JSON: templates write one behind every item, since they cannot tell which is the last; there it goes."""

from __future__ import annotations

import json
import re

from mlops_spec.render import trace
from mlops_spec.render.fault import Unprintable

_STRING = rf'"(?:{trace.MARK}|\\.|[^"\\{trace.UNMARKED}])*"'
_LAST = re.compile(rf"(?P<string>{_STRING})|,(?=(?:\s|{trace.MARK})*[\]}}])")


def without_last(text: str) -> str:
    """Drop each comma outside of quotes that only blanks, line ends and marks keep from ``]`` or ``}``."""
    return _LAST.sub(lambda found: found["string"] or "", text)


def read_back(text: str) -> None:
    """Raise Unprintable where a text is not JSON: no reader of ours sees it again, when it is a value in YAML."""
    try:
        json.loads(text)
    except (ValueError, RecursionError) as why:
        raise Unprintable(f"what is printed is not JSON: {why}") from None
