"""What is rendered for Kubeflow, read strictly by kfp's own messages, and executed by kfp's own local orchestrator.

``Pipeline`` and ``PipelineVersion`` have no CRD in the shared folder; they are held to the one in Kubeflow's sources
only as far as its fields, which this file names.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlops_spec.diagnostic import failed
from tests.conformance.test_runtime import python, server
from tests.readers.specs import pipelines
from tests.readers.test_readers import REAL, compiled
from tests.variants import churn

__all__ = ["python", "server"]
pytestmark = [pytest.mark.conformance, pytest.mark.xdist_group("mlflow")]
ROOT = Path(__file__).parents[2]
KUBEFLOW = next(real for real in REAL if real.name == "kubeflow")
HOST = "https://kubeflow.acme.example"
Run = Callable[..., list[dict[str, Any]]]


def kfp(documents: list[Any], **run: Any) -> None:
    """Have pipelines read, and one of them run, by kfp."""
    python = os.environ.get("MLOPS_SPEC_KFP_PYTHON")
    if not python:
        pytest.skip("MLOPS_SPEC_KFP_PYTHON names no Python")
    told = {"documents": documents, **({"run": run} if run else {})}
    done = subprocess.run(
        [python, str(Path(__file__).parent / "kfp_run.py")], input=json.dumps(told), capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-5000:]


def documents(tree: Mapping[str, str]) -> dict[str, Any]:
    """Return the specification and the platform's part of each pipeline in an environment's tree."""
    found = {}
    for path, text in tree.items():
        if path.startswith("pipelines/"):
            document = yaml.load(text, yaml.CSafeLoader)
            if document["kind"] == "PipelineVersion":
                assert set(document["spec"]) == {"pipelineName", "pipelineSpec", "platformSpec"}
                found[document["spec"]["pipelineName"]] = [
                    document["spec"]["pipelineSpec"],
                    document["spec"]["platformSpec"],
                ]
            elif "pipeline.yaml" in document.get("data", {}):
                found[path] = list(yaml.load_all(document["data"]["pipeline.yaml"], yaml.CSafeLoader))
    return found


@pytest.mark.parametrize("mode", ["native", "upload"])
def test_kfp_takes_the_pipelines_of_the_example(mode: str) -> None:
    found = churn("kubeflow", {"mode": mode, "host": HOST})
    every = [pair for each in found.environments.values() for pair in documents(each.tree).values()]
    assert len(every) == 3
    kfp(every)


@settings(max_examples=3, suppress_health_check=list(HealthCheck))
@given(st.lists(pipelines(most=20), min_size=8, max_size=8))
def test_kfp_takes_whatever_is_rendered(specs: list[dict[str, Any]]) -> None:
    trees = (compiled(KUBEFLOW, spec).environments["default"].tree for spec in specs)
    kfp([pair for tree in trees for pair in documents(tree).values()])


def only(spec: dict[str, Any]) -> tuple[Any, Any]:
    """Return the one pipeline of a spec as it is rendered."""
    found = compiled(KUBEFLOW, spec)
    assert not failed(found.diagnostics), found.diagnostics
    ((specification, platform),) = documents(found.environments["default"].tree).values()
    return specification, platform


LEAVE = """
import json, os, sys
from pathlib import Path
name, *rest = sys.argv[1:]
said = {"step": name, "argv": rest, "env": dict(os.environ)}
for variable, path in os.environ.items():
    if variable.startswith("MLOPS_INPUT_") and Path(path).exists():
        said[variable] = Path(path).read_text()
Path(os.environ["TEST_LOG"]).write_text(json.dumps(said))
for variable, path in os.environ.items():
    if variable.startswith("MLOPS_OUTPUT_"):
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_text(f"{name}:{variable}")
"""
READ = """
import json, os
from pathlib import Path
def read(name):
    return Path(os.environ["MLOPS_INPUT_" + name]).read_text()
def leave(name, text):
    path = Path(os.environ["MLOPS_OUTPUT_" + name])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
"""
HARM = "'\"\n\\ $(HOME) $$(HOME) $$$ `id` '''\"\"\" é🜚 }} {x} $"


def ran(
    specification: Any,
    platform: Any,
    folder: Path,
    environment: dict[str, str],
    *,
    fails: bool = False,
    **arguments: str,
) -> dict[str, Any]:
    """Run a pipeline; return what each task was started with, in the order of their starts, by step."""
    log = folder / "log"
    log.mkdir()
    kfp(
        [[specification, platform]],
        root=str(folder / "root"),
        log=str(log),
        arguments=arguments,
        environment=environment,
        fails=fails,
    )
    said = [json.loads(path.read_text()) for path in sorted(log.glob("*.json"), key=lambda path: int(path.stem))]
    return {one["step"]: one for one in said}


def test_commands_variables_and_files_arrive_as_they_are_in_the_spec(tmp_path: Path) -> None:
    image = f"registry.acme.example/x@sha256:{'4b' * 32}"
    script = tmp_path / "leave.py"
    script.write_text(LEAVE)

    def step(name: str, *words: str, **more: Any) -> dict[str, Any]:
        return {"image": image, "command": [sys.executable, str(script), name, *words], **more}

    spec = {
        "apiVersion": "mlops-spec/v1", "project": {"name": "x"},
        "platform": {"artifacts": {"uri": "s3://acme/artifacts"}},
        "pipelines": {"train": {"parameters": {"mode": "full", "text": HARM}, "steps": {
            "first": step("first", HARM, "${{ parameters.text }}", "--${{ parameters.text }}--${{ run.id }}", env={"A": HARM, "B": "${{ parameters.text }}"},
                          outputs={"left": {"type": "model"}}),
            "left": step("left", "${{ inputs.it }}", inputs={"it": "steps.first.outputs.left"}, outputs={"metrics": {"type": "metrics"}}),
            "right": step("right", inputs={"it": {"from": "steps.first.outputs.left", "as": "uri"}}, foreach={"of": ["eu", HARM]}, outputs={"metrics": {"type": "metrics"}}),
            "skipped": step("skipped", when={"parameter": "mode", "is": "quick"}),
            "taken": step("taken", when={"parameter": "mode", "is": "full"}, outputs={"card": {"type": "file"}}),
            "reads": step("reads", when={"parameter": "mode", "is": "full"}, inputs={"card": "steps.taken.outputs.card"}),
            "last": step("last", "${{ inputs.all }}", inputs={"m": "steps.left.outputs.metrics", "all": {"from": "steps.right.outputs.metrics", "as": "uri"}}, after=["skipped"]),
        }}},
    }  # fmt: skip
    spec["pipelines"]["train"]["steps"]["right"]["command"][2] = "right-${{ item.of }}"
    specification, platform = only(spec)
    said = ran(specification, platform, tmp_path, {})
    right = ("right-eu", f"right-{HARM}")
    assert set(said) == {"first", "left", *right, "taken", "reads", "last"}
    order = list(said)
    assert order.index("first") < order.index("left") < order.index("last")
    assert order.index("taken") < order.index("reads")
    first = said["first"]
    run = first["env"]["MLOPS_RUN"]
    assert first["argv"] == [HARM, HARM, f"--{HARM}--{run}"]
    assert (first["env"]["A"], first["env"]["B"]) == (HARM, HARM)
    assert {one["env"]["MLOPS_RUN"] for one in said.values()} == {run}
    assert said["left"]["MLOPS_INPUT_IT"] == "first:MLOPS_OUTPUT_LEFT"
    assert said["left"]["argv"] == [said["left"]["env"]["MLOPS_INPUT_IT"]]
    assert said["reads"]["MLOPS_INPUT_CARD"] == "taken:MLOPS_OUTPUT_CARD"
    assert said["last"]["MLOPS_INPUT_M"] == "left:MLOPS_OUTPUT_METRICS"
    kept = json.loads(said["last"]["argv"][0])
    assert [Path(uri).read_text() for uri in kept] == [f"{name}:MLOPS_OUTPUT_METRICS" for name in right]


def test_data_is_brought_lists_are_gathered_and_a_model_is_judged_and_registered_by_the_runtime(
    server: str, tmp_path: Path
) -> None:
    """The steps of ours are the runtime's own programs, which record to a real MLflow server."""
    runtime = os.environ["MLOPS_SPEC_RUNTIME_PYTHON"]
    programs = tmp_path / "bin"
    programs.mkdir()
    starter = programs / "mlops-spec-runtime"
    # kfp's local runner keeps artifacts at paths, of which MLflow registers none; a cluster's launcher keeps them at URIs.
    kept = '[ "$1" = register ] && set -- "$1" "$2" "s3://acme/artifacts$3"'
    starter.write_text(f'#!/bin/sh\n{kept}\nPYTHONPATH={ROOT} exec {runtime} -m mlops_spec.runtime "$@"\n')
    starter.chmod(0o755)
    image = f"registry.acme.example/x@sha256:{'4b' * 32}"
    rows = tmp_path / "rows"
    rows.write_text("1\n2\n")
    pinned = f"sha256:{hashlib.sha256(rows.read_bytes()).hexdigest()}"

    def python_step(*lines: str, **more: Any) -> dict[str, Any]:
        return {"image": image, "command": [sys.executable, "-c", "\n".join((READ, *lines))], **more}

    spec = {
        "apiVersion": "mlops-spec/v1", "project": {"name": "x"},
        "platform": {"artifacts": {"uri": "s3://acme/artifacts"}, "tracking": {"uri": server}, "runtime": {"image": "registry.acme.example/runtime"}},
        "experiments": {"kubeflow": {}}, "models": {"kubeflow-model": {}},
        "datasets": {"rows": {"uri": rows.as_uri(), "version": pinned}},
        "pipelines": {"train": {"experiment": "kubeflow", "parameters": {"depth": 3}, "schedule": {"cron": "0 3 * * *", "timezone": "UTC"}, "steps": {
            "fit": python_step(
                "leave('METRICS', json.dumps({'auc': 0.7 + len(read('ROWS').split()) / 10}))", "leave('MODEL', 'weights')",
                inputs={"rows": "datasets.rows"}, outputs={"model": {"type": "model", "flavor": "sklearn"}, "metrics": {"type": "metrics"}}),
            "region": python_step("leave('AUC', os.environ['REGION'])", foreach={"of": ["eu", "us"]}, env={"REGION": "${{ item.of }}"}, outputs={"auc": {"type": "metrics"}}),
            "card": python_step(
                "said = [open(uri).read() for uri in json.loads(read('REGIONS'))]", "assert said == ['eu', 'us'], said",
                inputs={"regions": "steps.region.outputs.auc"}),
            "good": {"gate": {"metrics": "steps.fit.outputs.metrics", "require": {"auc": ">= 0.8"}}},
            "keep": {"register": {"model": "kubeflow-model", "from": "steps.fit.outputs.model", "alias": "challenger"}},
        }}},
    }  # fmt: skip
    specification, platform = only(spec)
    environment = {"PATH": f"{programs}:{os.environ['PATH']}"}
    (tmp_path / "run").mkdir()
    ran(specification, platform, tmp_path / "run", environment, depth="5")
    script = (
        "import sys, mlflow; c = mlflow.MlflowClient(sys.argv[1]); v = c.get_model_version_by_alias('kubeflow-model', 'challenger');"
        "r = c.get_run(v.run_id); print(v.version, r.data.params['depth'], c.get_experiment(r.info.experiment_id).name, r.info.status)"
    )
    done = subprocess.run([runtime, "-c", script, server], capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["1", "5", "kubeflow", "FINISHED"], done.stderr

    spec["experiments"] = {"kubeflow-fails": {}}
    spec["pipelines"]["train"]["experiment"] = "kubeflow-fails"
    spec["pipelines"]["train"]["steps"]["good"]["gate"]["require"] = {"auc": ">= 0.99"}
    specification, platform = only(spec)
    (tmp_path / "fails").mkdir()
    ran(specification, platform, tmp_path / "fails", environment, fails=True)
    script = "import sys, mlflow; (r,) = mlflow.MlflowClient(sys.argv[1]).search_runs([mlflow.MlflowClient(sys.argv[1]).get_experiment_by_name('kubeflow-fails').experiment_id]); print(r.info.status)"
    done = subprocess.run([runtime, "-c", script, server], capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["FAILED"], done.stderr
