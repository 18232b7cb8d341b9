"""One meaning: what is rendered for each orchestrator reads back as the blueprint's own graph, or is refused at its line."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlops_spec.backends import orchestrator
from mlops_spec.compiler import Compilation, compile_spec
from mlops_spec.diagnostic import Severity
from mlops_spec.source.files import Memory
from tests.readers import airflow, argo, kubeflow, vertex
from tests.readers.graph import Graph, from_pipeline, plain
from tests.readers.specs import IMAGE, LOCK, pipelines, texts, written


class Real(NamedTuple):
    """A real system: its options, its reader, what a graph loses by its limits, and where its artifacts are kept."""

    name: str
    options: dict[str, Any]
    read: Callable[[Mapping[str, str]], dict[str, Graph]]
    limited: Callable[[Graph], Graph]
    asked: Callable[[dict[str, Any]], dict[str, Any]] = dict
    """Takes out of a spec what the system has limits for."""
    scheme: str = "s3"


def outside_pods(spec: dict[str, Any]) -> dict[str, Any]:
    """Leave out what a pod alone has, and what takes time or secrets."""
    pipeline = {key: value for key, value in spec["pipelines"]["train"].items() if key != "timeout"}
    steps = {}
    for name, step in pipeline["steps"].items():
        own = {key: value for key, value in step.items() if key not in ("timeout", "description")}
        own["env"] = {key: value for key, value in step.get("env", {}).items() if key != "TOKEN"}
        steps[name] = {key: value for key, value in own.items() if value}
    gpu = {"cpu": "500m", "memory": "3Gi", "accelerator": {"model": "nvidia-a100", "count": 2}}
    return {**spec, "compute": {"gpu": gpu}, "pipelines": {"train": {**pipeline, "steps": steps}}}


REAL = (
    Real("airflow", {"delivery": "configmap"}, airflow.graphs, Graph.untyped),
    Real("airflow", {"delivery": "git-sync"}, airflow.graphs, Graph.untyped),
    Real("argo", {}, argo.graphs, Graph.untyped),
    Real("kubeflow", {"mode": "native", "host": "https://kubeflow.acme.example"}, kubeflow.graphs, lambda graph: graph),
    Real("kubeflow", {"mode": "upload", "host": "https://kubeflow.acme.example"}, kubeflow.graphs, lambda graph: graph),
    Real(
        "vertex", {"project": "acme-ml", "location": "europe-west3"}, vertex.graphs, vertex.limited, outside_pods, "gs"
    ),
)


def compiled(real: Real, spec: dict[str, Any]) -> Compilation:
    said = {**spec, "platform": {**spec["platform"], "orchestrator": {"backend": real.name, **real.options}}}
    return compile_spec(Memory({"mlops.yaml": written(said).encode(), "mlops.lock.yaml": LOCK.encode()}), "mlops.yaml")


def meant(real: Real, spec: dict[str, Any]) -> dict[str, Graph]:
    """Return the blueprint's own graphs, in words that belong to no system."""
    system = plain(orchestrator.SYSTEMS[real.name])
    with patch.dict(orchestrator.SYSTEMS, {real.name: system}):
        found = compiled(real, spec)
    blueprint = found.environments["default"].blueprint
    assert blueprint is not None, found.diagnostics
    return {pipeline.name: from_pipeline(pipeline) for pipeline in blueprint.pipelines}


def read_back(real: Real, spec: dict[str, Any]) -> None:
    """Assert that a spec means what its blueprint does, or that each of its errors is at a line that says why."""
    found = compiled(real, spec)
    errors = [problem for problem in found.diagnostics if problem.severity is Severity.ERROR]
    lines = written(
        {**spec, "platform": {**spec["platform"], "orchestrator": {"backend": real.name, **real.options}}}
    ).split("\n")
    for problem in errors:
        assert problem.code == "MS141", problem
        assert problem.place is not None
        assert any(mark in lines[problem.place.line - 1] for mark in ("{", "$", "\\u", "\\n", "\\t")), (
            problem,
            lines[problem.place.line - 1],
        )
    if not errors:
        graphs = {**real.read(found.environments["default"].tree)}
        wanted = {name: real.limited(graph) for name, graph in meant(real, spec).items()}
        assert set(graphs) == set(wanted)
        for name, graph in graphs.items():
            assert list(graph.steps) == list(wanted[name].steps)
            for step, node in graph.steps.items():
                assert node == wanted[name].steps[step], step
            assert graph == wanted[name]


each_real = pytest.mark.parametrize(
    "real", REAL, ids=lambda real: f"{real.name}-{'-'.join(map(str, real.options.values()))}"
)
BIG = [HealthCheck.too_slow, HealthCheck.large_base_example, HealthCheck.data_too_large]


@each_real
@settings(max_examples=3, suppress_health_check=BIG)
@given(data=st.data())
def test_a_pipeline_reads_back_as_it_was_meant(real: Real, data: st.DataObject) -> None:
    read_back(real, real.asked(data.draw(pipelines(scheme=real.scheme))))


@pytest.mark.long
@pytest.mark.parametrize("schedule", [{}, {"schedule": {"cron": "0 3 * * 1", "timezone": "UTC"}}], ids=["", "cron"])
@settings(max_examples=20)
@given(
    where=texts().map(lambda text: re.sub("[^!-~]", "", text)).filter(lambda text: "${{" not in text),
    queued=st.booleans(),
)
def test_new_data_reads_back_as_what_starts_a_dag(schedule: dict[str, Any], where: str, queued: bool) -> None:
    (real, *_) = (real for real in REAL if real.name == "airflow")
    real = real._replace(options={**real.options, "host": "https://airflow.acme.example", "secret": "airflow"})
    queue = {"uri": "s3://acme/queued", "version": "per-run", "changes": {"sqs": "q", "region": "eu-central-1"}}
    lying = {"uri": f"s3://acme/{where}", "version": "per-run", "changes": {"poll": "1h"}}
    triggers = {"lying": {"dataset": "lying"}, **({"queued": {"dataset": "queued"}} if queued else {})}
    spec = {
        "apiVersion": "mlops-spec/v1", "project": {"name": "x"},
        "platform": {
            "tracking": {"uri": "http://mlflow.mlops.svc:5000"}, "runtime": {"image": "registry.acme.example/runtime"},
            "secrets": {"backend": "existing"},
        },
        "secrets": {"airflow": {"path": "airflow", "keys": ["username", "password"]}},
        "datasets": {"lying": lying, "queued": queue},
        "pipelines": {"train": {"steps": {"fit": {"image": IMAGE, "command": ["fit"]}}, "triggers": triggers, **schedule}},
    }  # fmt: skip
    assert len(meant(real, spec)["train"].arrivals) == 1 + queued
    read_back(real, spec)


@pytest.mark.long
@each_real
@settings(max_examples=25, suppress_health_check=BIG)
@given(data=st.data())
def test_many_pipelines_read_back_as_they_were_meant(real: Real, data: st.DataObject) -> None:
    read_back(real, real.asked(data.draw(pipelines(scheme=real.scheme))))
