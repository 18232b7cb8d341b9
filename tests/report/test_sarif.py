"""What code scanning reads of a problem, by the letter of SARIF's schema."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_spec.diagnostic import Diagnostic, Place, Related, Severity
from mlops_spec.report.sarif import render


def test_sarif_names_rules_places_and_related_places(problems: list[Diagnostic]) -> None:
    log = json.loads(render(problems, {}, rules={"MS013": "duplicate key"}, version="1.2.3"))
    (run,) = log["runs"]
    assert log["version"] == "2.1.0"
    assert run["columnKind"] == "unicodeCodePoints"
    assert run["tool"]["driver"]["version"] == "1.2.3"
    rules = run["tool"]["driver"]["rules"]
    assert rules[0] == {"id": "MS013", "shortDescription": {"text": "duplicate key"}}
    assert [rules[r["ruleIndex"]]["id"] for r in run["results"]] == [d.code for d in problems]
    (location,) = run["results"][0]["locations"]
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "a%20folder/mlops.yaml"},
        "region": {"startLine": 3, "startColumn": 7},
    }
    assert run["results"][0]["relatedLocations"][0]["message"] == {"text": "first"}
    assert [r["level"] for r in run["results"]] == ["error", "warning", "warning"]


PLACES = st.none() | st.builds(Place, st.text(min_size=1), st.integers(1), st.integers(1))
PROBLEMS = st.builds(
    Diagnostic,
    st.sampled_from(Severity),
    st.sampled_from(["MS013", "MS204", "MS205"]),
    st.text(min_size=1),
    PLACES,
    st.text(),
    st.text(),
    st.lists(st.builds(Related, st.text(min_size=1), PLACES.filter(bool)), max_size=2).map(tuple),
    st.lists(st.text(), max_size=2).map(tuple),
)


@pytest.fixture(scope="module")
def schema() -> Any:
    path = os.environ.get("MLOPS_SPEC_SARIF_SCHEMA")
    if not path:
        pytest.skip("MLOPS_SPEC_SARIF_SCHEMA names no copy of SARIF's schema")
    return json.loads(Path(path).read_text())


@pytest.mark.conformance
@given(found=st.lists(PROBLEMS, max_size=3))
def test_sarif_satisfies_its_published_schema(problems: list[Diagnostic], schema: Any, found: list[Diagnostic]) -> None:
    told = render(
        [*problems, *found], {}, rules={"MS013": "duplicate key"}, version="1.2.3", spec="a folder/mlops.yaml"
    )
    log = json.loads(told)
    jsonschema.Draft4Validator(schema).validate(log)


@pytest.mark.conformance
def test_the_published_schema_refuses_what_is_wrong(problems: list[Diagnostic], schema: Any) -> None:
    log = json.loads(render(problems, {}, rules={}, version=""))
    log["runs"][0]["results"][0]["level"] = "fatal"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft4Validator(schema).validate(log)
