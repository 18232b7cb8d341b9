"""Grafana reads each text of a dashboard as it is written, whatever the spec says, and finds its data source."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_spec import assets
from mlops_spec.backends.dashboards.grafana import DATA_SOURCE, Grafana
from mlops_spec.blueprint.ports import Refused
from mlops_spec.blueprint.types import Dashboard, Mark, Panel, Query, Row, Threshold
from mlops_spec.language.text import Name
from mlops_spec.render.environment import Templates
from mlops_spec.render.tree import tree
from tests import kept_templates
from tests.backends.conftest import NODES
from tests.yaml_readers import read_by_libyaml

PIECES = [
    "$",
    "${",
    "}",
    "[[",
    "]]",
    ":",
    ".",
    "__",
    "interval",
    "datasource",
    "raw",
    "{{",
    "}}",
    "a",
    " ",
    "é",
    '"',
    "\\",
    "\n",
]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=8).map("".join) | st.text(
    st.characters(exclude_categories=["Cs"]), max_size=8
)


def grafana(**options: Any) -> Grafana:
    return Grafana(
        address="platform.dashboards", **{"instance_selector": {}, "folder": None, "datasource": None, **options}
    )


GRAFANA = grafana()


def interpolated(text: str, variables: dict[str, str]) -> str:
    """Put values in place of variables, as Grafana does (variableRegex of its templating; unknown ones stay)."""
    syntax = re.compile(r"\$(\w+)|\[\[(\w+?)(?::(\w+))?\]\]|\${(\w+)(?:\.([^:^\}]+))?(?::([^\}]+))?}", re.ASCII)

    def value(found: re.Match[str]) -> str:
        name = found[1] or found[2] or found[4]
        return "VALUE" if name.startswith("__") else variables.get(name, found.group())

    return syntax.sub(value, text)


@given(TEXTS)
def test_a_text_stands_for_itself_or_is_refused(text: str) -> None:
    changed = interpolated(text, {DATA_SOURCE: "VALUE"}) != text
    try:
        said = GRAFANA.literal(text)
    except Refused:
        assert changed
    else:
        assert not changed
        assert said == text


@pytest.mark.parametrize(
    "text", ["$__range", "a${datasource}b", "${datasource:regex}", "${__field.name}", "[[datasource]]", "$datasource."]
)
def test_what_would_be_a_variable_is_refused_by_its_name(text: str) -> None:
    with pytest.raises(Refused, match="Grafana would put the value of a variable in place of"):
        GRAFANA.literal(text)


@pytest.mark.parametrize(
    "text", ["$1", "costs $5", "^a$", "$name", "${x}", "[[ -f a ]]", "$datasources", "$(HOME)", "$"]
)
def test_what_is_no_variable_comes_back(text: str) -> None:
    assert GRAFANA.literal(text) == text


def panel(kind: str, **changes: Any) -> Panel:
    kinds = dict.fromkeys(("lines", "areas", "number", "names", "history", "spread"), False)
    query = Query(address="a", name=Name("A"), expression='up{a="\\n]}"}', legend="{{a}}", instant=False)
    fields = {
        "id": 7, "title": "Up", "description": 'Says "up",]', "x": 0, "y": 1, "width": 24, "height": 8, "unit": Name("s"),
        "least": None, "most": None, "thresholds": (), "queries": (query,), **kinds, kind: True, **changes,
    }  # fmt: skip
    return Panel(address="monitors.watch.custom.up", **fields)


def dashboard(nodes: Any, *panels: Panel, **changes: Any) -> Dashboard:
    row = Row(address="monitors.watch", id=3, title="watch", y=0, panels=panels)
    fields = {
        "uid": Name("x_dev_churn"), "title": "churn", "description": None, "tags": (), "family": "x", "link": None,
        "marks": (), "rows": (row,), **changes,
    }  # fmt: skip
    return Dashboard(**nodes.resource("churn", "monitoring"), **fields)


@pytest.fixture
def model(nodes: Any, printed: Any) -> Any:
    """Print a dashboard, and read back Grafana's own model of it, and the object that holds it."""

    def model(*panels: Panel, options: Grafana = GRAFANA, **changes: Any) -> tuple[Any, Any]:
        blueprint = nodes.blueprint(dashboards=(dashboard(nodes, *panels, **changes),))
        (found,) = printed(options.emit(blueprint)).values()
        return json.loads(found["spec"]["json"]), found

    return model


@pytest.mark.parametrize("kind, type_", [
    ("lines", "timeseries"), ("areas", "timeseries"), ("number", "stat"), ("names", "stat"), ("history", "status-history"),
    ("spread", "heatmap"),
])  # fmt: skip
def test_each_kind_of_panel_is_one_of_grafana_s(model: Any, kind: str, type_: str) -> None:
    row, shown = model(panel(kind))[0]["panels"]
    assert (row["type"], row["title"], row["panels"]) == ("row", "watch", [])
    assert (shown["type"], shown["id"], shown["title"], shown["description"]) == (type_, 7, "Up", 'Says "up",]')
    assert shown["gridPos"] == {"x": 0, "y": 1, "w": 24, "h": 8}
    assert shown["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
    (target,) = shown["targets"]
    assert (target["refId"], target["expr"], target["legendFormat"]) == ("A", 'up{a="\\n]}"}', "{{a}}")
    assert target["format"] == ("heatmap" if kind == "spread" else "time_series")


def test_areas_stand_on_top_of_each_other_and_names_are_shown_as_names(model: Any) -> None:
    def settings(kind: str) -> Any:
        return model(panel(kind))[0]["panels"][1]

    assert settings("areas")["fieldConfig"]["defaults"]["custom"]["stacking"]["mode"] == "normal"
    assert "stacking" not in settings("lines")["fieldConfig"]["defaults"]["custom"]
    assert (settings("names")["options"]["textMode"], settings("number")["options"]["textMode"]) == ("name", "value")


def test_bounds_are_drawn_and_zero_is_one_of_them(model: Any) -> None:
    steps = tuple(
        Threshold(address="a", value=value, colour=Name(colour)) for value, colour in ((None, "red"), (0, "green"))
    )
    shown = model(panel("lines", thresholds=steps, least=0, most=1))[0]["panels"][1]["fieldConfig"]["defaults"]
    assert (shown["min"], shown["max"], shown["unit"]) == (0, 1, "s")
    assert shown["thresholds"]["steps"] == [{"color": "red", "value": None}, {"color": "green", "value": 0}]
    assert shown["custom"]["thresholdsStyle"] == {"mode": "dashed"}
    plain = model(panel("lines"))[0]["panels"][1]["fieldConfig"]["defaults"]
    assert not {"min", "max", "thresholds"} & plain.keys()


def test_a_query_of_now_asks_for_no_range(model: Any) -> None:
    query = Query(address="a", name=Name("A"), expression="up", legend="", instant=True)
    (target,) = model(panel("number", queries=(query,)))[0]["panels"][1]["targets"]
    assert (target["instant"], target["range"]) == (True, False)


def test_the_data_source_is_grafana_s_default_unless_it_has_a_name(model: Any) -> None:
    def variable(options: Grafana) -> Any:
        (found,) = model(panel("lines"), options=options)[0]["templating"]["list"]
        return found

    assert variable(GRAFANA)["current"] == {"text": "default", "value": "default"}
    named = variable(grafana(datasource="Prom (eu)"))
    assert named["current"] == {"text": "Prom (eu)", "value": "Prom (eu)"}
    assert re.fullmatch(named["regex"], "Prom (eu)")
    assert not re.fullmatch(named["regex"], "Prom eu")
    assert named["name"] == DATA_SOURCE


def test_the_operator_is_told_where_it_appears(model: Any) -> None:
    spec = model(panel("lines"))[1]["spec"]
    assert (spec["folder"], spec["instanceSelector"], spec["allowCrossNamespaceImport"]) == ("churn", {}, True)
    options = grafana(folder="ML", instance_selector={"dashboards": "main"})
    spec = model(panel("lines"), options=options)[1]["spec"]
    assert (spec["folder"], spec["instanceSelector"]) == ("ML", {"matchLabels": {"dashboards": "main"}})


def test_marks_and_links_are_printed(model: Any) -> None:
    mark = Mark(address="a", name="Alerts", expression="ALERTS", title="{{alertname}}", colour=Name("red"))
    shown = model(panel("lines"), marks=(mark,), link="https://git.acme.example/x.git", tags=("a", "b"))[0]
    (found,) = shown["annotations"]["list"]
    assert (found["expr"], found["titleFormat"], found["iconColor"]) == ("ALERTS", "{{alertname}}", "red")
    assert [link.get("url") for link in shown["links"]] == ["https://git.acme.example/x.git", None]
    assert shown["tags"] == ["a", "b"]


@given(text=TEXTS)
def test_any_text_comes_back_from_the_model(text: str) -> None:
    shown = dashboard(NODES, panel("lines", title=text, description=text), title=text, description=text, tags=(text,))
    files = GRAFANA.emit(NODES.blueprint(dashboards=(shown,)))
    made, _, _ = tree(files, Templates([assets.TEMPLATES], cache=kept_templates.templates()))
    found = json.loads(read_by_libyaml(next(iter(made.values())))["spec"]["json"])
    assert (found["title"], found.get("description", ""), found["tags"]) == (text, text, [text])
    assert (found["panels"][1]["title"], found["panels"][1]["description"]) == (text, text)


def test_the_crd_takes_it(model: Any, conforms: Any) -> None:
    conforms({"dashboard": model(panel("history"), options=grafana(folder="ML"))[1]})
