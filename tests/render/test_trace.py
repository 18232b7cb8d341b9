"""Every line names its template line, every printed value its spec address, fixed text the resource."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_spec.blueprint.ports import file
from mlops_spec.language.text import Block, Name
from mlops_spec.language.units import Duration
from mlops_spec.model.node import Node
from mlops_spec.render.environment import Templates

TEMPLATES = {
    "w.yaml.j2": """\
{# a workflow #}
{% from "m.yaml.j2" import metadata, label %}

kind: Workflow
metadata:
  ${{ metadata(pipeline) }}
spec:
  {% for step in pipeline.steps %}
  - name: ${{ step.name }}
    {% if step.limits %}
    cpu: ${{ step.limits.cpu }}
    {% endif %}
    args:
      {% for word in step.words %}
      - ${{ word }}
      {% endfor %}

    host: ${{ step.name }}.${{ pipeline.name }}.svc
    text: ${{ step.text }}
  {% endfor %}
  ${{ label(pipeline.name) }}
  timeout: ${{ pipeline.timeout.seconds }}
  ${{ label("fixed") }}
""",
    "m.yaml.j2": """\
{% macro label(value) %}
label: ${{ value }}
{% endmacro %}
{% macro metadata(of) %}
name: ${{ of.name }}
labels:
  ${{ of.key }}: x

  ${{ label(of.key) }}
{% endmacro %}
""",
    "map.yaml.j2": "data:\n  config: ${{ config }}\n  other: ${{ owner.name }}\n",
}


def pipeline(text="a\n\nb", words=("run", "no"), key="k"):
    at = "pipelines.train"
    step = Node(
        address=f"{at}.steps.fit",
        name=Name("fit"),
        limits=Node(address=f"{at}.steps.fit.limits", cpu="1"),
        words=words,
        text=Block(text),
    )
    return Node(address=at, name=Name("train"), key=key, steps=(step,), timeout=Duration("1m"))


EXISTING = {"pipelines.train.timeout", "pipelines.train.steps.fit.limits.cpu"}
WORKFLOW = file("w.yaml.j2", pipeline=pipeline())
EXPECTED = """\
kind: Workflow                  | w:4  | pipelines.train
metadata:                       | w:5  | pipelines.train
  name: train                   | m:5  | pipelines.train
  labels:                       | m:6  | pipelines.train
    k: x                        | m:7  | pipelines.train
                                | m:8  | pipelines.train
    label: k                    | m:2  | pipelines.train
spec:                           | w:7  | pipelines.train
  - name: fit                   | w:9  | pipelines.train.steps.fit
    cpu: "1"                    | w:11 | pipelines.train.steps.fit.limits.cpu
    args:                       | w:13 | pipelines.train
      - run                     | w:15 | pipelines.train.steps.fit
      - "no"                    | w:15 | pipelines.train.steps.fit
                                | w:17 | pipelines.train
    host: fit.train.svc         | w:18 | pipelines.train, pipelines.train.steps.fit
    text: |-                    | w:19 | pipelines.train.steps.fit
      a                         | w:19 | pipelines.train.steps.fit
                                | w:19 | pipelines.train.steps.fit
      b                         | w:19 | pipelines.train.steps.fit
  label: train                  | m:2  | pipelines.train
  timeout: 60                   | w:22 | pipelines.train.timeout
  label: fixed                  | m:2  | pipelines.train
"""


def table(lines):
    rows = [(line.text, line.template.removesuffix(".yaml.j2"), line.template_line, line.addresses) for line in lines]
    return "".join(f"{text:31} | {name}:{at:<2} | {', '.join(addresses)}\n" for text, name, at, addresses in rows)


@pytest.mark.parametrize("traced", [True, False])
def test_each_line_names_what_made_it(traced):
    templates = Templates(TEMPLATES, traced=traced)
    lines = templates.lines(WORKFLOW, exists=EXISTING.__contains__)
    assert table(line._replace(addresses=tuple(sorted(line.addresses))) for line in lines) == EXPECTED


def test_without_a_spec_a_value_names_its_owner():
    lines = Templates(TEMPLATES).lines(WORKFLOW)
    assert [line.addresses for line in lines if "cpu" in line.text] == [("pipelines.train.steps.fit.limits",)]


def test_the_lines_of_a_nested_file_name_its_template():
    owner = Node(address="models.churn", name="churn")
    templates = Templates(
        {**TEMPLATES, "m.yaml.j2": "a: 1\n\nb: ${{ n.name }}\n"},
    )
    nested = file("m.yaml.j2", n=Node(address="monitors.drift", name="drift"))
    lines = templates.lines(file("map.yaml.j2", owner=owner, config=nested))
    assert (
        table(lines)
        == """\
data:                           | map:1  | models.churn
  config: |                     | map:2  | models.churn
    a: 1                        | m:1  | models.churn
                                | m:2  | models.churn
    b: drift                    | m:3  | monitors.drift
  other: churn                  | map:3  | models.churn
"""
    )


def test_text_that_no_node_owns_has_no_address():
    (line,) = Templates({"t.yaml.j2": "a: ${{ x }}\n"}).lines(file("t.yaml.j2", x="b"))
    assert line == ("a: b", "t.yaml.j2", 1, ())


SCRIPTS = {
    "t.py.j2": "{% macro m(n) %}\n(${{ n.text }},\n\n  '${{ n.name }}')\n{% endmacro %}\nx = [\n    ${{ m(n) }}\n]\n",
    "t.json.j2": '{\n\n"a": ${{ n.text }}, ${{ n.text }}: 1}\n\n\n',
    "t.sh.j2": "{% macro m(n) %}\nrun ${{ n.text }}/x\n{% endmacro %}\nif a; then\n  ${{ m(n) }}\nfi\n",
}
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"])) | st.text(st.sampled_from("a \n\t:#'\"|"))
SHELL_TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.just("\n"))


@given(text=ANY_TEXT, words=st.lists(ANY_TEXT, max_size=3), key=ANY_TEXT)
def test_a_traced_render_has_the_same_bytes(text, words, key):
    workflow = file("w.yaml.j2", pipeline=pipeline(text, tuple(words), key))
    wrapped = file("map.yaml.j2", config=workflow, owner=pipeline())
    ordinary, traced = Templates(TEMPLATES), Templates(TEMPLATES, traced=True)
    for printed in (workflow, wrapped):
        rendered = ordinary.render(printed)
        assert traced.render(printed) == rendered
        assert [line.text for line in traced.lines(printed)] == rendered.removesuffix("\n").split("\n")


@pytest.mark.parametrize("template", SCRIPTS)
@given(text=SHELL_TEXT)
def test_a_traced_script_has_the_same_bytes(template, text):
    printed = file(template, n=Node(address="a.b", text=text, name=Name("x")))
    templates = Templates(SCRIPTS)
    rendered = templates.render(printed)
    assert [line.text for line in templates.lines(printed)] == rendered.removesuffix("\n").split("\n")
    assert {line.template for line in templates.lines(printed)} == {template}
