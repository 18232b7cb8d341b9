"""Evidently itself knows each method and metric that a monitor may name, and means by them what we say of them."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from mlops_spec.backends.monitoring.evidently import METRICS, P_VALUES, PERCENTAGES
from mlops_spec.language import shape

pytestmark = pytest.mark.conformance

NUMBERS_ALONE, TEXTS_ALONE = ("ks", "wasserstein"), ("chisquare",)
METHODS = shape.document("monitors.schema.json")["$defs"]["drift"]["properties"]["method"]["enum"]
ASKED = [(method, 0.05 if method in P_VALUES else 0.1, kind)
         for method in METHODS for kind in ("numerical", "categorical")
         if not (kind == "categorical" and method in NUMBERS_ALONE) and not (kind == "numerical" and method in TEXTS_ALONE)]  # fmt: skip


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    python = os.environ.get("MLOPS_SPEC_EVIDENTLY_PYTHON")
    if not python:
        pytest.skip("MLOPS_SPEC_EVIDENTLY_PYTHON names no Python")
    done = subprocess.run(
        [python, Path(__file__).with_name("evidently_scores.py")],
        input=json.dumps({"drift": ASKED, "metrics": METRICS}),
        env={**os.environ, "DO_NOT_TRACK": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


@pytest.mark.parametrize("method, threshold, kind", ASKED)
def test_a_method_tells_rows_that_moved_from_rows_that_stayed(
    method: str, threshold: float, kind: str, found: dict[str, Any]
) -> None:
    (stayed, well), (moved, breach) = found["drift"][f"{method} {kind}"].values()
    assert (well, breach) == ("TestStatus.SUCCESS", "TestStatus.FAIL")
    if method in P_VALUES:
        assert stayed > threshold > moved
    else:
        assert stayed < threshold < moved


@pytest.mark.parametrize("name", METRICS)
def test_a_metric_is_what_another_library_computes(name: str, found: dict[str, Any]) -> None:
    value, wanted = found["metrics"][name]
    assert value / (100 if name in PERCENTAGES else 1) == pytest.approx(wanted)
