"""Where the time goes: imports by package, and a profiled render by room of the house."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator

from benchmarks import models
from benchmarks.measure import CHECKOUT, Stopwatch
from benchmarks.table import figure, table

_LINT = ("-m", "mlops_spec", "lint", str(CHECKOUT / "examples" / "minimal"))
_RENDERED = 100
_SHOWN = 15
_TRIES = 5


def report(stopwatch: Stopwatch) -> Iterator[str]:
    """Profile, and print two tables. Shares only: a profiled program runs at another speed."""
    yield "What `lint examples/minimal` imports:\n"
    stopwatch.output((sys.executable, *_LINT))
    words = (sys.executable, "-X", "importtime", *_LINT)
    yield _table("package", _imports([stopwatch.errors(words) for _ in range(_TRIES)]))
    yield f"What `render` does, for {_RENDERED} models:\n"
    folder = stopwatch.folder / "profiled"
    models.write(folder / "spec", _RENDERED)
    words = (sys.executable, "-m", "benchmarks.profiled", "render", str(folder / "spec"), "--out", str(folder / "out"))
    stopwatch.output(words)
    found = json.loads(stopwatch.output(words).splitlines()[-1])
    yield _table("room or library", Counter(found["rooms"]))
    yield _table("function", Counter(found["functions"]))


def _imports(printed: list[str]) -> Counter[str]:
    """Add up each package's own time in microseconds, of each module the least."""
    least: dict[str, int] = {}
    for line in "\n".join(printed).splitlines():
        own, _, name = line.removeprefix("import time:").split("|") if line.count("|") == 2 else ("", "", "")
        if own.strip().isdigit():
            least[name.strip()] = min(int(own), least.get(name.strip(), int(own)))
    found: Counter[str] = Counter()
    for name, microseconds in least.items():
        found[_package(name)] += microseconds
    return found


def _package(module: str) -> str:
    package = module.partition(".")[0]
    return "Python's own" if package in sys.stdlib_module_names else package


def _table(what: str, found: Counter[str]) -> str:
    whole = found.total()
    return table((what, "share"), ((name, f"{figure(100 * x / whole)} %") for name, x in found.most_common(_SHOWN)))
