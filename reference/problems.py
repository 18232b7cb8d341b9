"""Every code that a problem can have: what the lint rules look for, and what the compiler and the commands say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mlops_spec.diagnostic_codes import CODES
from mlops_spec.lint.pages import pages as of_rules
from mlops_spec.lint.suppression import PROBLEMS
from mlops_spec.source.refusals import REFUSALS
from reference.markdown import anchored, definition, page, prose

_CASES = Path(__file__).parent.parent / "tests" / "lint"
_ABOUT_CODES = """\
What reading, compiling, writing and the commands can say, beside the [lint rules](rules/index.md). `mlops-spec explain
MS120` prints one of them.
"""


def pages() -> Iterator[tuple[str, str]]:
    """Yield the pages of the rules, each with what is told of its case, and the page of all other codes."""
    yield from ((f"rules/{name}", text) for name, text in of_rules(_CASES).items())
    told = sorted({code: (title, why, way_out) for code, title, why, way_out in _codes()}.items())
    yield "problems.md", page("Problems", _ABOUT_CODES, *(_code(code, *about) for code, about in told))


def _codes() -> Iterator[tuple[str, str, str, str]]:
    yield from ((code, *explained) for code, explained in CODES.items())
    yield from ((r.code, r.title, r.why, r.way_out) for r in REFUSALS)
    yield from ((p.code, p.title, p.why, p.way_out) for p in PROBLEMS.values())


def _code(code: str, title: str, why: str, way_out: str) -> str:
    term = f"{anchored(code, _anchor(code))}: {prose(title)}"
    return definition(term, prose(why), f"Way out: {prose(way_out)}")


def _anchor(code: str) -> str:
    return code.lower()
