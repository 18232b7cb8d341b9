"""The colour at a number is that of the loudest condition which it breaches."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_spec.blueprint.lower.thresholds import Bound, heat, thresholds
from mlops_spec.blueprint.types import Threshold
from mlops_spec.language.condition import Condition

SEVERITIES = st.sampled_from(["page", "ticket"])
CONDITIONS = st.builds("{} {}".format, st.sampled_from([">", ">=", "<", "<="]), st.integers(-5, 5)).map(Condition)
BOUNDS = st.lists(st.builds(Bound, CONDITIONS, SEVERITIES, st.none()), min_size=1, max_size=4)


def colour(found: tuple[Threshold, ...], number: float) -> str:
    return [step.colour for step in found if step.value is None or number >= step.value][-1]


@given(BOUNDS, st.integers(-12, 12).map(lambda half: half / 2))
def test_a_number_has_the_colour_of_the_loudest_that_it_breaches(bounds: list[Bound], number: float) -> None:
    breached = {bound.severity for bound in bounds if not bound.condition.holds(number)}
    expected = "red" if "page" in breached else "orange" if breached else "green"
    assert colour(thresholds("a", bounds), number) == expected


@given(BOUNDS)
def test_steps_rise_from_below_everything_and_each_changes_the_colour(bounds: list[Bound]) -> None:
    found = thresholds("a", bounds)
    values = [step.value for step in found]
    assert values[0] is None
    assert values[1:] == sorted({value for value in values if value is not None})
    assert all(one.colour != other.colour for one, other in itertools.pairwise(found))


@pytest.mark.parametrize("condition", ["== 1", "!= 1"])
def test_a_condition_without_sides_has_no_colours(condition: str) -> None:
    assert thresholds("a", [Bound(Condition(condition), "page", None)]) == ()
    assert thresholds("a", []) == ()


@pytest.mark.parametrize("condition, shown", [
    ("< 0.2", {0: "green", 0.1: "yellow", 0.2: "red", 0.5: "dark-red"}),
    (">= 0.05", {0: "dark-red", 0.03: "red", 0.05: "yellow", 0.2: "green"}),
])  # fmt: skip
def test_heat_tells_how_far_a_score_is_from_its_bound(condition: str, shown: dict[float, str]) -> None:
    found = heat("a", Bound(Condition(condition), "page", None))
    assert {number: colour(found, number) for number in shown} == shown


def test_a_bound_of_nothing_has_no_heat() -> None:
    bound = Bound(Condition("< 0"), "page", None)
    assert heat("a", bound) == thresholds("a", [bound])
