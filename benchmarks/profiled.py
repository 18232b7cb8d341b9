"""Run a command of mlops-spec under the profiler, and print own times by room and by function as JSON."""

from __future__ import annotations

import cProfile
import json
import pstats
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

from mlops_spec.cli.compiling import compile_located  # noqa: F401 - what is imported is not profiled
from mlops_spec.cli.process import run

_PACKAGE = Path(__file__).parent.parent / "mlops_spec"
Function = tuple[str, int, str]


def main() -> int:
    profiler = cProfile.Profile()
    code = profiler.runcall(run, sys.argv[1:])
    rooms: dict[str, float] = defaultdict(float)
    functions: dict[str, float] = defaultdict(float)
    # Of a built-in function the profiler knows no file: its time belongs to who called it.
    for function, (_, _, own, _, callers) in pstats.Stats(profiler).stats.items():  # type: ignore[attr-defined]
        for caller, time in _shares(function, own, callers):
            rooms[_room(caller[0])] += time
            functions[_name(caller)] += time
    print(json.dumps({"rooms": rooms, "functions": functions}))
    return code


def _shares(function: Function, own: float, callers: dict[Function, Any]) -> list[tuple[Function, float]]:
    if function[0] != "~" or not callers:
        return [(function, own)]
    return [(caller, used[2]) for caller, used in callers.items()]


def _room(file: str) -> str:
    path = Path(file)
    if path.is_relative_to(_PACKAGE):
        return f"{path.relative_to(_PACKAGE).parts[0].removesuffix('.py')}/"
    if path.suffix == ".j2":
        return "templates/"
    return path.parts[path.parts.index("site-packages") + 1] if "site-packages" in path.parts else "Python's own"


def _name(function: Function) -> str:
    file, line, name = function
    return f"{'/'.join(Path(file).parts[-2:])}:{line} {name}" if line else name


if __name__ == "__main__":
    raise SystemExit(main())
