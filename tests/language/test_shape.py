from __future__ import annotations

import pytest

from mlops_spec.language import shape


@pytest.mark.parametrize(
    "condition, data, met",
    [
        ({"type": "string"}, "x", True),
        ({"type": "string"}, {}, False),
        ({"required": ["gate"], "properties": {"gate": {"type": "object"}}}, {"gate": {}}, True),
        ({"required": ["gate"], "properties": {"gate": {"type": "object"}}}, {"gate": 1}, False),
        ({"properties": {"backend": {"const": "mlflow"}}}, {}, True),
        ({"required": ["backend"], "properties": {"backend": {"const": "wandb"}}}, {}, False),
        ({"properties": {"op": {"enum": ["move", "copy"]}}}, {"op": "add"}, False),
    ],
)
def test_a_condition_is_met_as_json_schema_says(condition: dict[str, object], data: object, met: bool) -> None:
    assert shape.applies(condition, data) is met


def test_the_keys_of_a_choice_are_those_of_the_chosen_backend() -> None:
    data = {"platform": {"tracking": {"backend": "wandb"}}}
    where = shape.at(shape.root(), data, ("platform", "tracking"))
    assert set(shape.properties(where, data["platform"]["tracking"])) == {
        "backend",
        "entity",
        "project",
        "url",
        "secret",
    }


def test_a_path_goes_through_names_lists_and_references() -> None:
    where = shape.at(shape.root(), {}, ("monitors", "any", "notify", 0))
    assert [part.schema["x-names"] for part in where if "x-names" in part.schema] == ["channels.*"]


def test_a_path_that_the_schemas_do_not_know_has_no_shape() -> None:
    assert shape.at(shape.root(), {}, ("project", "colour")) == ()
