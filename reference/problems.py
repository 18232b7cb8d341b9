"""Every code that a problem can have beside those of the lint rules: what the compiler and the commands say."""

from __future__ import annotations

from collections.abc import Iterator

from mlops_spec.diagnostic_codes import CODES
from mlops_spec.lint.suppression import PROBLEMS
from mlops_spec.source.refusals import REFUSALS
from reference.markdown import anchored, definition, page, prose

_ABOUT_CODES = """\
What reading, compiling, writing and the commands can say, beside the [lint rules](rules/index.md). `mlops-spec explain
MS120` prints one of them.
"""


def pages() -> Iterator[tuple[str, str]]:
    """Yield the page of all codes that are no lint rules."""
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
