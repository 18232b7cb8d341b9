"""Reads what is rendered for Argo Workflows back as plain graphs."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import yaml

from tests.readers.graph import Artifact, Container, Graph, Left, Node, Secret, Text, Wire, joined
from tests.readers.kubernetes import expanded

_WORD = re.compile(r"\{\{([^{}]*)\}\}")
_WHEN = re.compile(r"\{\{=workflow\.parameters\.(\S+) == (\".*\")\}\}", re.DOTALL)
_FROM = re.compile(r"\{\{tasks\.([^.]+)\.outputs\.artifacts\.([^.]+)\}\}")
_QUEUE = "kueue.x-k8s.io/queue-name"
_RUN = {
    "workflow.uid": Wire("run"),
    "workflow.scheduledTime": Wire("due"),
    "workflow.creationTimestamp.RFC3339": Wire("started"),
    "workflow.status": Wire("outcome"),
}
Document = Mapping[str, Any]


def graphs(tree: Mapping[str, str]) -> dict[str, Graph]:
    """Return the pipelines of one environment's tree, by name."""
    documents = [yaml.load(text, yaml.CSafeLoader) for path, text in tree.items() if path.startswith("pipelines/")]
    schedules = {d["metadata"]["name"]: d["spec"] for d in documents if d["kind"] == "CronWorkflow"}
    workflows = {d["metadata"]["name"]: d["spec"] for d in documents if d["kind"] == "WorkflowTemplate"}
    return {name: _graph(spec, schedules.get(name)) for name, spec in workflows.items()}


def _graph(spec: Document, schedule: Document | None) -> Graph:
    templates = {template["name"]: template for template in spec["templates"]}
    tasks = {task["name"]: task for task in templates["Pipeline"]["dag"]["tasks"]}
    decision = templates.get("Decision", {"dag": {"tasks": ()}})
    decides = {"Decision", *(task["template"] for task in decision["dag"]["tasks"])}
    last = _exit(spec, templates)
    of_graph = set(templates) - decides - {"Pipeline", spec.get("onExit")}
    assert {task["template"] for task in (*tasks.values(), *last)} == of_graph
    _in_order(tasks)
    cron = (schedule["schedules"][0], schedule["timezone"]) if schedule else None
    return Graph(
        parameters={p["name"]: expanded(p["value"]) for p in spec.get("arguments", {}).get("parameters", ())},
        steps={name: _Read(task, templates[task["template"]], tasks).node() for name, task in tasks.items()},
        timeout=spec.get("activeDeadlineSeconds"),
        schedule=cron,
        end=_Read(last[0], templates["end"], {}).node() if last else None,
    )


def _exit(spec: Document, templates: Mapping[str, Document]) -> list[Document]:
    """Return the task that runs whatever became of the others; its failure is not the workflow's."""
    if "onExit" not in spec:
        return []
    (task,) = templates[spec["onExit"]]["dag"]["tasks"]
    assert task["continueOn"] == {"error": True, "failed": True}
    return [{key: value for key, value in task.items() if key != "continueOn"}]


def _in_order(tasks: Mapping[str, Document]) -> None:
    done: set[str] = set()
    while len(done) < len(tasks):
        ready = {n for n, t in tasks.items() if n not in done and set(t.get("dependencies", ())) <= done}
        assert ready, f"a circle, or a task that is not there: {set(tasks) - done}"
        done |= ready


class _Read:
    """One task with its template."""

    def __init__(self, task: Document, template: Document, tasks: Mapping[str, Document]) -> None:
        self.task, self.template, self.tasks = task, template, tasks
        given = task.get("arguments", {})
        self.wires = {p["name"]: p["value"] for p in given.get("parameters", ())}
        self.files = {a["name"]: a for a in given.get("artifacts", ())}
        taken = template.get("inputs", {})
        assert set(self.wires) == {p["name"] for p in taken.get("parameters", ())}
        assert set(self.files) == {a["name"] for a in taken.get("artifacts", ())}
        self.volumes = {
            v["name"]: (v["emptyDir"].get("sizeLimit"), v["emptyDir"].get("medium") == "Memory")
            for v in template.get("volumes", ())
        }

    def node(self) -> Node:
        template, labels = self.template, self.template.get("metadata", {}).get("labels", {})
        outputs, retry = template.get("outputs", {}), template.get("retryStrategy")
        return Node(
            container=self._container(template["container"]),
            init=tuple(map(self._container, template.get("initContainers", ()))),
            after=frozenset(self.task.get("dependencies", ())),
            inputs={name: self._given(artifact) for name, artifact in self.files.items()},
            outputs={a["name"]: Left(None, self._uri(a)) for a in outputs.get("artifacts", ())},
            results=frozenset(p["name"] for p in outputs.get("parameters", ())),
            retries=(retry["limit"], int(retry["backoff"]["duration"].removesuffix("s"))) if retry else None,
            timeout=template.get("activeDeadlineSeconds"),
            when=self._when(),
            items=tuple(
                (key, expanded(value))
                for item in self.task.get("withItems", ())
                for key, value in item.items()
                if key != "index"
            ),
            node_selector=template.get("nodeSelector", {}),
            tolerations=frozenset(
                (t.get("key"), t["operator"], t.get("value"), t.get("effect")) for t in template.get("tolerations", ())
            ),
            queue=labels.get(_QUEUE),
            annotations=template.get("metadata", {}).get("annotations", {}),
        )

    def _when(self) -> tuple[str, str] | None:
        if "when" not in self.task:
            return None
        found = _WHEN.fullmatch(self.task["when"])
        assert found is not None
        return found[1], expanded(json.loads(found[2]))

    def _given(self, artifact: Document) -> Artifact | Text:
        if "from" in artifact:
            found = _FROM.fullmatch(artifact["from"])
            assert found is not None
            assert found[1] in self.task["dependencies"]
            return Artifact(found[1], found[2])
        return self._text(artifact["raw"]["data"]) if "raw" in artifact else self._uri(artifact)

    def _uri(self, artifact: Document) -> Text:
        scheme = "s3" if "s3" in artifact else "gcs"
        at = artifact[scheme]
        return self._text(f"{ {'s3': 's3', 'gcs': 'gs'}[scheme] }://{at['bucket']}/{at['key']}")

    def _container(self, said: Document) -> Container:
        env: dict[str, Text | Secret] = {}
        for one in said.get("env", ()):
            key = one.get("valueFrom", {}).get("secretKeyRef")
            env[one["name"]] = Secret(key["name"], key["key"]) if key else self._text(one["value"])
        return Container(
            image=said["image"],
            command=tuple(map(self._text, said["command"])),
            env=env,
            requests=said["resources"]["requests"],
            limits=said["resources"]["limits"],
            volumes={m["mountPath"]: self.volumes[m["name"]] for m in said.get("volumeMounts", ())},
        )

    def _text(self, text: str) -> Text:
        parts = _WORD.split(text)
        assert not any("{{" in part for part in parts[::2]), text
        return joined([self._wire(part) if number % 2 else expanded(part) for number, part in enumerate(parts)])

    def _wire(self, word: str) -> Wire:
        if word in _RUN:
            return _RUN[word]
        path = word.split(".")
        if path[:2] == ["inputs", "parameters"]:
            return self._wire(self.wires[path[2]].removeprefix("{{").removesuffix("}}"))
        if path[0] == "item":
            return Wire("item", path[1])
        if path[:2] == ["workflow", "parameters"]:
            return Wire("parameter", path[2])
        assert (path[0], path[1], path[2:4]) == ("tasks", "begin", ["outputs", "parameters"]), word
        assert "begin" in self.task["dependencies"]
        return Wire("begin", path[4])
