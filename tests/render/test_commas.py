"""A comma stands behind every item of a JSON template; the last one is dropped, in values and traces alike."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_spec.blueprint.ports import file
from mlops_spec.model.node import Node
from mlops_spec.render import commas
from mlops_spec.render.environment import Templates
from mlops_spec.render.fault import TemplateFault

TEMPLATE = """\
{% macro item(of) %}
{"name": ${{ of.name }}, "all": [${{ of.name }},],},
{% endmacro %}
{
  "items": [
    {% for item_ in n.items %}
    ${{ item(item_) }}
    {% endfor %}
  ],
  "more": {
    {% if n.more %}
    ${{ n.more }}: ${{ n.more }},
    {% endif %}
  },
}
"""
TEXTS = st.text(st.sampled_from(',]} "\\\n[{:\x01\x02\x03') | st.characters(exclude_categories=["Cs"]), max_size=8)


def node(items, more):
    named = tuple(Node(address="a.b", name=name) for name in items)
    return Node(address="a", items=named, more=more)


@given(st.lists(TEXTS, max_size=3), TEXTS)
def test_what_is_printed_is_json_with_every_item_and_every_text_unchanged(items, more):
    given_ = file("t.json.j2", n=node(items, more))
    printed = Templates({"t.json.j2": TEMPLATE}).render(given_)
    assert json.loads(printed) == {
        "items": [{"name": name, "all": [name]} for name in items],
        "more": {more: more} if more else {},
    }
    assert Templates({"t.json.j2": TEMPLATE}, traced=True).render(given_) == printed


def test_nothing_but_the_last_comma_is_dropped():
    text = '[\n  1,\n  "a,]", ",}",\n  {"b": 2,},\n  ,\n]\n'
    assert commas.without_last(text) == '[\n  1,\n  "a,]", ",}",\n  {"b": 2},\n  \n]\n'


def test_yaml_keeps_its_commas(show):
    assert show("a: [b,]\n") == "a: [b,]\n"


@pytest.mark.parametrize("text", ["[1 2]\n", '{"a": 1,, "b": 2}\n', "[\n", "", "[" * 100_000])
def test_a_template_that_prints_no_json_is_at_fault(show, text):
    with pytest.raises(TemplateFault, match="what is printed is not JSON"):
        show(text, "json")
