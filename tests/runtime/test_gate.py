"""A gate is closed unless every metric is a finite number that satisfies what is required."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_spec.runtime.gate import measured, run
from mlops_spec.runtime.program import Failed

NUMBERS = st.floats(allow_nan=True, allow_infinity=True) | st.booleans() | st.none() | st.text(max_size=3)


@given(NUMBERS)
def test_only_a_finite_number_is_measured(value: object) -> None:
    text = json.dumps({"auc": value})
    path = Path("metrics.json")
    found = _measured(path, text)["auc"]
    finite = isinstance(value, float) and value - value == 0
    assert found == (value if finite else None)


def _measured(path: Path, text: str) -> dict[str, float | None]:
    class Given(type(path)):  # type: ignore[misc]
        def read_text(self, *_: object, **__: object) -> str:
            return text

    return measured(Given(path))


@pytest.mark.parametrize("text", ["", "[1]", "{", '"auc"'])
def test_what_is_no_object_of_numbers_closes_the_gate(text: str, tmp_path: Path) -> None:
    (tmp_path / "m.json").write_text(text)
    with pytest.raises(Failed):
        measured(tmp_path / "m.json")


def test_metrics_that_are_not_there_close_the_gate(tmp_path: Path) -> None:
    with pytest.raises(Failed, match="the metrics cannot be read"):
        run({"require": {"auc": ">= 0.8"}}, (), {"MLOPS_INPUT_METRICS": str(tmp_path / "m.json")})


def test_a_gate_outside_of_a_run_stays_closed(tmp_path: Path) -> None:
    (tmp_path / "m.json").write_text('{"auc": 0.9}')
    with pytest.raises(Failed, match="MLFLOW_RUN_ID"):
        run({"require": {"auc": ">= 0.8"}}, (), {"MLOPS_INPUT_METRICS": str(tmp_path / "m.json")})
