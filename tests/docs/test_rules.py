"""Each lint rule has a page of its own, made of the rule and its cases."""

from __future__ import annotations

import re

import pytest
import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token

from mlops_spec.lint.rule import Rule
from mlops_spec.lint.rules import RULES
from reference.markdown import prose
from reference.rules import pages

PAGES = dict(pages())
each_rule = pytest.mark.parametrize("rule", RULES, ids=[rule.code for rule in RULES])


def sections(rule: Rule) -> dict[str, str]:
    parts = re.split(r"^## (.*) \{ #.*\n", PAGES[f"rules/{rule.code}.md"], flags=re.MULTILINE)
    return {"": parts[0], **dict(zip(parts[1::2], parts[2::2]))}


def blocks(section: str) -> list[Token]:
    return [token for token in MarkdownIt().parse(section) if token.type == "fence"]


@each_rule
def test_a_page_says_what_it_finds_how_much_that_weighs_and_why(rule: Rule) -> None:
    found = sections(rule)
    assert found[""].startswith(f"# {rule.code}: {prose(rule.title)}\n")
    assert found[""].strip().split("\n\n")[1:] == [prose(rule.weight), *prose(rule.about.what).split("\n\n")]
    assert found["Why"].strip() == prose(rule.about.why)


@each_rule
def test_its_examples_are_yaml_and_differ(rule: Rule) -> None:
    found = sections(rule)
    bad, good = (blocks(found[name])[0] for name in ("Bad", "Good"))
    assert (bad.info, good.info) == ("yaml", "yaml")
    assert yaml.safe_load(bad.content) != yaml.safe_load(good.content)


@each_rule
def test_it_shows_what_a_user_is_told(rule: Rule) -> None:
    _, told = blocks(sections(rule)["Bad"])
    assert f" {rule.code} " in told.content
    assert "\nhelp: " in told.content


@each_rule
def test_it_says_what_is_repaired_where_something_is(rule: Rule) -> None:
    found = sections(rule)
    assert list(found) == ["", "Why", "Bad", "Good", *(["Repair"] if rule.repair else []), "Switch off"]
    assert prose(f"`mlops-spec lint --fix` {rule.repair}.") in found.get("Repair", prose("`mlops-spec lint --fix` ."))
    assert blocks(found["Switch off"])[0].content.strip() == rule.ignore


def test_the_list_leads_to_every_page() -> None:
    linked = re.findall(r"^\| \[(MS\d+)\]\((MS\d+\.md)\) \|", PAGES["rules/index.md"], re.MULTILINE)
    assert linked == [(rule.code, f"{rule.code}.md") for rule in RULES]
    assert ["rules/index.md", *(f"rules/{file}" for _, file in linked)] == list(PAGES)


def test_the_list_says_which_rules_repair() -> None:
    told = [line for line in PAGES["rules/index.md"].splitlines() if line.endswith("| repairs it |")]
    assert len(told) == sum(bool(rule.repair) for rule in RULES) > 0
