"""What a program of the runtime is: a function of its configuration, the values of a run, and the environment."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from mlops_spec.blueprint.contract import variable

Configuration = Mapping[str, Any]
Program = Callable[[Configuration, Sequence[str], Mapping[str, str]], dict[str, Any]]
"""Returns what is said of the run, as JSON. Raises Failed."""

FAILED, USAGE, UNSUITED = 1, 2, 3
"""Exit codes: not done, called wrongly, told what the schema does not allow."""


class Failed(Exception):
    """The program could not do it, or must not; the message says why, ``said`` what is known beside it."""

    def __init__(self, message: str, *, code: int = FAILED, **said: Any) -> None:
        super().__init__(message)
        self.code, self.said = code, said


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


def input_path(environment: Mapping[str, str], name: str) -> Path:
    """Return where the step finds an input. Raises Failed where the compiler did not say."""
    return Path(needed(environment, variable("INPUT", name)))


def output_path(environment: Mapping[str, str], name: str) -> Path:
    """Return where the step leaves an output. Raises Failed where the compiler did not say."""
    return Path(needed(environment, variable("OUTPUT", name)))


def leave(environment: Mapping[str, str], results: Mapping[str, str]) -> None:
    """Leave small values each in its file; a file of JSON takes all that belong there, as one object. Raises Failed."""
    objects: dict[Path, dict[str, str]] = {}
    for name, value in results.items():
        path = Path(needed(environment, variable("RESULT", name)))
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".json":
            objects.setdefault(path, {})[name] = value
        else:
            path.write_text(value, encoding="utf-8")
    for path, held in objects.items():
        path.write_text(json.dumps(held, ensure_ascii=False), encoding="utf-8")
