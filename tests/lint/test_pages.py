"""Each rule has a page for the documentation site, made of the rule and its cases."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from markdown_it import MarkdownIt

from mlops_spec.lint.pages import INDEX, page, pages
from mlops_spec.lint.rule import Rule
from mlops_spec.lint.rules import RULES

CASES = Path(__file__).parent
each_rule = pytest.mark.parametrize("rule", RULES, ids=[rule.code for rule in RULES])


def sections(rule: Rule) -> dict[str, str]:
    parts = re.split(r"^## (.*)\n\n", page(rule, CASES), flags=re.MULTILINE)
    return {"": parts[0], **dict(zip(parts[1::2], parts[2::2]))}


def block(section: str) -> str:
    return next(token.content for token in MarkdownIt().parse(section) if token.type == "fence")


@each_rule
def test_a_page_says_what_and_how_much_it_weighs_and_why(rule: Rule) -> None:
    found = sections(rule)
    assert found[""].startswith(f"# {rule.code}: {rule.title}\n\n{rule.weight}\n\n")
    assert len(found[""].splitlines()) > 4
    assert found["Why"].strip() == rule.about.why


@each_rule
def test_its_examples_are_yaml_and_differ(rule: Rule) -> None:
    found = sections(rule)
    bad, good = (yaml.safe_load(block(found[name])) for name in ("Bad", "Good"))
    assert bad
    assert good
    assert bad != good


@each_rule
def test_it_shows_what_a_user_is_told(rule: Rule) -> None:
    told = [token.content for token in MarkdownIt().parse(sections(rule)["Bad"]) if token.type == "fence"][1]
    assert f" {rule.code} " in told
    assert "\nhelp: " in told
    assert "What you are told" not in page(rule)


@each_rule
def test_it_says_what_is_repaired_where_something_is(rule: Rule) -> None:
    found = sections(rule)
    assert list(found) == ["", "Why", "Bad", "Good", *(["Repair"] if rule.repair else []), "Switch off"]
    assert f"--fix` {rule.repair}." in found.get("Repair", "--fix` .")
    assert block(found["Switch off"]).strip() == rule.ignore


def test_the_index_leads_to_every_page() -> None:
    written = pages()
    linked = re.findall(r"\| \[(MS\d+)\]\((MS\d+\.md)\) \|", written.pop(INDEX))
    assert linked == [(rule.code, f"{rule.code}.md") for rule in RULES]
    assert list(written) == [file for _, file in linked]


def test_the_module_writes_them(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mlops_spec.lint.pages", str(tmp_path / "rules"), str(CASES)]
    subprocess.run(command, check=True, cwd=CASES.parents[1])
    assert {path.name: path.read_text() for path in (tmp_path / "rules").iterdir()} == pages(CASES)
