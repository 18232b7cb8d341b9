"""What happens in a run, for whoever shows it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

RUN, ENVIRONMENT, START, UNCHANGED, LEFT_OUT, RETRY, DONE, FAILED, NOT_RUN, END = (
    "run environment start unchanged left-out retry done failed not-run end".split()
)


class Event(NamedTuple):
    """One of the kinds above; ``step`` is empty where it is about the run, ``said`` is what else is known, for JSON."""

    kind: str
    step: str
    said: Mapping[str, Any]


Say = Callable[[Event], None]
