"""DAG files as Airflow itself imports them, the pods that it would start, and runs whose containers are processes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from mlops_spec.diagnostic import failed
from tests.conformance.test_runtime import python, server
from tests.readers.airflow import graphs, sources
from tests.readers.graph import Graph, Node, Secret, Text, Wire
from tests.readers.specs import IMAGE
from tests.readers.test_readers import REAL, compiled
from tests.variants import churn

__all__ = ["python", "server"]
pytestmark = [pytest.mark.conformance, pytest.mark.xdist_group("mlflow")]
ROOT = Path(__file__).parents[2]
AIRFLOW = next(real for real in REAL if real.name == "airflow")
BEGUN = {"run_id": "4b4b", "date": "2026-11-30", "scheduled_at": "2026-11-30T03:00:00+01:00"}
Airflow = Callable[..., dict[str, Any]]


@pytest.fixture
def installed(tmp_path: Path) -> dict[str, str]:
    """Return the variables of an Airflow with a home of its own, and a folder of DAG files."""
    found = os.environ.get("MLOPS_SPEC_AIRFLOW_PYTHON")
    if not found:
        pytest.skip("MLOPS_SPEC_AIRFLOW_PYTHON names no Python")
    dags, home = tmp_path / "dags", str(tmp_path / "home")
    dags.mkdir()
    return {
        "PATH": f"{Path(found).parent}:{os.environ['PATH']}", "HOME": home, "AIRFLOW_HOME": home,
        "AIRFLOW__CORE__DAGS_FOLDER": str(dags), "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT": "600", "NO_PROXY": "127.0.0.1,localhost",
    }  # fmt: skip


@pytest.fixture
def airflow(installed: dict[str, str], tmp_path: Path) -> Airflow:
    """Have Airflow import DAG files, and run one of them; return what ``airflow_run.py`` says."""

    def airflow(files: Mapping[str, str], **told: Any) -> dict[str, Any]:
        for name, text in files.items():
            Path(installed["AIRFLOW__CORE__DAGS_FOLDER"], name).write_text(text, encoding="utf-8")
        if "dag" in told and not Path(installed["AIRFLOW_HOME"]).exists():
            ran(["airflow", "db", "migrate"], installed)
        out = tmp_path / "out.json"
        script = str(Path(__file__).parent / "airflow_run.py")
        ran(["python", script], installed, json.dumps({"out": str(out), **told}))
        said: dict[str, Any] = json.loads(out.read_text())
        return said

    return airflow


def ran(command: list[str], environment: dict[str, str], told: str = "") -> None:
    program = shutil.which(command[0], path=environment["PATH"])
    assert program
    command = [program, *command[1:]]
    done = subprocess.run(command, env=environment, input=told, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-5000:]


@pytest.mark.parametrize("delivery", ["configmap", "git-sync"])
def test_airflow_imports_the_dags_of_the_example(delivery: str, airflow: Airflow) -> None:
    trees = [each.tree for each in churn("airflow", {"delivery": delivery}).environments.values()]
    files = {name: text for tree in trees for name, text in sources(tree).items()}
    said = airflow(files)
    assert said["errors"] == {}
    assert sorted(said["dags"]) == ["churn_dev_train", "churn_prod_train", "churn_staging_train"]
    wanted = graphs(trees[0])["train"]
    for dag in said["dags"].values():
        edges = {(a, b) for a, b in dag["edges"]}
        inner = {(a, b) for b, node in wanted.steps.items() for a in node.after}
        last = {(name, "end") for name in wanted.steps if not any(name == a for a, _ in inner)}
        assert edges == inner | last | {("on_time", "begin")}
        assert (dag["runs"], dag["rules"]) == (1, ["all_done_setup_success", "none_failed"])
        assert dag["extensions"] == []  # else a word that ends in one of them would be read as a file of templates
        assert dag["late"] == [True, False, True, True]


@pytest.mark.parametrize("cron", [True, False])
def test_each_asset_starts_its_dag_alone_beside_the_schedule(cron: bool, airflow: Airflow) -> None:
    poll, queue = {"poll": "1h"}, {"sqs": "arrivals", "region": "eu-central-1"}
    spec = {
        "apiVersion": "mlops-spec/v1", "project": {"name": "x"},
        "platform": {
            "tracking": {"uri": "http://mlflow.mlops.svc:5000"}, "runtime": {"image": "registry.acme.example/runtime"},
            "secrets": {"backend": "existing"},
        },
        "secrets": {"airflow": {"path": "airflow", "keys": ["username", "password"]}},
        "datasets": {
            "lying": {"uri": f"s3://acme/{HARM[:20].strip()!a}", "version": "per-run", "changes": poll},
            "queued": {"uri": "s3://acme/queued", "version": "per-run", "changes": queue},
        },
        "pipelines": {"train": {
            **({"schedule": {"cron": "0 3 * * *", "timezone": "Asia/Kolkata"}} if cron else {}),
            "triggers": {"lying": {"dataset": "lying"}, "queued": {"dataset": "queued"}},
            "steps": {"fit": {"image": IMAGE, "command": ["fit"]}},
        }},
    }  # fmt: skip
    asked = {**AIRFLOW.options, "host": "https://airflow.acme.example", "secret": "airflow"}
    found = compiled(AIRFLOW._replace(options=asked), spec)
    assert not failed(found.diagnostics), found.diagnostics
    moments = ("29:59", "30:01", "59:00")  # of 21 h UTC; 03:00 in Kolkata is 21:30
    said = airflow(sources(found.environments["default"].tree), times=[f"2026-11-28T21:{each}Z" for each in moments])
    assert said["errors"] == {}
    dag = said["dags"]["x_default_train"]
    assert dag["assets"] == [f"x_default_train.dataset-{name}" for name in ("lying", "queued")]
    first = [f"2026-11-{day}T21:30:00+00:00" for day in (28, 29, 29)]
    assert dag["due"] == (first if cron else [None] * 3)


# -- the pods that would start


def test_the_pods_are_those_of_the_blueprint(airflow: Airflow) -> None:
    tree = churn("airflow", {"delivery": "configmap"}).environments["dev"].tree
    said = airflow(sources(tree), dag="churn_dev_train", conf={"max_depth": "$(9)"}, results=BEGUN)
    assert said["state"] == "success"
    graph = graphs(tree)["train"]
    assert graph.end is not None
    assert set(said["pods"]) == {*graph.steps, "end"}
    for name, node in {**graph.steps, "end": graph.end}.items():
        _starts(said["pods"][name], node, graph, said["run"])


def _starts(pod: dict[str, Any], node: Node, graph: Graph, run: str) -> None:
    """Assert that a pod is what a step of the blueprint says, with the run's values in their places."""
    values = {
        **{("parameter", name): value for name, value in graph.parameters.items()},
        ("parameter", "max_depth"): "$(9)", ("run", ""): run.replace(":", ".").replace("+", "_"),
        **{("begin", name): value for name, value in BEGUN.items()}, ("due", ""): "", ("outcome", ""): "success",
    }  # fmt: skip
    spec = pod["spec"]
    xcom = bool(node.results)
    assert len(spec["containers"]) == 1 + xcom
    pairs = zip((*spec.get("initContainers", ()), spec["containers"][0]), (*node.init, node.container), strict=True)
    for made, wanted in pairs:
        assert made["image"] == wanted.image
        assert made["command"] == [_said(word, values) for word in wanted.command]
        assert "args" not in made or not made["args"]
        assert made["resources"] == {"requests": wanted.requests, "limits": wanted.limits}
        for variable in made.get("env", ()):
            text = wanted.env[variable["name"]]
            if isinstance(text, Secret):
                key = variable["valueFrom"]["secretKeyRef"]
                assert (key["name"], key["key"]) == (text.name, text.key)
            elif text != (Wire("started"),):
                assert variable["value"] == _said(text, values)
        assert [variable["name"] for variable in made.get("env", ())] == list(wanted.env)
    for container in (*spec.get("initContainers", ()), *spec["containers"]):
        rules = container["securityContext"]
        assert (rules["runAsNonRoot"], rules["allowPrivilegeEscalation"]) == (True, False)
        assert rules["capabilities"] == {"drop": ["ALL"]}
        assert rules["seccompProfile"] == {"type": "RuntimeDefault"}
    assert spec["automountServiceAccountToken"] is False
    assert spec["restartPolicy"] == "Never"
    assert (spec.get("nodeSelector") or {}) == node.node_selector
    assert {volume["name"] for volume in spec["volumes"]} >= {
        mount["name"] for container in spec["containers"] for mount in container["volumeMounts"]
    }


def _said(text: Text, values: Mapping[tuple[str, str], str]) -> str:
    """Return a text with a run's values, as Kubernetes is to be told it."""
    parts = (values[part.kind, part.name] if isinstance(part, Wire) else part for part in text)
    return "".join(_told(part) for part in parts)


def _told(text: str) -> str:
    return text.replace("$", "$$") if "$(" in text else text


# -- runs

HARM = "'\"\n\\ $(HOME) $$(HOME) $$$ `id` '''\"\"\" é🜚 {{ run_id }} {% raw %} {# x #} {{{ a.json\n"
LEAVE = """
import json, os, sys, time
from pathlib import Path
name, *rest = sys.argv[1:]
said = {"step": name, "argv": rest, "env": dict(os.environ), "at": time.time()}
Path(os.environ["TEST_LOG"], f"{time.time_ns()}.json").write_text(json.dumps(said))
sys.exit(name == "fails")
"""


def _spec(script: Path, server: str) -> dict[str, Any]:
    def step(name: str, *words: str, **more: Any) -> dict[str, Any]:
        return {"image": IMAGE, "command": [sys.executable, str(script), name, *words], **more}

    return {
        "apiVersion": "mlops-spec/v1", "project": {"name": "x"}, "experiments": {"airflow": {}},
        "platform": {"artifacts": {"uri": "s3://acme/artifacts"}, "tracking": {"uri": server}, "runtime": {"image": "registry.acme.example/runtime"}},
        "pipelines": {"train": {"experiment": "airflow", "parameters": {"mode": "full", "text": HARM}, "schedule": {"cron": "0 3 * * *", "timezone": "Asia/Kolkata"}, "steps": {
            "first": step("first", HARM, "--${{ parameters.text }}--${{ run.id }}", "${{ run.date }}", env={"A": HARM, "B": "${{ parameters.text }}"}),
            "each": step("each-${{ item.of }}", foreach={"of": ["eu", HARM]}, after=["first"]),
            "quick": step("quick", after=["first"], when={"parameter": "mode", "is": "quick"}),
            "last": step("last", after=["each", "quick"]),
            "fails": step("fails", after=["last"], when={"parameter": "mode", "is": "quick"}),
            "never": step("never", after=["fails"], when={"parameter": "mode", "is": "quick"}),
        }}},
    }  # fmt: skip


@pytest.mark.parametrize("conf", [{}, {"mode": "quick", "text": "{{ 1 }} $(HOME)"}], ids=["as-it-is", "by-hand"])
def test_a_run_keeps_order_conditions_and_values(
    conf: dict[str, str], airflow: Airflow, server: str, tmp_path: Path
) -> None:
    runtime = os.environ["MLOPS_SPEC_RUNTIME_PYTHON"]
    script, programs, log, folder = (tmp_path / name for name in ("leave.py", "bin", "log", "pods"))
    for made in (programs, log, folder):
        made.mkdir()
    script.write_text(LEAVE)
    (programs / "mlops-spec-runtime").write_text(
        f'#!/bin/sh\nPYTHONPATH={ROOT} exec {runtime} -m mlops_spec.runtime "$@"\n'
    )
    (programs / "mlops-spec-runtime").chmod(0o755)
    found = compiled(AIRFLOW, _spec(script, server))
    assert not failed(found.diagnostics), found.diagnostics
    environment = {"PATH": f"{programs}:{os.environ['PATH']}", "HOME": str(tmp_path), "TEST_LOG": str(log)}
    said = airflow(
        sources(found.environments["default"].tree), dag="x_default_train", conf=conf, folder=str(folder),
        environment=environment, times=["2026-11-28T21:29:00Z", "2026-11-28T21:31:00Z"],
    )  # fmt: skip
    quick = "success" if conf else "skipped"
    assert said["states"] == {
        "on_time": "success", "begin": "success", "first": "success", "each-0": "success", "each-1": "success",
        "quick": quick, "last": "success", "fails": "failed" if conf else "skipped",
        "never": "upstream_failed" if conf else "skipped", "end": "success",
    }  # fmt: skip
    assert said["state"] == ("failed" if conf else "success")
    steps = {one["step"]: one for path in sorted(log.glob("*.json")) for one in [json.loads(path.read_text())]}
    assert next(iter(steps)) == "first"
    assert set(steps) == {"first", "each-eu", f"each-{HARM}", "last", *(["quick", "fails"] if conf else [])}
    assert list(steps).index("last") > max(list(steps).index(name) for name in ("each-eu", f"each-{HARM}"))
    due = [f"2026-11-{day}T21:30:00+00:00" for day in (28, 29)]  # 03:00 in Kolkata, and never what is over
    assert said["dags"]["x_default_train"]["due"] == due
    run, text = said["run"].replace(":", ".").replace("+", "_"), conf.get("text", HARM)
    begun = json.loads((folder / "begin" / "return.json").read_text())
    assert steps["first"]["argv"] == [HARM, f"--{text}--{run}", begun["date"]]
    assert (steps["first"]["env"]["A"], steps["first"]["env"]["B"]) == (HARM, text)
    assert {one["env"]["MLOPS_RUN_ID"] for one in steps.values()} == {begun["run_id"]}
    recorded = "import sys, mlflow; r = mlflow.MlflowClient(sys.argv[1]).get_run(sys.argv[2]); print(r.data.params['mode'], r.data.tags['mlops-spec.run'], r.info.status)"
    done = subprocess.run(
        [runtime, "-c", recorded, server, begun["run_id"]], capture_output=True, text=True, check=False
    )
    assert done.stdout.split() == [conf.get("mode", "full"), run, "FAILED" if conf else "FINISHED"], done.stderr


@pytest.mark.parametrize(("mode", "state"), [("full", "success"), ("quick", "failed")])
def test_an_end_that_fails_leaves_the_run_as_it_went(
    mode: str, state: str, airflow: Airflow, server: str, tmp_path: Path
) -> None:
    programs, folder = tmp_path / "bin", tmp_path / "pods"
    for made in (programs, folder):
        made.mkdir()
    begin = "import json, sys; json.dump(dict(run_id='1', date='2026-01-02', scheduled_at='x'), open(sys.argv[1], 'w'))"
    starter = f'#!/bin/sh\n[ $1 = end ] && exit 1\nexec {sys.executable} -c "{begin}" $MLOPS_RESULT_RUN_ID\n'
    (programs / "mlops-spec-runtime").write_text(starter)
    (programs / "mlops-spec-runtime").chmod(0o755)
    spec = _spec(tmp_path / "leave.py", server)
    fails = {"image": IMAGE, "command": ["false"], "when": {"parameter": "mode", "is": "quick"}}
    spec["pipelines"]["train"]["steps"] = {"fit": {"image": IMAGE, "command": ["true"]}, "fails": fails}
    said = airflow(
        sources(compiled(AIRFLOW, spec).environments["default"].tree), dag="x_default_train", conf={"mode": mode},
        folder=str(folder), environment={"PATH": f"{programs}:{os.environ['PATH']}"},
    )  # fmt: skip
    assert (said["states"]["end"], said["state"]) == ("failed", state)
