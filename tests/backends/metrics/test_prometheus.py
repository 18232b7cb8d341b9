"""PromQL as Prometheus reads it: each text a literal, each number a number, whatever the spec says."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_spec.backends.metrics.prometheus import Prometheus
from mlops_spec.backends.serving.kserve import KServe
from mlops_spec.blueprint.ports import Refused
from mlops_spec.blueprint.signals import ALERTS, DRIFT_SCORE, LAST_LOOK, MISSED, WEIGHTS
from mlops_spec.blueprint.types import Objective
from mlops_spec.language.condition import Condition
from mlops_spec.language.units import Duration
from tests.backends.conftest import service

PROMETHEUS = Prometheus(address="platform.metrics", url=None, push=None, labels={})
STRING = re.compile(r'"(?:\\.|[^"\\\n])*"')


@pytest.fixture
def signals(nodes):
    return KServe(address="platform.serving", mode="standard").signals(nodes.service())


def shape(text: str) -> str:
    return STRING.sub("S", text)


FOUND = KServe(address="platform.serving", mode="standard").signals(service())
OBJECTIVE = Objective(address="models.churn.slo", share=0.999, under=0.25)
SAID: list[Callable[[dict[str, str]], str]] = [
    lambda labels: PROMETHEUS.check("error_rate", Condition("< 1%"), FOUND, labels).breach,
    lambda labels: PROMETHEUS.measured("latency_p99", FOUND, labels, ("version",)),
    lambda labels: PROMETHEUS.split(FOUND, labels, "version"),
    lambda labels: PROMETHEUS.spread(FOUND, labels),
    lambda labels: PROMETHEUS.left(OBJECTIVE, FOUND, labels, Duration("30d")),
    lambda labels: PROMETHEUS.pace(MISSED, labels, 0.999),
    lambda labels: PROMETHEUS.latest(WEIGHTS, labels, ("version",)),
    lambda labels: PROMETHEUS.counted(ALERTS, labels, above=0),
    lambda labels: PROMETHEUS.outermost(DRIFT_SCORE, labels, "column", 30, least=True),
    lambda labels: PROMETHEUS.age(LAST_LOOK, labels),
    lambda labels: PROMETHEUS.begun(WEIGHTS, labels),
]


@pytest.mark.parametrize("say", SAID)
@given(value=st.text(st.sampled_from("\"\\\n{}()#'`,=x") | st.characters(exclude_categories=["Cs"])))
def test_a_label_s_value_is_one_literal(say: Callable[[dict[str, str]], str], value: str) -> None:
    assert shape(say({"model": value})) == shape(say({"model": "churn"}))


@pytest.mark.parametrize("metric, condition, breach", [
    ("latency_p99", "< 250ms", ">= 0.25"),
    ("latency_p50", "<= 2s", "> 2"),
    ("error_rate", "< 1%", ">= 0.01"),
    ("throughput", "> 1/s", "<= 1"),
])  # fmt: skip
def test_a_breach_is_the_condition_turned_round_in_base_units(signals, metric, condition, breach):
    check = PROMETHEUS.check(metric, Condition(condition), signals, {"model": "churn"})
    assert check.breach == f"{check.query} {breach}"


@pytest.mark.parametrize("metric, condition", [
    ("latency_p99", "< 250"), ("latency_p99", "< 1%"), ("error_rate", "< 1/s"), ("throughput", "> 1%"),
])  # fmt: skip
def test_a_condition_in_another_unit_is_refused(signals, metric, condition):
    with pytest.raises(Refused):
        PROMETHEUS.check(metric, Condition(condition), signals, {})


def test_both_windows_of_a_pace_miss_too_much():
    said = PROMETHEUS.burn(MISSED, {"model": "churn"}, 14.4 * (1 - 0.999), (Duration("1h"), Duration("5m")))
    assert said == (
        '(mlops_slo_missed_ratio{model="churn", window="1h"} > 0.0144'
        ' and ignoring(window) mlops_slo_missed_ratio{model="churn", window="5m"} > 0.0144)'
    )


def test_a_server_in_the_cluster_tells_its_namespace():
    inside = Prometheus(address="x", url="http://prometheus.monitoring.svc:9090", push=None, labels={})
    assert (inside.scraped_from(), PROMETHEUS.scraped_from()) == ("monitoring", None)
