"""Conditions that are settled before anything is measured."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_spec.language.condition import Condition
from mlops_spec.lint.bounds import as_percentage, is_settled, largest


@pytest.mark.parametrize("metric", ["auc", "roc_auc", "val_auroc"])
def test_an_auc_is_1_at_most(metric: str) -> None:
    assert largest(metric) == (1,)


@pytest.mark.parametrize("metric", ["accuracy", "val_accuracy", "balanced_accuracy", "f1", "f1_score", "recall"])
def test_some_measure_it_in_percent(metric: str) -> None:
    assert largest(metric) == (1, 100)


@pytest.mark.parametrize("metric", ["loss", "rmse", "auc_loss", "gini", "accuracy_drop", "precise", "f10", "recalls"])
def test_of_any_other_metric_nothing_is_known(metric: str) -> None:
    assert largest(metric) == ()
    assert is_settled(Condition(">= 0"), largest(metric)) is None


@given(st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), st.decimals(-2, 2, places=2), st.floats(0, 1))
def test_what_is_settled_holds_for_every_number_or_for_none(operator: str, value: object, measured: float) -> None:
    condition = Condition(f"{operator} {value}")
    settled = is_settled(condition)
    assert settled is None or condition.holds(measured) is settled


@pytest.mark.parametrize(
    ("condition", "settled"),
    [
        ("> 1", False),
        (">= 1", None),
        (">= 0", True),
        ("> 0", None),
        ("< 5", True),
        ("< 5%", None),
        ("< 0", False),
        ("!= 7", None),
    ],
)
def test_the_ends_count(condition: str, settled: bool | None) -> None:
    assert is_settled(Condition(condition)) is settled


@pytest.mark.parametrize(
    ("condition", "meant"), [(">= 80", ">= 80%"), (">= 0.5", None), (">= 1", None), (">= 800", None), ("> -1%", None)]
)
def test_a_number_above_1_was_meant_as_a_percentage(condition: str, meant: str | None) -> None:
    assert as_percentage(Condition(condition)) == meant


@pytest.mark.parametrize(
    ("condition", "settled"), [(">= 80", None), (">= 0", True), ("> 100", False), ("<= 1", None), (">= 800%", None)]
)
def test_what_may_be_in_percent_is_settled_only_where_both_say_so(condition: str, settled: bool | None) -> None:
    assert is_settled(Condition(condition), (1, 100)) is settled


@pytest.mark.parametrize(("condition", "settled"), [(">= -1", True), (">= -0.9", None), ("> 1", False)])
def test_a_difference_begins_below_0(condition: str, settled: bool | None) -> None:
    assert is_settled(Condition(condition), signed=True) is settled
