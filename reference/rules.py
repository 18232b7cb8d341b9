"""Every lint rule: why it is one, what is bad and good, what a user is told, and the ways out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mlops_spec.lint.rule import IGNORED, Rule
from mlops_spec.lint.rules import RULES
from reference.markdown import fenced, heading, link, page, prose, table

_ABOUT = """\
What `mlops-spec lint` looks for beside errors. `mlops-spec explain MS204` prints the page of one rule. Each can be
switched off where it does not apply, as its page says; some repair what they find, with `mlops-spec lint --fix`.
"""
_HEAD = ("code", "what it finds", "how much it weighs", "`--fix`")
_CASES = Path(__file__).parent.parent / "tests" / "lint"
_TOLD = "#: "


def pages() -> Iterator[tuple[str, str]]:
    """Yield the list of the rules, and the page of each."""
    yield "rules/index.md", page("Lint rules", _ABOUT, table(_HEAD, map(_row, RULES)))
    for rule in RULES:
        yield _path(rule), _page(rule)


def _path(rule: Rule) -> str:
    return f"rules/{rule.code}.md"


def _row(rule: Rule) -> tuple[str, ...]:
    repaired = "repairs it" if rule.repair else ""
    return link(rule.code, f"{rule.code}.md"), prose(rule.title), prose(rule.weight), repaired


def _page(rule: Rule) -> str:
    about = rule.about
    repair = (heading(2, "Repair", "repair"), prose(f"`mlops-spec lint --fix` {rule.repair}.\n"))
    return page(
        prose(f"{rule.code}: {rule.title}"),
        *(f"{prose(text)}\n" for text in (rule.weight, about.what)),
        heading(2, "Why", "why"),
        f"{prose(about.why)}\n",
        heading(2, "Bad", "bad"),
        fenced(about.bad, "yaml"),
        "What is said of a whole spec with it:\n",
        fenced(told(rule), "text"),
        heading(2, "Good", "good"),
        fenced(about.good, "yaml"),
        *(repair if rule.repair else ()),
        heading(2, "Switch off", "switch-off"),
        f"Write this comment {IGNORED}:\n",
        fenced(rule.ignore, "yaml"),
        f"`mlops-spec lint --ignore {rule.code}` switches it off everywhere.\n",
    )


def told(rule: Rule) -> str:
    """Return what the bad spec among the rule's cases is told, which stands at its end."""
    lines = (_CASES / rule.code / "bad.yaml").read_text("utf-8").splitlines()
    return "\n".join(line.removeprefix(_TOLD) for line in lines if line.startswith(_TOLD))
