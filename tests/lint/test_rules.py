"""A rule is a function, its page and a folder: what ``bad.yaml`` is told stands at its end, ``good.yaml`` is told nothing.

A rule over the lock has ``bad.lock.yaml`` and ``good.lock.yaml`` beside them.

``MLOPS_SPEC_UPDATE=1`` writes what is told anew, to be read through.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from mlops_spec.diagnostic import Diagnostic, Severity
from mlops_spec.lint.rule import Rule
from mlops_spec.lint.rules import RULES
from mlops_spec.report import text

Lint = Callable[..., list[Diagnostic]]
HERE = Path(__file__).parent
each_rule = pytest.mark.parametrize("rule", RULES, ids=[rule.code for rule in RULES])


def spec(rule: Rule, name: str) -> str:
    return (HERE / rule.code / f"{name}.yaml").read_text()


def lock(rule: Rule, name: str) -> str:
    path = HERE / rule.code / f"{name}.lock.yaml"
    return path.read_text() if path.exists() else ""


def told(spec: str) -> str:
    return "".join(f"{line[2:].strip()}\n" for line in spec.splitlines() if line.startswith("#:"))


def examples(rule: Rule) -> dict[str, list[str]]:
    found = re.findall(r"^(Bad|Good):\n\n((?:    .*\n|\n)+)", rule.page, re.MULTILINE)
    return {name.lower(): [line.strip() for line in block.strip().splitlines()] for name, block in found}


def test_each_rule_has_a_code_of_its_own_and_a_folder() -> None:
    codes = [rule.code for rule in RULES]
    assert codes == sorted(set(codes))
    assert codes == sorted(path.name for path in HERE.iterdir() if path.name.startswith("MS"))


@each_rule
def test_a_bad_spec_is_told_exactly_this(rule: Rule, lint: Lint) -> None:
    bad = spec(rule, "bad")
    printed = text.render(lint(bad, lock=lock(rule, "bad")), {}).replace("\n\n", "\n")
    if os.environ.get("MLOPS_SPEC_UPDATE"):
        written = "".join(f"{line}\n" for line in bad.splitlines() if not line.startswith("#:"))
        written += "".join(f"#: {line}\n" for line in printed.splitlines())
        (HERE / rule.code / "bad.yaml").write_text(written)
    else:
        assert printed == told(bad)
    assert rule.code in printed


@each_rule
def test_a_good_spec_is_told_nothing(rule: Rule, lint: Lint) -> None:
    assert lint(spec(rule, "good"), lock=lock(rule, "good")) == []


@each_rule
def test_a_rule_is_switched_off_as_its_page_says(rule: Rule, lint: Lint) -> None:
    comment = next(line.strip() for line in rule.page.splitlines() if "mlops-spec: ignore" in line)
    lines, pins = spec(rule, "bad").splitlines(), lock(rule, "bad")
    for number in {d.place.line for d in lint("\n".join(lines), lock=pins) if d.place}:
        lines[number - 1] += f"  {comment}"
    assert lint("\n".join(lines), lock=pins) == []


@each_rule
def test_the_page_explains_by_lines_of_the_tried_specs(rule: Rule) -> None:
    assert re.search(r"^Why: \S", rule.page, re.MULTILINE)
    shown = examples(rule)
    assert set(shown) == {"bad", "good"}
    for name, lines in shown.items():
        tried = [line.strip() for line in (spec(rule, name) + lock(rule, name)).splitlines()]
        assert any(tried[i : i + len(lines)] == lines for i in range(len(tried))), name


@each_rule
def test_the_page_says_how_much_it_weighs(rule: Rule) -> None:
    always = rule.weighs(False) is rule.weighs(True)
    article = "an" if rule.severity is Severity.ERROR else "a"
    assert (f"Always {article} {rule.severity}." in rule.page) == always
    assert (f"A {rule.severity}, in protected environments an {rule.protected}." in rule.page) != always
