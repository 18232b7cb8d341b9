"""Every code that a problem can have: what the lint rules look for, and what the compiler and the commands say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from textwrap import dedent

from mlops_spec.diagnostic_codes import CODES
from mlops_spec.lint.rule import Rule
from mlops_spec.lint.rules import RULES
from mlops_spec.lint.suppression import PROBLEMS
from mlops_spec.source.refusals import REFUSALS
from reference.markdown import anchored, definition, fenced, heading, link, page, prose, table

_ABOUT_RULES = """\
What `mlops-spec lint` looks for beside errors. `mlops-spec explain MS204` prints the page of one rule. Each can be
switched off where it does not apply: at the end of the line that the problem names, or alone on the line above it,
"""
_SUPPRESSION = "# mlops-spec: ignore[MS204] why it is fine here"
_ABOUT_CODES = """\
What reading, compiling, writing and the commands can say, beside the [lint rules](rules.md). `mlops-spec explain
MS120` prints one of them.
"""
_EXAMPLE = re.compile(r"^(Bad|Good):\n\n((?:    .*\n|\n)+)", re.MULTILINE)


def pages() -> Iterator[tuple[str, str]]:
    """Yield the page of the rules, and that of all other codes."""
    listed = table(("code", "what it finds"), ((link(r.code, f"#{_anchor(r.code)}"), prose(r.title)) for r in RULES))
    suppression = fenced(_SUPPRESSION, "yaml")
    everywhere = "or everywhere with `--ignore MS204`. A suppression needs a reason.\n"
    rules = (part for rule in RULES for part in _rule(rule))
    yield "rules.md", page("Lint rules", _ABOUT_RULES, suppression, everywhere, listed, *rules)
    told = sorted({code: (title, why, way_out) for code, title, why, way_out in _codes()}.items())
    yield "problems.md", page("Problems", _ABOUT_CODES, *(_code(code, *about) for code, about in told))


def _codes() -> Iterator[tuple[str, str, str, str]]:
    yield from ((code, *explained) for code, explained in CODES.items())
    yield from ((r.code, r.title, r.why, r.way_out) for r in REFUSALS)
    yield from ((p.code, p.title, p.why, p.way_out) for p in PROBLEMS.values())


def _code(code: str, title: str, why: str, way_out: str) -> str:
    term = f"{anchored(code, _anchor(code))}: {prose(title)}"
    return definition(term, prose(why), f"Way out: {prose(way_out)}")


def _rule(rule: Rule) -> Iterator[str]:
    """Write the page of a rule as a section: its examples as blocks of YAML, all else as paragraphs."""
    yield heading(2, f"{rule.code}: {prose(rule.title)}", _anchor(rule.code))
    yield f"{rule.weight}\n"
    end = 0
    for found in _EXAMPLE.finditer(f"{rule.about}\n"):
        yield prose(rule.about[end : found.start()])
        yield f"{found[1]}:\n"
        yield fenced(dedent(found[2]).strip("\n"), "yaml")
        end = found.end()
    yield prose(rule.about[end:])


def _anchor(code: str) -> str:
    return code.lower()
