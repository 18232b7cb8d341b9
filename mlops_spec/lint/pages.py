"""The pages of the rules for a documentation site: ``python -m mlops_spec.lint.pages FOLDER [CASES]``.

A page is made of its rule alone. With ``CASES``, the folder of the rules' cases (``tests/lint``), it also shows what a
user is told.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from mlops_spec.lint.rule import IGNORED, Rule
from mlops_spec.lint.rules import RULES

INDEX = "index.md"
_TOLD = "#: "


def pages(cases: Path | None = None) -> dict[str, str]:
    """Return the Markdown of the index and of every rule's page, by the name of its file."""
    return {INDEX: _index(), **{f"{rule.code}.md": page(rule, cases) for rule in RULES}}


def page(rule: Rule, cases: Path | None = None) -> str:
    """Return the Markdown of one rule's page."""
    about = rule.about
    parts = [f"# {rule.code}: {rule.title}", rule.weight, about.what, "## Why", about.why]
    parts += ["## Bad", _block("yaml", about.bad.split("\n"))]
    told = _told(cases / rule.code / "bad.yaml") if cases else []
    parts += ["What you are told, of the whole spec that this is a part of:", _block("text", told)] if told else []
    parts += ["## Good", _block("yaml", about.good.split("\n"))]
    parts += ["## Repair", f"`mlops-spec lint --fix` {rule.repair}."] if rule.repair else []
    parts += ["## Switch off", f"Write this comment {IGNORED}:", _block("yaml", [rule.ignore])]
    parts += [f"`mlops-spec lint --ignore {rule.code}` switches it off everywhere."]
    return "\n\n".join(parts) + "\n"


def _index() -> str:
    rows = [f"| [{r.code}]({r.code}.md) | {r.title} | {r.weight} | {'yes' if r.repair else ''} |" for r in RULES]
    head = ["| code | what it finds | weight | `--fix` |", "| --- | --- | --- | --- |"]
    about = "What `mlops-spec lint` looks for. `mlops-spec explain MS204` prints a page in the terminal."
    return "\n".join(["# Rules", "", about, "", *head, *rows, ""])


def _block(language: str, lines: Iterable[str]) -> str:
    return "\n".join((f"```{language}", *lines, "```"))


def _told(case: Path) -> list[str]:
    """Return what the bad spec of a rule is told, which stands at its end."""
    return [line.removeprefix(_TOLD) for line in case.read_text().splitlines() if line.startswith(_TOLD)]


def main(arguments: list[str]) -> None:
    """Write the pages into the folder that is named first."""
    folder, *cases = map(Path, arguments)
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages(*cases).items():
        (folder / name).write_text(text)


if __name__ == "__main__":
    main(sys.argv[1:])
