"""Engines score whole datasets with a real model: all rows, each with the model's own prediction, once."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

pytestmark = [pytest.mark.conformance, pytest.mark.xdist_group("score")]

ROOT = Path(__file__).parents[2]
SCRIPT = Path(__file__).with_name("scoring.py")
OUTPUT = "ds=${{ run.date }}/run"
DUE = "2026-03-03T23:30:00Z"
"""On the fourth in Berlin."""


class Engine(NamedTuple):
    """An engine on this machine, and how many rows it is given."""

    name: str
    python: str
    rows: int

    def call(self, *words: str | Path, **variables: str) -> dict[str, Any]:
        """Run Python; return the one line of JSON that it prints, with its exit code."""
        environment = {
            **os.environ, "PYTHONPATH": str(ROOT), "MLFLOW_DISABLE_TELEMETRY": "true", "PYSPARK_PYTHON": self.python,
            "SPARK_LOCAL_IP": "127.0.0.1", "PYSPARK_SUBMIT_ARGS": "--master local[2] pyspark-shell", **variables,
        }  # fmt: skip
        command = [self.python, *map(str, words)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        (line,) = done.stdout.splitlines() or [done.stderr]
        try:
            found: dict[str, Any] = json.loads(line)
        except ValueError:
            pytest.fail(f"{line}\n{done.stderr[-3000:]}")
        return {**found, "code": done.returncode}


@pytest.fixture(
    scope="module", params=[("spark", "SPARK", 1_000_000), ("beam", "DATAFLOW", 10_000)], ids=lambda p: p[0]
)
def engine(request: pytest.FixtureRequest) -> Engine:
    name, variable, rows = request.param
    python = os.environ.get(f"MLOPS_SPEC_{variable}_PYTHON")
    if not python:
        pytest.skip(f"MLOPS_SPEC_{variable}_PYTHON names no Python")
    return Engine(name, python, rows)


@pytest.fixture(scope="module")
def made(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """Make a model and its rows; return their folder, and what is told of them."""
    folder = tmp_path_factory.mktemp(engine.name)
    return folder, engine.call(SCRIPT, "make", folder, str(engine.rows))


Score = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def score(engine: Engine, made: tuple[Path, dict[str, Any]]) -> Score:
    folder, told = made

    def score(run: str, due: str = DUE, **changes: Any) -> dict[str, Any]:
        model = {"name": "churn", "version": 6, "uri": f"file://{folder}/model", "digest": told["digest"]}
        configuration = {
            "model": {**model, **changes.pop("model", {})},
            "input": {"uri": f"file://{folder}/rows", "version": "per-run"},
            "output": f"file://{folder}/out/{OUTPUT}",
            "schedule": {"cron": "0 5 * * *", "timezone": "Europe/Berlin"},
            "engine": engine.name,
            **changes,
        }
        (folder / "score.json").write_text(json.dumps(configuration))
        command = ("-m", "mlops_spec.runtime", "score", "--config", folder / "score.json")
        return engine.call(*command, MLOPS_RUN=run, MLOPS_SCHEDULED_AT=due)

    return score


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_each_row_is_scored_once_as_the_model_itself_does_and_a_second_run_replaces_its_own_day_alone(
    engine: Engine, made: tuple[Path, dict[str, Any]], score: Score
) -> None:
    folder, told = made
    out = folder / "out" / "ds=2026-03-04" / "run"
    out.mkdir(parents=True)
    (out / "somebody-else.txt").write_text("stays")
    (folder / "out" / "ds=2026-03-03").mkdir()
    (folder / "out" / "ds=2026-03-03" / "scores.parquet").write_text("stays")

    first = score("one")
    assert first["code"] == 0, first
    lacking = told["lacking"]
    assert (first["rows"], first["set_aside"]) == (engine.rows - lacking, lacking)
    assert first["output"] == f"file://{folder}/out/ds=2026-03-04/run"
    assert first["revision"].startswith("listing:")
    before = tree(out)
    (out / "somebody-else.txt").unlink()

    found = engine.call(SCRIPT, "compare", folder, out)
    assert found["farthest"] <= 1e-9
    assert found["spread"] > 1
    assert (found["rows"], found["aside_rows"]) == (engine.rows - lacking, lacking)
    assert (found["aside"], found["lost"], found["altered"]) == (["tenure is missing"], [], [])
    assert found["stamps"] == {"model_name": ["churn"], "model_version": ["6"], "run_id": ["one"]}
    assert found["due"] == ["2026-03-03T23:30:00+00:00"]

    (out / "somebody-else.txt").write_text("stays")
    second = score("two")
    assert (second["rows"], second["set_aside"], second["revision"]) == tuple(
        first[key] for key in ("rows", "set_aside", "revision")
    )
    after = tree(out)
    assert before.keys() & after.keys() == {"_SUCCESS", "somebody-else.txt"}
    assert not [name for name in after if name.startswith("_") and name.split("/")[0] not in ("_SUCCESS", "_set_aside")]
    assert sorted(json.loads(after["_SUCCESS"])["files"]) == sorted(after.keys() - {"_SUCCESS", "somebody-else.txt"})
    assert (folder / "out" / "ds=2026-03-03" / "scores.parquet").read_text() == "stays"


@pytest.mark.parametrize("changes, message", [
    ({"model": {"digest": "sha256:" + "0" * 64}}, "and the lock has sha256:000"),
    ({"input": {"uri": "file:///absent/rows"}}, "there is nothing to score at file:///absent/rows"),
])  # fmt: skip
def test_nothing_is_scored_with_another_model_or_without_rows(
    changes: dict[str, Any], message: str, score: Score
) -> None:
    said = score("three", **changes)
    assert said["code"] == 1
    assert message in said["error"]


CSV = ["loyal is missing", "loyal is no boolean", "monthly_spend is no double", *["tenure is missing"] * 8, *["tenure is no long"] * 3]  # fmt: skip


@pytest.fixture(scope="module")
def shapes(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    found = engine.call(SCRIPT, "shapes", tmp_path_factory.mktemp(f"{engine.name}-shapes"), engine.name)
    assert found["code"] == 0
    return found


@pytest.mark.parametrize("shape, kind, type_", [
    ("boolean", "parquet", "bool"), ("long", "parquet", "int64"), ("float", "parquet", "float"),
    ("list", "parquet", "list<element: double>"), ("text", "parquet", "string"), ("column", "parquet", "double"),
    ("several", "parquet", "struct<score: double, segment: string>"), ("long", "csv", "int64"),
    ("several", "csv", "struct<score: double, segment: string>"),
])  # fmt: skip
def test_scores_keep_the_shape_that_the_model_gives_them_and_rows_it_cannot_take_are_set_aside(
    shape: str, kind: str, type_: str, shapes: dict[str, Any]
) -> None:
    because = CSV if kind == "csv" else ["tenure is missing"] * 7
    assert shapes[f"{shape} {kind}"] == {
        "rows": 300 - len(because), "set_aside": len(because), "because": because, "type": type_, "equal": True,
    }  # fmt: skip


@pytest.mark.parametrize("store", ["file", "s3"])
def test_whenever_a_run_dies_scores_are_whole_or_said_not_to_be_and_the_next_run_mends_them(
    store: str, tmp_path: Path
) -> None:
    python = os.environ.get("MLOPS_SPEC_DATAFLOW_PYTHON")
    if not python:
        pytest.skip("MLOPS_SPEC_DATAFLOW_PYTHON names no Python")
    keys = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}
    found = Engine("", python, 0).call(Path(__file__).with_name("publishing.py"), store, tmp_path, **keys)
    assert found["broken"] == []
    assert found["deaths"] > 25


def test_a_scoring_is_launched_on_dataflow_once_for_each_day_and_waited_for(tmp_path: Path) -> None:
    python = os.environ.get("MLOPS_SPEC_DATAFLOW_PYTHON")
    if not python:
        pytest.skip("MLOPS_SPEC_DATAFLOW_PYTHON names no Python")
    engine = Engine("beam", python, 1000)
    made = engine.call(SCRIPT, "make", tmp_path, "1000")
    found = engine.call(Path(__file__).with_name("launching.py"), tmp_path, made["digest"])
    name = "churn-20260304-0400"
    first, again = found["first"], found["again"]
    assert (first["name"], first["launched"], first["scheduled_at"]) == (name, True, "2026-03-04T05:00:00+01:00")
    assert (again["name"], again["launched"], again["job"]) == (name, False, first["job"])
    assert (found["whole"]["run_id"], found["whole"]["rows"], found["whole"]["set_aside"]) == (name, 993, 7)
    assert found["failed"]["error"] == "the job churn-20260305-0400 is JOB_STATE_FAILED"
    assert found["failed again"]["job"] != found["failed"]["job"]
    assert "took longer than 1 s: it was cancelled" in found["too long"]["error"]
    launches = [body for path, body in found["asked"] if path.endswith("flexTemplates:launch")]
    assert [body["launchParameter"]["jobName"][6:14] for body in launches] == [
        "20260304",
        "20260305",
        "20260305",
        "20260306",
    ]
    assert {path for path, _ in found["asked"]} >= {
        "/v1b3/projects/acme-ml/locations/europe-west3/flexTemplates:launch"
    }
    path, body = found["asked"][-1]
    assert (path.rsplit("/", 2)[1], body) == ("jobs", {"requestedState": 5})  # JOB_STATE_CANCELLED
    assert found["templates"] == 1
