"""A dashboard shows what a monitor's job leaves at each look, coloured by what the monitor wants."""

from __future__ import annotations

import re
from typing import Any

import pytest

from mlops_spec.blueprint import signals as table
from mlops_spec.compiler import Compilation
from tests.blueprint.test_alerts import LOCK, VERSION
from tests.blueprint.test_dashboards import QUOTED, SERIES, SHOWN, model, panels, steps
from tests.blueprint.test_monitors import compiled

DRIFT = "drift: {method: psi, threshold: 0.2, share: 30%, columns: [plan], consecutive: 3, action: retrain}"


def shown(*changes: tuple[str, str], lock: str = LOCK) -> Compilation:
    return compiled(SHOWN, *changes, lock=lock)


def watched(result: Compilation) -> dict[str, Any]:
    """The panels below the monitor's own heading."""
    dashboard = model(result)
    headings = [panel["title"] for panel in dashboard["panels"] if panel["type"] == "row"]
    assert headings[-1] == "watch"
    (start,) = (index for index, panel in enumerate(dashboard["panels"]) if panel["title"] == "watch")
    return panels({"panels": dashboard["panels"][start:]})


def expression(panel: Any) -> str:
    (target,) = panel["targets"]
    return str(target["expr"])


def test_each_condition_has_its_panels() -> None:
    assert {title: panel["type"] for title, panel in watched(shown()).items()} == {
        "Last look": "stat", "Rows": "stat", "Columns that have moved": "stat", "Breached": "stat",
        "Drift by column": "status-history", "Drift of predictions": "timeseries", "Predictions": "timeseries",
        "Empty, wanted < 1%": "status-history", "Out of range": "status-history", "New categories": "status-history",
        "Performance: auc": "timeseries", "Breaches in a row": "status-history", "refunds": "timeseries",
    }  # fmt: skip


def test_colours_are_those_of_the_conditions() -> None:
    found = watched(shown())
    assert steps(found["Last look"])[1][0] == pytest.approx(7 * 86400 + 7200)
    assert steps(found["Rows"]) == [(None, "orange"), (100, "green")]
    assert steps(found["Columns that have moved"]) == [(None, "green"), (0.3, "orange")]
    assert steps(found["Drift by column"]) == [(None, "green"), (0.1, "yellow"), (0.2, "orange"), (0.4, "dark-red")]
    assert steps(found["Empty, wanted < 1%"]) == [(None, "green"), (0.01, "red")]
    assert steps(found["Out of range"]) == [(None, "green"), (1e-9, "red")]
    assert steps(found["New categories"]) == [(None, "green"), (0.001, "red")]
    assert steps(found["Performance: auc"]) == [(None, "orange"), (0.78, "green")]


@pytest.mark.parametrize("method, word, first", [("psi", "topk(30, ", "green"), ("ks", "bottomk(30, ", "dark-red")])
def test_of_p_values_the_smallest_are_the_hot_ones(method: str, word: str, first: str) -> None:
    found = watched(shown((DRIFT, DRIFT.replace("psi", method))))["Drift by column"]
    assert expression(found).startswith(word)
    assert steps(found)[0] == (None, first)


def test_without_a_share_one_column_that_has_moved_is_a_breach() -> None:
    found = watched(shown((DRIFT, DRIFT.replace(" share: 30%,", ""))))
    assert steps(found["Columns that have moved"]) == [(None, "green"), (1e-9, "orange")]


def test_columns_that_may_be_empty_alike_share_a_panel() -> None:
    nulls = ('nulls: {tenure: "< 1%"}', 'nulls: {tenure: "< 1%", plan: "< 1%", age: "< 5%"}')
    found = watched(shown(nulls))
    asked = {
        title: [target["legendFormat"] for target in panel["targets"]]
        for title, panel in found.items()
        if title.startswith("Empty")
    }
    assert asked == {"Empty, wanted < 5%": ["age"], "Empty, wanted < 1%": ["plan", "tenure"]}


def test_each_query_of_many_has_a_name_of_its_own() -> None:
    columns = ", ".join(f'c{number}: "< 1%"' for number in range(60))
    targets = watched(shown(('nulls: {tenure: "< 1%"}', f"nulls: {{{columns}}}")))["Empty, wanted < 1%"]["targets"]
    names = [target["refId"] for target in targets]
    assert (len(names), len(set(names)), names[0], names[26]) == (60, 60, "A", "A1")


def test_each_panel_says_what_asked_for_it() -> None:
    found = watched(shown())
    for title, address in (
        ("Last look", "monitors.watch.schedule"), ("Drift by column", "monitors.watch.drift"),
        ("Predictions", "monitors.watch.prediction_drift"), ("Out of range", "monitors.watch.quality"),
        ("Performance: auc", "monitors.watch.performance"),
    ):  # fmt: skip
        assert f"Asked for by `mlops.yaml#{address}` in default." in found[title]["description"]
    wanted = "Wanted: `>= 0.78`, else a ticket by `monitors.watch.performance.require.auc`."
    assert wanted in found["Performance: auc"]["description"]
    assert "drift at 3" in found["Breaches in a row"]["description"]


def test_every_series_is_one_that_the_job_leaves_of_this_monitor() -> None:
    labels_of = {series.name: {*table.MONITORED_BY, *series.labels} for series in table.PUSHED}
    named = set()
    for text in (target["expr"] for panel in watched(shown()).values() for target in panel["targets"]):
        for name, labels in SERIES.findall(text):
            named.add(name)
            assert labels.startswith('namespace="x", model="churn", monitor="watch"'), text
            assert set(re.findall(r"(\w+)=", QUOTED.sub("", labels))) <= labels_of[name], text
        for by, name in re.findall(r"by \(([\w, ]+)\) \((\w+)", text):
            assert set(by.split(", ")) <= labels_of[name], text
    assert named == labels_of.keys()


def test_what_no_job_looks_at_is_not_shown() -> None:
    result = shown(lock=LOCK.replace(f"churn: {VERSION}", ""))
    assert list(panels(model(result))) == ["refunds"]
