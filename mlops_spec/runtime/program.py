"""What a program of the runtime is: a function of its configuration, the values of a run, and the environment."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

Configuration = Mapping[str, Any]
Program = Callable[[Configuration, Sequence[str], Mapping[str, str]], dict[str, Any]]
"""Returns what is said of the run, as JSON. Raises Failed."""


class Failed(Exception):
    """The program could not do it, or must not; the message says why, ``said`` what is known beside it."""

    def __init__(self, message: str, **said: Any) -> None:
        super().__init__(message)
        self.said = said


def needed(environment: Mapping[str, str], name: str) -> str:
    """Return a variable that the compiler sets. Raises Failed where it is absent."""
    value = environment.get(name)
    if not value:
        raise Failed(f"the variable {name} is not set: the program is meant to run as a step of a rendered pipeline")
    return value


def value_of(values: Sequence[str], position: int, what: str) -> str:
    """Return one of the values that are known at run time only. Raises Failed where it is absent."""
    if position >= len(values):
        raise Failed(f"value {position + 1}, {what}, is missing")
    return values[position]
