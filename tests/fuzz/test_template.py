"""Whatever a team writes into a template, it prints or is told where it is wrong; no value changes what is around it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from mlops_spec import assets
from mlops_spec.blueprint.ports import file
from mlops_spec.language.text import Name
from mlops_spec.model.node import Node
from mlops_spec.render.environment import Templates
from mlops_spec.render.fault import TemplateFault
from tests.fuzz.bounds import bounded, kept
from tests.fuzz.texts import TEXTS, slipped

LINES = [
    "a: ${{ n.text }}", "- ${{ n.text }}", "${{ n.text }}: 1", "a: x-${{ n.name }}", "a: |", "  ${{ n.name }}", "# ${{ n.name }}",
    "a: '${{ n.name }}'", 'a: "${{ n.name }}"', "${{ n.text }}", "{% if n.text %}", "{% else %}", "{% endif %}", "{% for i in n.items %}",
    "- ${{ i }}", "- b: ${{ i }}", "{% endfor %}", "{% macro m(x) %}", "{% endmacro %}", "${{ m(n) }}", "${{ x.text }}", "a:", "  - ",
    "{# c #}", "{% raw %}", "{% endraw %}", "a: [${{ n.text }}]", "a: {b: ${{ n.text }}}", "a: &x ${{ n.text }}", "a: !t ${{ n.text }}",
    "a: >", "? ${{ n.text }}", "a: ${{ n.text }} # c", "a: ${{ n.text }}b", "---", "a: ${{ n['text'] }}", "a: ${{ n.__class__ }}",
]  # fmt: skip
TEMPLATES = st.lists(st.tuples(st.sampled_from(["", "", "  "]), st.sampled_from(LINES) | TEXTS), max_size=8).map(
    lambda lines: "".join(f"{indent}{line}\n" for indent, line in lines)
)
OURS = [path.read_text("utf-8") for path in sorted(assets.TEMPLATES.rglob("*.j2"))]
ENDINGS = st.sampled_from(["yaml", "yaml", "json", "py", "sh", "md"])
PLAIN = "plain"


def printed(template: str, ending: str, text: str) -> str | None:
    node = Node(address="a.b", text=text, name=Name("name"), items=(text, Name("name")))
    try:
        return Templates({f"t.{ending}.j2": template}).render(file(f"t.{ending}.j2", n=node))
    except TemplateFault:
        return None


def shape(text: str) -> object:
    """What YAML makes of a text but for its scalars; None where it is none."""
    try:
        return [_shape(document) for document in yaml.compose_all(text)]
    except (yaml.YAMLError, RecursionError):
        return None


def _shape(node: yaml.Node | None) -> object:
    if isinstance(node, yaml.MappingNode):
        return [(_shape(key), _shape(value)) for key, value in node.value]
    return [_shape(item) for item in node.value] if isinstance(node, yaml.SequenceNode) else "scalar" if node else None


def check(template: str, ending: str, text: str) -> None:
    harmless, harmful = printed(template, ending, PLAIN), printed(template, ending, text)
    if harmless is None or harmful is None or ending != "yaml" or not text:
        return
    expected, found = shape(harmless), shape(harmful)
    if expected is not None and found is not None:  # what is no YAML is refused when it is read back
        assert found == expected, (harmless, harmful)


@bounded(300)
@given(TEMPLATES, ENDINGS, TEXTS)
def test_a_template_prints_or_is_at_fault_at_a_line(template: str, ending: str, text: str) -> None:
    check(template, ending, text)


@bounded(60)
@given(st.sampled_from(OURS).flatmap(slipped), ENDINGS)
def test_a_template_of_ours_with_slips_prints_or_is_at_fault(template: str, ending: str) -> None:
    printed(template, ending, PLAIN)


def pairs() -> Iterator[tuple[Path, str]]:
    for path in kept("template"):
        for text in ("a: b", "\n---\n", "*", "'\"", "#", "{{1}}"):
            yield path, text


@pytest.mark.parametrize("path, text", list(pairs()))
def test_what_once_broke_templates_does_not_any_more(path: Path, text: str) -> None:
    check(path.read_text("utf-8"), path.name.split(".")[-2], text)
