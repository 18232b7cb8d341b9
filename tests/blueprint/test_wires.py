"""Every reference that a rendered workflow makes names something that is there: no client of Argo checks that."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops_spec.compiler import compile_spec
from mlops_spec.diagnostic import failed
from mlops_spec.source.files import Memory
from tests.golden_trees import EXAMPLES, compiled
from tests.yaml_readers import read_by_libyaml

WIRE = re.compile(r"\{\{=?([^}]*)\}\}")
GLOBAL = {"workflow.uid", "workflow.scheduledTime", "workflow.creationTimestamp.RFC3339"}
AT_EXIT = {"workflow.status"}


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)


def wires(value: Any) -> set[str]:
    return {found.partition(" == ")[0] for text in texts(value) for found in WIRE.findall(text)}


def check(workflow: dict[str, Any]) -> None:
    """Assert that parameters, tasks, templates, artifacts and the order between tasks all exist."""
    spec = workflow["spec"]
    parameters = {f"workflow.parameters.{p['name']}" for p in spec.get("arguments", {}).get("parameters", ())}
    templates = {template["name"]: template for template in spec["templates"]}
    tasks = {task["name"]: task for task in templates[spec["entrypoint"]]["dag"]["tasks"]}
    last = {task["template"] for task in templates[spec["onExit"]]["dag"]["tasks"]} if "onExit" in spec else set()
    assert last <= set(templates)
    assert not last & {task["template"] for task in tasks.values()}
    for name, template in templates.items():
        if "dag" in template:
            continue
        taken = {f"inputs.parameters.{p['name']}" for p in template.get("inputs", {}).get("parameters", ())}
        assert wires(template) <= GLOBAL | parameters | taken | (AT_EXIT if name in last else set()), name
        paths = [a["path"] for a in template.get("inputs", {}).get("artifacts", ())]
        assert len(set(paths)) == len(paths)
    for task in tasks.values():
        template = templates[task["template"]]
        assert set(task.get("dependencies", ())) <= set(tasks)
        given = task.get("arguments", {})
        for kind in ("parameters", "artifacts"):
            wanted = {value["name"] for value in template.get("inputs", {}).get(kind, ())}
            assert {value["name"] for value in given.get(kind, ())} == wanted, task["name"]
        items = {key for item in task.get("withItems", ()) for key in item}
        for wire in wires(task):
            parts = wire.split(".")
            if parts[0] == "tasks":
                assert parts[1] in before(tasks, task["name"]), f"{task['name']} does not wait for {parts[1]}"
                outputs = templates[tasks[parts[1]]["template"]]["outputs"][parts[3]]
                assert parts[4] in {output["name"] for output in outputs}
            elif parts[0] == "item":
                assert parts[1] in items
            else:
                assert wire in GLOBAL | parameters, wire


def before(tasks: dict[str, Any], name: str) -> set[str]:
    """Return every task that is done when ``name`` starts."""
    found: set[str] = set()
    stack = list(tasks[name].get("dependencies", ()))
    while stack:
        task = stack.pop()
        if task not in found:
            found.add(task)
            stack += tasks[task].get("dependencies", ())
    return found


def workflows(tree: dict[str, str]) -> list[dict[str, Any]]:
    return [read_by_libyaml(text) for path, text in tree.items() if "workflowtemplate-" in path]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_the_examples_wires_hold(example: Any) -> None:
    found = workflows(compiled(example).tree)
    assert bool(found) == ("pipelines:" in (example / "mlops.yaml").read_text())
    for workflow in found:
        check(workflow)


DIGEST = "@sha256:" + "4b" * 32
HEAD: dict[str, Any] = {
    "apiVersion": "mlops-spec/v1",
    "project": {"name": "x", "repository": "https://git.acme.example/x.git"},
    "platform": {
        "tracking": {"uri": "http://mlflow.mlops.svc:5000"},
        "artifacts": {"uri": "s3://acme/artifacts"},
        "runtime": {"image": "registry.acme.example/runtime"},
    },
    "datasets": {
        "moving": {"uri": "s3://acme/moving/ds=${{ run.date }}/", "version": "per-run"},
        "pinned": {"uri": "s3://acme/pinned/${{ run.scheduled_at }}", "version": "s3-version:abc"},
    },
    "models": {"m": {}},
}
LOCK = 'lockVersion: 1\nimages: {runtime: {digest: "sha256:' + "4b" * 32 + '"}}\n'


@st.composite
def pipelines(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a pipeline: steps that take datasets and outputs of steps before, loop, are conditional, gate and register."""
    steps: dict[str, Any] = {}
    looping: set[str] = set()
    for number in range(draw(st.integers(1, 8))):
        name = f"s{number}"
        earlier = [n for n in steps if "when" not in steps[n]]
        step: dict[str, Any] = {"image": f"registry.acme.example/{name}{DIGEST}", "command": [name], "inputs": {}}
        step["outputs"] = {"out": {"type": draw(st.sampled_from(["dataset", "model", "metrics", "file"]))}}
        for taken in draw(st.lists(st.sampled_from(earlier), max_size=3, unique=True)) if earlier else ():
            step["inputs"][f"from_{taken}"] = {
                "from": f"steps.{taken}.outputs.out",
                "as": draw(st.sampled_from(["file", "uri"])),
            }
        for dataset in draw(st.lists(st.sampled_from(["moving", "pinned"]), max_size=2, unique=True)):
            step["inputs"][dataset] = {"from": f"datasets.{dataset}", "as": draw(st.sampled_from(["file", "uri"]))}
        step["command"] += [f"${{{{ inputs.{key} }}}}" for key in step["inputs"]] + [
            "${{ outputs.out }}",
            "${{ parameters.mode }}",
        ]
        step["env"] = {
            "WHEN": draw(st.sampled_from(["${{ run.date }}", "${{ run.scheduled_at }}", "${{ run.id }}", "plain"]))
        }
        if draw(st.booleans()):
            step["foreach"] = {
                "region": draw(st.lists(st.text("ab'\" ", max_size=3), min_size=1, max_size=3, unique=True))
            }
            step["command"].append("${{ item.region }}")
            looping.add(name)
        elif draw(st.integers(0, 4)) == 0:
            step["when"] = {"parameter": "mode", "is": draw(st.text("ab'\"\\ ", max_size=4))}
        if earlier and draw(st.booleans()):
            step["after"] = [draw(st.sampled_from(earlier))]
        steps[name] = step
    single = [n for n in steps if n not in looping and "when" not in steps[n]]
    metrics = [n for n in single if steps[n]["outputs"]["out"]["type"] == "metrics"]
    trained = [n for n in single if steps[n]["outputs"]["out"]["type"] == "model"]
    if metrics:
        steps["check"] = {"gate": {"metrics": f"steps.{metrics[0]}.outputs.out", "require": {"auc": ">= 0.8"}}}
    if trained:
        steps["keep"] = {"register": {"model": "m", "from": f"steps.{trained[0]}.outputs.out"}}
    return {"parameters": {"mode": "full"}, "steps": steps}


@pytest.mark.long
@settings(max_examples=60)
@given(pipelines())
def test_any_pipelines_wires_hold(pipeline: dict[str, Any]) -> None:
    spec = json.dumps({**HEAD, "pipelines": {"train": pipeline}}).encode()
    result = compile_spec(Memory({"mlops.yaml": spec, "mlops.lock.yaml": LOCK.encode()}), "mlops.yaml")
    assert not failed(result.diagnostics), result.diagnostics
    (workflow,) = workflows(result.tree)
    check(workflow)
    assert set(pipeline["steps"]) < {template["name"] for template in workflow["spec"]["templates"]}
