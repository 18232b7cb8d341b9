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
from reference.markdown import anchored, definition, fenced, link, page, prose, table

_ABOUT_RULES = """\
What `mlops-spec lint` looks for beside errors. `mlops-spec explain MS204` prints the page of one rule. Each can be
[switched off](../how-to/suppress-a-rule.md) where it does not apply.
"""
_ABOUT_CODES = """\
What reading, compiling, writing and the commands can say, beside the [lint rules](rules.md). `mlops-spec explain
MS120` prints one of them.
"""
_INDENTED = re.compile(r"(^    .*\n(?:^    .*\n|^\n(?=    ))*)", re.MULTILINE)


def pages() -> Iterator[tuple[str, str]]:
    """Yield the list of the rules, the page of each, and the page of all other codes."""
    listed = ((link(rule.code, _path(rule)), prose(rule.title), prose(rule.weight)) for rule in RULES)
    yield "rules.md", page("Lint rules", _ABOUT_RULES, table(("code", "what it finds", "how much it weighs"), listed))
    for rule in RULES:
        yield _path(rule), _rule(rule)
    told = sorted({code: (title, why, way_out) for code, title, why, way_out in _codes()}.items())
    yield "problems.md", page("Problems", _ABOUT_CODES, *(_code(code, *about) for code, about in told))


def _path(rule: Rule) -> str:
    return f"rules/{rule.code}.md"


def _codes() -> Iterator[tuple[str, str, str, str]]:
    yield from ((code, *explained) for code, explained in CODES.items())
    yield from ((r.code, r.title, r.why, r.way_out) for r in REFUSALS)
    yield from ((p.code, p.title, p.why, p.way_out) for p in PROBLEMS.values())


def _code(code: str, title: str, why: str, way_out: str) -> str:
    term = f"{anchored(code, _anchor(code))}: {prose(title)}"
    return definition(term, prose(why), f"Way out: {prose(way_out)}")


def _rule(rule: Rule) -> str:
    """Write the page of a rule, as ``explain`` prints it: what is indented in it as blocks of YAML."""
    title, _, text = f"{rule.page}\n".partition("\n\n")
    return page(prose(title), *map(_part, _INDENTED.split(text)))


def _part(text: str) -> str:
    return fenced(dedent(text), "yaml") if text.startswith("    ") else prose(text.strip("\n")) + "\n"


def _anchor(code: str) -> str:
    return code.lower()
