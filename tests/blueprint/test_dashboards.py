"""Lowering decides what a dashboard shows, where, in which colours, and that somebody writes each series."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from mlops_spec.backends.serving.kserve import KServe
from mlops_spec.blueprint import signals as table
from mlops_spec.compiler import Compilation
from tests.backends.conftest import service
from tests.blueprint.test_alerts import LOCK, VERSION, compiled, objects, rules, told
from tests.yaml_readers import read_by_libyaml

SHOWN = ("    notify: [chat, mail, pager, hook]\n", "    notify: [chat, mail, pager, hook]\n    dashboard: true\n")
CANARY = (
    "serving: {replicas: {min: 1}}",
    "serving: {replicas: {min: 1}, expose: {path: /churn}, shadow: {version: '@challenger', sample: 10%},"
    " rollout: {strategy: canary, steps: [{weight: 10}, {weight: 100}]}}",
)
HOST = ("  runtime: {image", '  gateway: {class: istio, host: "*.acme.example"}\n  runtime: {image')
STEP = LOCK.replace(
    f"churn: {VERSION}",
    f"churn: {VERSION[:-1].replace('version: 6', 'version: 7')}, rollout: {{step: 0, from: {VERSION}}}, shadow: {VERSION}}}",
)
SERIES = re.compile(r"(\w+)\{([^{}]*)\}")
QUOTED = re.compile(r'"(?:\\.|[^"\\])*"')


def shown(*changes: tuple[str, str], lock: str = LOCK) -> Compilation:
    return compiled(SHOWN, *changes, lock=lock)


def canary() -> Compilation:
    """A rollout at its first step, with a shadow beside it."""
    return shown(CANARY, HOST, lock=STEP)


def model(result: Compilation, name: str = "churn") -> Any:
    """Grafana's own model of a dashboard."""
    return json.loads(objects(result, "GrafanaDashboard")[name]["spec"]["json"])


def panels(dashboard: Any) -> dict[str, Any]:
    """The panels by their titles, of which no two are alike."""
    found = [panel for panel in dashboard["panels"] if panel["type"] != "row"]
    by_title = {panel["title"]: panel for panel in found}
    assert len(by_title) == len(found)
    return by_title


def expressions(dashboard: Any) -> Iterator[str]:
    yield from (mark["expr"] for mark in dashboard["annotations"]["list"])
    yield from (target["expr"] for panel in panels(dashboard).values() for target in panel["targets"])


def steps(panel: Any) -> list[tuple[float | None, str]]:
    return [(step["value"], step["color"]) for step in panel["fieldConfig"]["defaults"]["thresholds"]["steps"]]


def test_a_model_has_a_dashboard_where_one_of_its_monitors_asks_for_it() -> None:
    assert not objects(compiled(), "GrafanaDashboard")
    assert list(objects(shown(), "GrafanaDashboard")) == ["churn"]


def test_it_shows_what_a_server_does_now_and_how_that_came_to_be() -> None:
    result = model(shown())
    assert list(panels(result)) == [
        "Versions", "Requests", "Errors", "Latency p99", "Budget: availability", "Budget: latency", "Alerts",
        "Requests by version", "Requests that failed", "Latency", "Latency of all requests",
        "Use of the budget: availability", "Use of the budget: latency", "refunds",
    ]  # fmt: skip
    rows = [panel["title"] for panel in result["panels"] if panel["type"] == "row"]
    assert rows == ["Requests", "Latency", "Objectives", "watch"]


def test_a_canary_s_versions_and_a_shadow_stand_beside_each_other() -> None:
    result = model(canary())
    assert {"Share of requests", "Errors by version", "Latency p99 by version"} <= set(panels(result))
    assert "Shadow" in [panel["title"] for panel in result["panels"] if panel["type"] == "row"]


def test_the_wanted_share_of_each_version_is_kept_as_the_lock_has_it() -> None:
    def kept(result: Compilation) -> list[tuple[str, str, str]]:
        (group,) = objects(result, "PrometheusRule")["churn.versions"]["spec"]["groups"]
        return [(rule["labels"]["version"], rule["labels"]["weight"], rule["expr"]) for rule in group["rules"]]

    assert kept(shown()) == [("v6", "100%", "vector(1)")]
    assert kept(canary()) == [("v6", "90%", "vector(0.9)"), ("v7", "10%", "vector(0.1)")]
    assert "churn.versions" not in objects(compiled(), "PrometheusRule")


def test_colours_change_where_the_conditions_of_alerts_do() -> None:
    found = panels(model(shown()))
    assert steps(found["Latency p99"]) == [(None, "green"), (0.3, "red")]
    assert steps(found["Requests"]) == [(None, "red"), (1.000000001, "green")]
    assert steps(found["refunds"]) == [(None, "green"), (50, "orange")]
    assert steps(found["Latency"]) == [(None, "green"), (0.05, "red")]
    assert steps(found["Use of the budget: availability"]) == [(None, "green"), (1, "orange"), (6, "red")]


def test_the_number_of_latency_is_the_one_that_is_alerted() -> None:
    found = panels(model(shown(('latency_p99: "< 300ms", ', ""))))
    assert "Latency p95" in found
    assert "Latency p99" not in found


def test_each_panel_says_what_asked_for_it() -> None:
    result = model(canary())
    for panel in panels(result).values():
        asked = re.search(r"Asked for by `mlops\.yaml#(\S+)` in default\.", panel["description"])
        assert asked, panel["title"]
    wanted = "Wanted: `< 300ms`, else a page by `monitors.watch.service.latency_p99`."
    assert wanted in panels(result)["Latency p99"]["description"]
    assert "Asked for by `mlops.yaml#models.churn.slo.latency`" in panels(result)["Budget: latency"]["description"]


def test_the_analysis_of_a_rollout_colours_the_versions_beside_each_other() -> None:
    change = ("{weight: 100}]}", '{weight: 100}], analysis: {error_rate: "< 2%", latency_p95: "< 200ms"}}')
    result = model(shown((CANARY[0], CANARY[1].replace(*change)), HOST, lock=STEP))
    found = panels(result)
    assert steps(found["Errors by version"]) == [(None, "green"), (0.02, "red")]
    assert steps(found["Latency p95 by version"]) == [(None, "green"), (0.2, "red")]
    assert "The analysis of a rollout wants `< 200ms`." in found["Latency p95 by version"]["description"]


def test_units_are_those_of_what_is_measured() -> None:
    found = panels(model(shown()))
    units = {title: panel["fieldConfig"]["defaults"].get("unit") for title, panel in found.items()}
    assert (units["Requests"], units["Errors"], units["Latency"], units["refunds"]) == (
        "reqps", "percentunit", "s", "short",
    )  # fmt: skip


def test_every_series_is_one_that_somebody_writes() -> None:
    result = canary()
    found = KServe(address="platform.serving", mode="standard").signals(service())
    of_servers = {found.requests, *(f"{found.latency}_{part}" for part in ("bucket", "count", "sum"))}
    kept = [
        {(key, value) for key, value in {"__name__": rule["record"], **rule["labels"]}.items()}
        for group in objects(result, "PrometheusRule").values()
        for rule in group["spec"]["groups"][0]["rules"]
        if "record" in rule
    ]
    tabled = {each.name for each in vars(table).values() if isinstance(each, table.Series)}
    own = "sum(increase(refunds_total[1h]))"
    named = [
        (name, labels)
        for text in expressions(model(result))
        for name, labels in SERIES.findall(text)
        if own not in text
    ]
    assert {name for name, _ in named} <= {*of_servers, *tabled}
    for name, labels in named:
        if name in (table.MISSED.name, table.WEIGHTS.name):
            wanted = {("__name__", name), *((k, json.loads(v)) for k, v in re.findall(r'(\w+)=("[^"]*")', labels))}
            assert any(wanted <= rule for rule in kept), (name, labels)


def test_every_expression_names_its_series_with_labels() -> None:
    """Else the test above would not see them."""
    for text in expressions(model(canary())):
        bare = re.findall(r"\b(?:rest_server|mlops)_\w+\b(?!\{)", QUOTED.sub('""', text))
        assert not bare, text


def test_a_dashboard_keeps_its_address_and_its_panels_theirs() -> None:
    before, after = (
        model(shown(*changes))
        for changes in ((), (("custom: {refunds", "custom: {a: {query: up, require: '< 1'}, refunds"),))
    )
    assert before["uid"] == after["uid"] == "x_default_churn"
    ids = [{title: panel["id"] for title, panel in panels(each).items()} for each in (before, after)]
    assert ids[0].items() <= ids[1].items()
    assert len(ids[1]) == len(ids[0]) + 1


def test_a_long_name_has_an_address_of_forty_characters_of_its_own() -> None:
    long = "a" * 63
    found = {model(shown(("project: {name: x}", f"project: {{name: {long[:-1]}{end}}}")))["uid"] for end in ("b", "c")}
    assert len(found) == 2
    assert all(re.fullmatch(r"[a-zA-Z0-9_-]{1,40}", uid) for uid in found)


def test_versions_and_alerts_are_marked_in_all_panels() -> None:
    marks = {mark["name"]: mark for mark in model(shown())["annotations"]["list"]}
    assert marks["Versions and steps"]["titleFormat"] == "{{version}} gets {{weight}} of the requests"
    assert 'ALERTS{namespace="x", model="churn", alertstate="firing"}' in marks["Alerts"]["expr"]


def test_the_alerts_of_a_model_of_a_long_name_are_all_its_own() -> None:
    name = "m" * 60
    result = shown(("  churn:\n", f"  {name}:\n"), ("model: churn", f"model: {name}"), lock=LOCK.replace("churn", name))
    found = rules(result).values()
    assert len(found) > 6
    assert {rule["labels"]["model"] for rule in found} == {name}
    asked = [text for text in expressions(model(result, name)) if "ALERTS" in text]
    assert len(asked) == 2
    assert all(f'model="{name}"' in text for text in asked)


def test_it_leads_to_the_repository_where_a_browser_can_open_it() -> None:
    def links(repository: str) -> list[str]:
        found = model(shown(("project: {name: x}", f"project: {{name: x, repository: '{repository}'}}")))["links"]
        return [link["url"] for link in found if link["type"] == "link"]

    assert links("https://git.acme.example/x.git") == ["https://git.acme.example/x.git"]
    assert links("git@git.acme.example:x.git") == []


def test_a_model_that_is_not_served_shows_what_its_monitor_asks_itself() -> None:
    result = shown(lock=LOCK.replace(f"churn: {VERSION}", ""))
    assert list(panels(model(result))) == ["refunds"]
    assert [mark["name"] for mark in model(result)["annotations"]["list"]] == ["Alerts"]


def test_a_dashboard_that_would_show_nothing_is_withheld() -> None:
    nothing = (
        "    custom: {refunds: {query: 'sum(increase(refunds_total[1h]))', require: \"< 50\", action: retrain}}\n",
        "",
    )
    result = shown(nothing, lock=LOCK.replace(f"churn: {VERSION}", ""))
    assert not objects(result, "GrafanaDashboard")
    assert (
        "monitors.watch.dashboard: `monitors.watch.dashboard` is withheld: nothing is measured of churn that it could show"
        in told(result, "MS140")
    )


@pytest.mark.parametrize("text", ["$__interval", "${datasource}", "[[datasource:raw]]", "${__user.login}"])
def test_a_query_that_the_dashboard_would_change_is_an_error_where_it_is_said(text: str) -> None:
    result = shown(("sum(increase(refunds_total[1h]))", f'sum(increase(refunds_total{{a="{text}"}}[1h]))'))
    assert told(result, "MS127") == [
        f"monitors.watch.custom.refunds: Grafana would put the value of a variable in place of {text}"
    ]
    (problem,) = (d for d in result.diagnostics if d.code == "MS127")
    assert problem.place
    assert problem.hint


def test_what_looks_like_a_variable_and_is_none_comes_back() -> None:
    query = 'label_replace(up{a=~"x$"}, "b", "$1", "a", "(.*)")'
    result = shown(("sum(increase(refunds_total[1h]))", query.replace("'", "''")))
    assert panels(model(result))["refunds"]["targets"][0]["expr"] == f"(\n{query}\n)"


def test_the_operator_s_crd_takes_it(conforms: Any) -> None:
    conforms({"dashboard": objects(canary(), "GrafanaDashboard")["churn"]})


def test_the_rendered_model_is_readable_in_a_pull_request() -> None:
    (text,) = (text for path, text in shown().tree.items() if "/grafanadashboard-" in path)
    assert "  json: |\n" in text
    assert isinstance(read_by_libyaml(text)["spec"]["json"], str)
