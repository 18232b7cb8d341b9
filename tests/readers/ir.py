"""Reads Kubeflow's intermediate representation back as a plain graph, and finds fault with what no schema checks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from mlops_spec.language.units import Quantity
from tests.readers.graph import Artifact, Container, Left, Node, Secret, Text, Wire, joined

Document = Mapping[str, Any]
Meant = Callable[[str], str]

_WORD = re.compile(r"\{\{\$\.(inputs|outputs)\.(parameters|artifacts)\['([^']+)'\](?:\.(path|uri|output_file))?\}\}")
_LATE = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=(.*\{\{\$.*)", re.DOTALL)
_CONDITION = re.compile(r"inputs\.parameter_values\['when'\] == '((?:[^'\\]|\\.)*)'", re.DOTALL)
_TYPES = {"system.Dataset": "dataset", "system.Model": "model", "system.Metrics": "metrics", "system.Artifact": "file"}
_KINDS = {
    ("inputs", "artifacts", "path"): "input",
    ("inputs", "artifacts", "uri"): "uri",
    ("outputs", "artifacts", "path"): "output",
    ("outputs", "parameters", "output_file"): "result",
}
_CONSTANTS = {
    "{{$.pipeline_job_uuid}}": Wire("run"),
    "{{$.pipeline_job_schedule_time_utc}}": Wire("due"),
    "{{$.pipeline_job_create_time_utc}}": Wire("started"),
}


class Representation:
    """One pipeline; ``meant`` undoes what the system does to text on its way into a container."""

    def __init__(self, specification: Document, meant: Meant) -> None:
        self.specification, self.meant = specification, meant
        self.components = specification["components"]
        self.executors = specification["deploymentSpec"]["executors"]
        self.around = specification["root"]
        self.tasks = self.around["dag"]["tasks"]
        self.last: Document = {}
        if "exit-handler" in self.components:  # the graph of all steps stands beside what ends the run
            self.last, self.around = self.tasks, self.components["exit-handler"]
            self.tasks = self.around["dag"]["tasks"]
        self._check()

    def _check(self) -> None:
        """Find fault with names that name nothing, with what nothing names, and with circles."""
        assert self.specification["schemaVersion"] == "2.1.0"
        used = {task["componentRef"]["name"] for task in self._all_tasks()}
        assert used == set(self.components), used ^ set(self.components)
        labels = [c["executorLabel"] for c in self.components.values() if "dag" not in c]
        assert sorted(labels) == sorted(self.executors)
        done: set[str] = set()
        while len(done) < len(self.tasks):
            ready = {n for n, t in self.tasks.items() if n not in done and set(t.get("dependentTasks", ())) <= done}
            assert ready, f"a circle, or a task that is not there: {set(self.tasks) - done}"
            done |= ready
        for name, task in self.tasks.items():
            self._wired(name, task, self.tasks, self.around)
        if self.last:
            self._ended()

    def _ended(self) -> None:
        """Hold what ends the run to the graph of all steps, after which it runs whatever became of that."""
        assert set(self.last) == {"steps", "end"}
        outer = self.specification["root"].get("inputDefinitions", {}).get("parameters", {})
        handed = self.last["steps"].get("inputs", {"parameters": {}})["parameters"]
        assert handed == {name: {"componentInputParameter": name} for name in outer}
        assert set(self.around.get("inputDefinitions", {"parameters": {}})["parameters"]) == set(outer)
        assert "dependentTasks" not in self.last["steps"]
        end = self.last["end"]
        assert end["dependentTasks"] == ["steps"]
        assert end["triggerPolicy"] == {"strategy": "ALL_UPSTREAM_TASKS_COMPLETED"}
        assert self.components["comp-end"]["inputDefinitions"]["parameters"]["status"] == {
            "isOptional": True,
            "parameterType": "TASK_FINAL_STATUS",
        }
        self._wired("end", end, self.last, self.specification["root"])

    def _all_tasks(self) -> Iterator[Document]:
        yield from self.specification["root"]["dag"]["tasks"].values()
        for component in self.components.values():
            yield from component.get("dag", {"tasks": {}})["tasks"].values()

    def _wired(self, name: str, task: Document, tasks: Document, around: Document) -> None:
        """Hold a task's arguments to what its component takes, and to what is there to be taken."""
        component, given = self.components[task["componentRef"]["name"]], task.get("inputs", {})
        assert task["taskInfo"]["name"] == name
        for kind in ("parameters", "artifacts"):
            wanted, have = component.get("inputDefinitions", {}).get(kind, {}), given.get(kind, {})
            assert set(wanted) == set(have), name
            for key, source in have.items():
                self._source(kind, source, wanted[key], task, tasks, around)
        if "dag" in component:
            ((inner, only),) = component["dag"]["tasks"].items()
            assert "dependentTasks" not in only
            self._wired(inner, only, {}, component)

    def _source(
        self, kind: str, source: Document, wanted: Document, task: Document, tasks: Document, around: Document
    ) -> None:
        ((form, said),) = source.items()
        if form.startswith("componentInput"):
            assert around["inputDefinitions"][kind][said].get("artifactType") == wanted.get("artifactType")
        elif form.startswith("taskOutput"):
            producer = said["producerTask"]
            assert producer in task["dependentTasks"]
            left = self.components[tasks[producer]["componentRef"]["name"]]
            key = said["outputParameterKey" if kind == "parameters" else "outputArtifactKey"]
            found = left["outputDefinitions"][kind][key]
            assert found.get("artifactType") == wanted.get("artifactType")
            if "dag" in left:
                ((selector,),) = [
                    s["artifactSelectors"] for k, s in left["dag"]["outputs"]["artifacts"].items() if k == key
                ]
                assert selector == {"outputArtifactKey": key, "producerSubtask": next(iter(left["dag"]["tasks"]))}
        elif form == "taskFinalStatus":
            assert said == {"producerTask": "steps"}
        else:
            assert said["constant"] in _CONSTANTS

    def parameters(self) -> dict[str, str]:
        """Return the parameters with their defaults."""
        said = self.specification["root"].get("inputDefinitions", {}).get("parameters", {})
        return {name: self.meant(one["defaultValue"]) for name, one in said.items()}

    def nodes(self, placed: Callable[[str], dict[str, Any]]) -> dict[str, Node]:
        """Return the steps; ``placed`` says of an executor what the platform alone knows: fields of node and container."""
        return {name: self._node(task, placed) for name, task in self.tasks.items()}

    def end(self, placed: Callable[[str], dict[str, Any]]) -> Node | None:
        """Return what ends the run, which no edge between steps leads to."""
        return replace(self._node(self.last["end"], placed), after=frozenset()) if self.last else None

    def _node(self, task: Document, placed: Callable[[str], dict[str, Any]]) -> Node:
        component, run, when = self.components[task["componentRef"]["name"]], task, None
        if "dag" in component:
            ((_, run),) = component["dag"]["tasks"].items()
            found = _CONDITION.fullmatch(run["triggerPolicy"]["condition"])
            assert found is not None
            parameter = task["inputs"]["parameters"]["when"]["componentInputParameter"]
            when = (parameter, self.meant(re.sub(r"\\(.)", r"\1", found[1], flags=re.DOTALL)))
            component = self.components[run["componentRef"]["name"]]
        label, wires = component["executorLabel"], task.get("inputs", {})
        known = placed(label)
        secrets, volumes = known.pop("secrets"), known.pop("volumes")
        outputs = component.get("outputDefinitions", {})
        return Node(
            container=self._container(
                self.executors[label]["container"], wires.get("parameters", {}), secrets, volumes
            ),
            after=frozenset(task.get("dependentTasks", ())),
            inputs={k: _artifact(source) for k, source in wires.get("artifacts", {}).items()},
            outputs={
                k: Left(_TYPES[one["artifactType"]["schemaTitle"]], None)
                for k, one in outputs.get("artifacts", {}).items()
            },
            results=frozenset(outputs.get("parameters", ())),
            retries=_retries(run.get("retryPolicy")),
            when=when,
            **known,
        )

    def _container(
        self, said: Document, wires: Document, secrets: dict[str, Secret], volumes: dict[str, tuple[str | None, bool]]
    ) -> Container:
        words, late = list(said["command"]), {}
        if words[0] == "env":
            del words[0]
            while words and (found := _LATE.fullmatch(words[0])):
                late[found[1]] = self._text(found[2], wires)
                del words[0]
        plain = {one["name"]: self._text(one["value"], wires) for one in said.get("env", ())}
        assert not any(isinstance(part, Wire) for text in plain.values() for part in text), "variables are not resolved"
        env: dict[str, Text | Secret] = {**plain, **late, **secrets}
        assert len(env) == len(plain) + len(late) + len(secrets)
        amounts = _amounts(said["resources"])
        return Container(
            image=said["image"],
            command=tuple(self._text(word, wires) for word in words),
            env=env,
            requests=amounts,
            limits=amounts,
            volumes=volumes,
        )

    def _text(self, text: str, wires: Document) -> Text:
        found: list[str | Wire] = []
        at = 0
        for match in _WORD.finditer(text):
            found += [text[at : match.start()], self._wire(match, wires)]
            at = match.end()
        found.append(text[at:])
        assert not any("{{$" in part for part in found if isinstance(part, str)), text
        return joined([self.meant(part) if isinstance(part, str) else part for part in found])

    def _wire(self, match: re.Match[str], wires: Document) -> Wire:
        direction, kind, name, rest = match.groups()
        if (direction, kind) != ("inputs", "parameters"):
            return Wire(_KINDS[direction, kind, rest], name)
        ((form, said),) = wires[name].items()
        if form == "componentInputParameter":
            return Wire("parameter", said)
        if form == "runtimeValue":
            return _CONSTANTS[said["constant"]]
        if form == "taskFinalStatus":
            return Wire("outcome")
        assert said["producerTask"] == "begin"
        return Wire("begin", said["outputParameterKey"])


def _artifact(source: Document) -> Artifact:
    said = source["taskOutputArtifact"]
    return Artifact(said["producerTask"], said["outputArtifactKey"])


def _retries(said: Document | None) -> tuple[int, int] | None:
    if said is None:
        return None
    assert said["backoffFactor"] == 2
    return said["maxRetryCount"], int(said["backoffDuration"].removesuffix("s"))


def _amounts(said: Document) -> dict[str, str]:
    found = {"cpu": said["resourceCpuLimit"], "memory": said["resourceMemoryLimit"]}
    assert found == {"cpu": said["resourceCpuRequest"], "memory": said["resourceMemoryRequest"]}
    assert said["cpuLimit"] == said["cpuRequest"] == float(Quantity(found["cpu"]).amount)
    assert said["memoryLimit"] == said["memoryRequest"] == float(Quantity(found["memory"]).amount) / 10**9
    if "accelerator" in said:
        assert said["accelerator"]["type"] == said["accelerator"]["resourceType"]
        assert said["accelerator"]["count"] == said["accelerator"]["resourceCount"]
        found[said["accelerator"]["resourceType"]] = said["accelerator"]["resourceCount"]
    return found
