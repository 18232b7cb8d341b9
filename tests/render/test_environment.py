"""What templates may do: print, walk lists, ask for presence, paste macros."""

import ast
import json
import shlex

import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st

from mlops_spec.blueprint.ports import file
from mlops_spec.language.text import Block, Name
from mlops_spec.language.units import Duration, Share
from mlops_spec.model.node import Node
from mlops_spec.render.environment import Templates
from mlops_spec.render.fault import TemplateFault

ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]))

EVERYWHERE = """\
${{ n.text }}: ${{ n.text }}
map:
  key: ${{ n.text }}
  ${{ n.text }}: 1
list:
  - ${{ n.text }}
  - key: ${{ n.text }}
    block: ${{ n.block }}
  - - ${{ n.text }}
    - ${{ n.block }}
  - ${{ n.block }}
pasted:
  deep:
    ${{ shared(n) }}
"""
SHARED = (
    "{% macro shared(n) %}\ntext: ${{ n.text }}\nblock: ${{ n.block }}\nlist:\n  - ${{ n.block }}\n{% endmacro %}\n"
)


@given(text=ANY_TEXT, lines=ANY_TEXT)
def test_any_text_in_any_whole_position_comes_back(text, lines):
    assume(text not in ("map", "key", "list", "pasted"))
    templates = Templates({"t.yaml.j2": f'{{% from "s.yaml.j2" import shared %}}\n{EVERYWHERE}', "s.yaml.j2": SHARED})
    values = Node(address="", text=text, block=Block(lines))
    printed = templates.render(file("t.yaml.j2", n=values))
    assert yaml.load(printed, Loader=yaml.CSafeLoader) == {
        text: text,
        "map": {"key": text, text: 1},
        "list": [text, {"key": text, "block": lines}, [text, lines], lines],
        "pasted": {"deep": {"text": text, "block": lines, "list": [lines]}},
    }


@given(text=ANY_TEXT)
def test_any_text_in_json_python_and_a_macro_of_theirs_comes_back(text):
    templates = Templates(
        {
            "t.json.j2": '{"a": ${{ v }}, ${{ v }}: [${{ v }}, {"b":${{ v }}}]}\n',
            "t.py.j2": "{% macro pair(v) %}\n(${{ v }}, [${{ v }}]),\n{% endmacro %}\n[\n    ${{ pair(v) }}\n]\n",
        }
    )
    if text not in ("a", "b"):
        read = json.loads(templates.render(file("t.json.j2", v=text)))
        assert read == {"a": text, text: [text, {"b": text}]}
    assert ast.literal_eval(templates.render(file("t.py.j2", v=text))) == [(text, [text])]


@given(text=st.text(st.sampled_from("a b\n'\"$`\\;|&()#*~é")))
def test_any_text_in_a_shell_script_stays_one_word(text):
    source = "{% macro run(v) %}\nrun ${{ v }} --x=${{ v }}\n{% endmacro %}\nif true; then\n  ${{ run(v) }}\nfi\n"
    printed = Templates({"t.sh.j2": source}).render(file("t.sh.j2", v=text))
    assert shlex.split(printed) == ["if", "true;", "then", "run", text, f"--x={text}", "fi"]


def test_other_delimiters_stand_as_they_are(show):
    text = 'a: "{{workflow.parameters.${{ x }}}}"\nb: "{{ $labels.model }}: ${{ x }}"\n'
    assert show(text, x=Name("depth")) == 'a: "{{workflow.parameters.depth}}"\nb: "{{ $labels.model }}: depth"\n'


def test_raw_text_stands_as_it_is_on_its_own_lines_and_inside_one(show):
    text = "a:\n  {% raw %}\n  b: ${{ github.sha }}\n  {% endraw %}\n  c: x-{% raw %}${{ y }}{% endraw %}\nd: 1\n"
    assert show(text) == "a:\n  b: ${{ github.sha }}\n  c: x-${{ y }}\nd: 1\n"


def test_names_inside_a_longer_scalar_are_quoted_as_one(show):
    text = "a: ${{ x }}-${{ y }}\n${{ x }}.io/y: 1\nb: ${{ x }}-01-01\nc: 'it''s ${{ x }}'\nd: o${{ y }}\n"
    printed = show(text, x=Name("2024"), y=Name("n"))
    assert printed == 'a: "2024-n"\n"2024.io/y": 1\nb: "2024-01-01"\nc: \'it\'\'s 2024\'\nd: "on"\n'


def test_names_stand_in_comments_and_blocks_of_text(show):
    text = "# for ${{ x }}\na: |\n  run ${{ x }}\n\n  on\nb: ${{ x }}\n"
    assert show(text, x=Name("on")) == '# for on\na: |\n  run on\n\n  on\nb: "on"\n'


@pytest.mark.parametrize("absent", [None, False, "", (), []])
def test_absent_values_are_not_printed(show, absent):
    text = "{% if a %}\na: 1\n{% elif b %}\nb: ${{ b }}\n{% else %}\nc: 1\n{% endif %}\n"
    assert show(text, a=absent, b=absent) == "c: 1\n"
    assert show(text, a=absent, b=0) == "b: 0\n"
    assert show(text, a="x", b=absent) == "a: 1\n"


@pytest.mark.parametrize("value", [0, 0.0, 1, True, "0", ("",)])
def test_zero_is_present(show, value):
    assert show("{% if a %}\na: 1\n{% endif %}\nb: 1\n", a=value) == "a: 1\nb: 1\n"


def test_a_node_is_present(show, node):
    assert show("{% if a %}\na: 1\n{% endif %}\n", a=node()) == "a: 1\n"


def test_blocks_and_comments_leave_no_line_behind(show, node):
    text = """\
{# what this is #}
a:
  {% for step in steps %}
  {# one
     comment #}
  - name: ${{ step.name }}
    {% if step.after %}
    after:
      {% for name in step.after %}
      - ${{ name }}
      {% endfor %}
    {% endif %}
  {% endfor %}
"""
    steps = (node(name="p", after=()), node(name="q", after=("p", "no")))
    assert show(text, steps=steps) == 'a:\n  - name: p\n  - name: q\n    after:\n      - p\n      - "no"\n'


def test_an_empty_macro_leaves_no_line_behind(show):
    text = "{% macro m(x) %}\n{% if x %}\nx: ${{ x }}\n{% endif %}\n{% endmacro %}\na:\n  ${{ m(x) }}\n  b: 1\n"
    assert show(text, x=None) == "a:\n  b: 1\n"
    assert show(text, x="z") == "a:\n  x: z\n  b: 1\n"


def test_macros_paste_macros_and_blocks_keep_their_text(show):
    text = """\
{% macro inner(x) %}
text: ${{ x }}
{% endmacro %}
{% macro outer(x) %}
in:
  ${{ inner(x) }}
{% endmacro %}
a:
  - b: 1
    ${{ outer(x) }}
"""
    printed = show(text, x=Block("p\n\n  q\n"))
    assert printed == "a:\n  - b: 1\n    in:\n      text: |\n        p\n\n          q\n"


def test_macros_take_literals(show):
    text = '{% macro port(name, number) %}\n${{ name }}: ${{ number }}\n{% endmacro %}\n${{ port("on", 80) }}\n'
    assert show(text) == '"on": 80\n'


def test_a_file_among_the_values_prints_as_a_block():
    templates = Templates({"map.yaml.j2": "data:\n  config: ${{ config }}\n", "in.yaml.j2": "a: ${{ a }}\n\nb: 1\n"})
    printed = templates.render(file("map.yaml.j2", config=file("in.yaml.j2", a=Block("x\ny"))))
    assert printed == "data:\n  config: |\n    a: |-\n      x\n      y\n\n    b: 1\n"


@pytest.mark.parametrize("text", ["a: 1", "a: 1\n", "a: 1\n\n\n", "\n\na: 1\n"])
def test_a_file_ends_with_one_line_end(show, text):
    assert show(text) == "a: 1\n"
    assert show(text.replace("\n", "\r\n")) == "a: 1\n"


def test_properties_of_values_can_be_read(show, node):
    text = "a: ${{ n.timeout }}\nb: ${{ n.timeout.seconds }}\nc: ${{ n.share }}\n"
    printed = show(text, n=node(timeout=Duration("1m"), share=Share("20%")))
    assert printed == "a: 1m\nb: 60\nc: 0.2\n"


def test_kind_and_version_are_the_templates_own_lines():
    macro = "{% macro m(x) %}\nkind: Macro\n{% endmacro %}\n"
    templates = Templates(
        {
            "d.yaml.j2": f"{macro}apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nspec:\n  kind: Inner\n",
            "none.yaml.j2": f"{macro}a:\n  kind: Inner\nkind: ${{{{ x }}}}\n",
            "a.sh.j2": "echo kind\n",
        }
    )
    assert (templates.kind("d.yaml.j2"), templates.api_version("d.yaml.j2")) == ("Workflow", "argoproj.io/v1alpha1")
    assert (templates.kind("none.yaml.j2"), templates.api_version("a.sh.j2")) == (None, None)


def fault(call, *arguments):
    with pytest.raises(TemplateFault) as raised:
        call(*arguments)
    return str(raised.value)


AT_RUN_TIME = [
    ("a: ${{ n.nam }}\n", "t.yaml.j2:1: Node has no nam: did you mean name?"),
    ("a:\n{% if n.nam %}\n{% endif %}\n", "t.yaml.j2:2: Node has no nam: did you mean name?"),
    ("a: 1\nb: ${{ n.name.upper }}\n", "t.yaml.j2:2: Name has no upper: there is no attribute to choose from"),
    ("a: ${{ n.none.name }}\n", "t.yaml.j2:1: what should have name is absent: read it under an {% if %}"),
    ("a: ${{ n.none }}\n", "t.yaml.j2:1: the value is absent: print it under an {% if %}"),
    ("a: ${{ n }}\n", "t.yaml.j2:1: a template prints scalars, and this is of type Node"),
    ("a: ${{ n.list }}\n", "t.yaml.j2:1: a template prints scalars, and this is a list"),
    ("a: x-${{ n.text }}\n", "t.yaml.j2:1: only a Name may stand inside a longer scalar, and this is any text"),
    ("{% for x in n.name %}\n{% endfor %}\n", "t.yaml.j2:1: a for walks a list, and this is of type Name"),
    ("{% for x in n.none %}\n{% endfor %}\n", "t.yaml.j2:1: a for walks a list, and this is absent"),
    ("a: ${{ n.endless }}\n", "t.yaml.j2:1: nan is not a number that a file can hold"),
    (
        "{% macro m(p) %}\na: 1\nb: ${{ p.nam }}\n{% endmacro %}\n\n${{ m(n) }}\n",
        "t.yaml.j2:3: Node has no nam: did you mean name?",
    ),
    (
        '{% from "s.yaml.j2" import s %}\na: 1\n${{ s(n) }}\n',
        "s.yaml.j2:4: Node has no nam: did you mean name?",
    ),
    ("{% if n.none %}\na: ${{ nn.x }}\n{% endif %}\n", "t.yaml.j2:2: nn is not given to this template"),
]


@pytest.mark.parametrize(("text", "message"), AT_RUN_TIME)
def test_what_is_wrong_with_a_value_names_the_line(node, text, message):
    shared = "{# s #}\n{% macro s(p) %}\na: 1\nb: ${{ p.nam }}\n{% endmacro %}\n"
    n = node(name=Name("churn"), none=None, list=("a",), text="a", endless=float("nan"))
    templates = Templates({"t.yaml.j2": text, "s.yaml.j2": shared})
    assert fault(templates.render, file("t.yaml.j2", n=n)).startswith(message)


def test_a_fault_inside_a_nested_file_names_that_file():
    templates = Templates({"o.yaml.j2": "a: ${{ f }}\n", "i.yaml.j2": "a: 1\nb: ${{ x }}\n"})
    assert fault(templates.render, file("o.yaml.j2", f=file("i.yaml.j2", x=None))).startswith("i.yaml.j2:2: the value")


def test_an_unknown_template_names_the_nearest():
    assert fault(Templates({"job.yaml.j2": ""}).kind, "jobs.yaml.j2") == (
        "jobs.yaml.j2:1: there is no template jobs.yaml.j2: did you mean job.yaml.j2?"
    )


def test_a_fault_knows_its_place(show):
    with pytest.raises(TemplateFault) as raised:
        show("a: 1\nb: ${{ x | upper }}\n", x="")
    assert (raised.value.template, raised.value.line, str(raised.value.place)) == ("t.yaml.j2", 2, "t.yaml.j2:2:1")
