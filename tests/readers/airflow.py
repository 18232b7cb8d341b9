"""Reads the DAG files that are rendered for Airflow back as plain graphs, without Airflow: as Python and Jinja parse them."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Any

import yaml
from jinja2 import Environment, nodes

from tests.readers.graph import Artifact, Container, Graph, Left, Node, Secret, Text, Wire, joined
from tests.readers.kubernetes import expanded

_JINJA = Environment(extensions=["jinja2.ext.do"])  # as Airflow makes it
_QUEUE = "kueue.x-k8s.io/queue-name"
_XCOM = "/airflow/xcom/return.json"
_INPUTS, _OUTPUTS = "/mlops/inputs/", "/mlops/outputs/"
_DUE = "dag_run.run_after.isoformat() if dag_run.run_type in ('scheduled', 'backfill') else ''"
_OUTCOME = (
    "'failed' if ti.get_task_states(dag_id=ti.dag_id, run_ids=[run_id])[run_id].values()"
    " | reject('in', ['success', 'skipped', 'running']) | list else 'success'"
)
_STARTED_BY = (
    "'schedule' if dag_run.run_type == 'scheduled'"
    " else (triggering_asset_events | first).name.rpartition('.')[2] if dag_run.run_type == 'asset_triggered'"
    " else params"
)
_ALWAYS = {
    "catchup": False,
    "max_active_runs": 1,
    "is_paused_upon_creation": False,
    "render_template_as_native_obj": False,
}
_RESTRICTED = {
    "runAsNonRoot": True,
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
    "seccompProfile": {"type": "RuntimeDefault"},
}
_POD = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}


def graphs(tree: Mapping[str, str]) -> dict[str, Graph]:
    """Return the pipelines of one environment's tree, by name."""
    found = {}
    for text in sources(tree).values():
        dag_id, graph = _graph(ast.parse(text))
        found[dag_id.split("_")[2]] = graph
    return found


def sources(tree: Mapping[str, str]) -> dict[str, str]:
    """Return the DAG files of a tree by their names, from ConfigMaps or as they lie there."""
    found = {path.rpartition("/")[2]: text for path, text in tree.items() if path.endswith(".py")}
    for path, text in tree.items():
        if path.startswith("pipelines/configmap-"):
            data = yaml.load(text, yaml.CSafeLoader)["data"]
            found |= {name: text for name, text in data.items() if name.endswith(".py")}
    return found


def _graph(module: ast.Module) -> tuple[str, Graph]:
    (dag,) = (node for node in module.body if isinstance(node, ast.With))
    names = {
        node.targets[0].id: ast.literal_eval(node.value)
        for node in module.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    assert names["RESTRICTED"] == _RESTRICTED
    read = _Read(names)
    said = read.keywords(dag.items[0].context_expr)
    assert {key: said[key] for key in _ALWAYS} == _ALWAYS
    assert said["default_args"]["trigger_rule"] == "none_failed"
    assert said["default_args"]["retries"] == 0
    edges = list(_edges(dag))
    last = _torn_down(dag)
    tasks = [read.keywords(node.value) for node in dag.body if isinstance(node, ast.Expr) and _starts_pod(node.value)]
    read.outputs = {task["task_id"]: read.left(task) for task in tasks}
    steps = {task["task_id"]: read.node(task, frozenset(a for a, b in edges if b == task["task_id"])) for task in tasks}
    end = steps.pop(last) if last else None
    assert {name for edge in edges for name in edge} <= set(steps)
    cron, assets = said["schedule"] or (None, {})
    graph = Graph(
        parameters=said["params"],
        steps=steps,
        timeout=said.get("dagrun_timeout"),
        schedule=cron,
        end=end,
        arrivals={_of(said["dag_id"], asset): data for asset, data in assets.items()},
    )
    return said["dag_id"], graph


def _of(dag_id: str, asset: str) -> str:
    """Return the event that an asset is there for, which belongs to one DAG alone."""
    before, _, event = asset.rpartition(".")
    assert before == dag_id
    return event


def _starts_pod(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "KubernetesPodOperator"


def _edges(dag: ast.With) -> Iterator[tuple[str, str]]:
    for node in dag.body:
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.BinOp):
            ends = [node.value.left, node.value.right]
            if all(isinstance(end, ast.Call) and end.args for end in ends):
                before, after = (ast.literal_eval(end.args[0]) for end in ends if isinstance(end, ast.Call))
                yield before, after


def _torn_down(dag: ast.With) -> str | None:
    """Return the task that runs after the last of the others, whatever became of them, and which counts for nothing."""
    for node in dag.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "last":
            (found,) = (one.value for one in ast.walk(node) if isinstance(one, ast.Constant))
            assert ast.unparse(node.value) == f"[task for task in dag.leaves if task.task_id != {found!r}]"
            assert f"last >> step({found!r}).as_teardown()" in map(ast.unparse, dag.body)
            return str(found)
    return None


class _Read:
    """The tasks of one DAG; ``names`` are the module's own."""

    def __init__(self, names: Mapping[str, Any]) -> None:
        self.names = names
        self.outputs: dict[str, dict[str, Left]] = {}

    def keywords(self, call: ast.expr) -> dict[str, Any]:
        assert isinstance(call, ast.Call)
        assert not call.args
        given = {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg is not None}
        assert len(given) == len(call.keywords)
        return {key: self.value(value) for key, value in given.items() if key != "doc_md"}

    def value(self, node: ast.expr) -> Any:
        """Evaluate literals, names of the module, and the few calls that the file makes."""
        if isinstance(node, ast.Name):
            return self.names[node.id]
        if isinstance(node, ast.List):
            return [self.value(item) for item in node.elts]
        if isinstance(node, ast.Dict):
            found: dict[str, Any] = {}
            for key, item in zip(node.keys, node.values, strict=True):
                said = self.value(item) if key is None else {ast.literal_eval(key): self.value(item)}
                assert not set(said) & set(found)
                found |= said
            return found
        if isinstance(node, ast.Call):
            assert isinstance(node.func, ast.Name)
            args = [self.value(arg) for arg in node.args]
            named = {keyword.arg: self.value(keyword.value) for keyword in node.keywords}
            if node.func.id == "timedelta":
                return named.get("seconds", 0)
            if node.func.id == "CronTriggerTimetable":
                assert named["run_immediately"] == 0
                return (args[0], named["timezone"]), {}
            if node.func.id == "Asset":
                return args[0], named.get("extra", {}).get("data")
            if node.func.id == "AssetAny":
                return None, dict(args)
            if node.func.id == "AssetOrTimeSchedule":
                return named["timetable"][0], named["assets"][1]
            if node.func.id == "Param":
                assert named == {"type": "string"}
                return args[0]
            assert node.func.id == "only_if", node.func.id
            return (args[0], args[1])
        return ast.literal_eval(node)

    def left(self, task: Mapping[str, Any]) -> dict[str, Left]:
        """Return a task's outputs, as its command is told where they are kept."""
        told, values = self._told(task)
        outputs = [one["from"].removeprefix(_OUTPUTS) for one in told["outputs"]]
        return {name: Left(None, value) for name, value in zip(outputs, values[len(told["inputs"]) :], strict=True)}

    def _told(self, task: Mapping[str, Any]) -> tuple[dict[str, Any], list[Text]]:
        """Return what the program ``step`` is told, and its values."""
        command = self.node(task, frozenset(), bare=True).container.command
        if command[1:2] != (("step",),) or not str(command[0][0]).endswith("mlops-spec-runtime"):
            return {"inputs": [], "outputs": []}, []
        ((text,),) = command[2:3]
        told = yaml.load(str(text), yaml.CSafeLoader)
        count = len(told["inputs"]) + len(told["outputs"])
        assert command[3 + count] == ("--",)
        return told, list(command[3 : 3 + count])

    def node(self, task: Mapping[str, Any], after: frozenset[str], *, bare: bool = False) -> Node:
        pod = task["pod_template_dict"]
        spec, metadata = pod["spec"], pod["metadata"]
        assert spec["securityContext"] == _POD
        assert spec["automountServiceAccountToken"] is False
        volumes = {
            v["name"]: (v["emptyDir"].get("sizeLimit"), v["emptyDir"].get("medium") == "Memory")
            for v in spec.get("volumes", ())
        }
        labels = {key: _plain(value) for key, value in metadata["labels"].items()}
        assert self.names["LABELS"].items() <= labels.items()
        (main,) = spec["containers"]
        assert main["name"] == "base"
        container = self._container(main, volumes)
        retries = (task["retries"], task["retry_delay"]) if "retries" in task else None
        assert retries is None or task["retry_exponential_backoff"] == 2
        return Node(
            container=container,
            init=tuple(self._container(one, volumes) for one in spec.get("initContainers", ())),
            after=after,
            inputs={} if bare else self._inputs(task, after),
            outputs={} if bare else self.outputs[task["task_id"]],
            results=frozenset(_results(container)) if task.get("do_xcom_push") else frozenset(),
            retries=retries,
            timeout=task.get("execution_timeout"),
            when=task.get("pre_execute"),
            node_selector={key: _plain(value) for key, value in spec.get("nodeSelector", {}).items()},
            tolerations=frozenset(
                (t.get("key"), t["operator"], t.get("value"), t.get("effect")) for t in spec.get("tolerations", ())
            ),
            queue=labels.get(_QUEUE),
            annotations={key: _plain(value) for key, value in metadata.get("annotations", {}).items()},
        )

    def _inputs(self, task: Mapping[str, Any], after: frozenset[str]) -> dict[str, Artifact | Text]:
        """Return what a task's command fetches: artifacts of a task before, found by where these are kept."""
        told, values = self._told(task)
        kept = {
            left.uri: Artifact(step, output)
            for step, outputs in self.outputs.items()
            if step in after
            for output, left in outputs.items()
        }
        found: dict[str, Artifact | Text] = {}
        for one, value in zip(told["inputs"], values, strict=False):
            found[one["to"].removeprefix(_INPUTS)] = value if one.get("content") else kept[value]
        return found

    def _container(self, said: Mapping[str, Any], volumes: Mapping[str, tuple[str | None, bool]]) -> Container:
        assert said["securityContext"] == _RESTRICTED
        env: dict[str, Text | Secret] = {}
        for one in said.get("env", ()):
            key = one.get("valueFrom", {}).get("secretKeyRef")
            env[one["name"]] = Secret(key["name"], key["key"]) if key else _text(one["value"])
        return Container(
            image=_plain(said["image"]),
            command=tuple(map(_text, said["command"])),
            env=env,
            requests=said["resources"]["requests"],
            limits=said["resources"]["limits"],
            volumes={m["mountPath"]: volumes[m["name"]] for m in said.get("volumeMounts", ())},
        )


def _results(container: Container) -> Iterator[str]:
    for name, value in container.env.items():
        if name.startswith("MLOPS_RESULT_"):
            assert value == (_XCOM,)
            yield name.removeprefix("MLOPS_RESULT_").lower()


def _text(text: str) -> Text:
    """Return what a container sees of a text: Airflow reads Jinja in it, then Kubernetes its own references."""
    return tuple(part if isinstance(part, Wire) else expanded(part) for part in joined(_rendered(text)))


def _plain(text: str) -> str:
    """Return a text that Airflow reads Jinja in, and nobody else anything."""
    parts = list(_rendered(text))
    assert not any(isinstance(part, Wire) for part in parts)
    return "".join(map(str, parts))


def _rendered(text: str) -> Iterator[str | Wire]:
    for statement in _JINJA.parse(text).body:
        assert isinstance(statement, nodes.Output), text
        for node in statement.nodes:
            if isinstance(node, nodes.TemplateData):
                yield node.data
            elif isinstance(node, nodes.Const):
                yield node.value
            else:
                yield _wire(node)


def _expression(text: str) -> nodes.Expr:
    (statement,) = _JINJA.parse("{{ " + text + " }}").body
    assert isinstance(statement, nodes.Output)
    return statement.nodes[0]


def _wire(node: nodes.Expr) -> Wire:
    """Return the value that an expression stands for: each is one of few, with a name in one place."""
    got = (item.arg for item in (node, *node.find_all(nodes.Getitem)) if isinstance(item, nodes.Getitem))
    name = next((key.value for key in got if isinstance(key, nodes.Const) and isinstance(key.value, str)), "")
    for wire, said in (
        (Wire("parameter", name), f"{_STARTED_BY}['{name}']"),
        (Wire("parameter", name), f"params['{name}'] | replace('$', '$$')"),
        (Wire("run"), "run_id | replace(':', '.') | replace('+', '_')"),
        (Wire("begin", name), f"ti.xcom_pull(task_ids='begin')['{name}']"),
        (Wire("due"), _DUE),
        (Wire("started"), "dag_run.start_date.isoformat()"),
        (Wire("outcome"), _OUTCOME),
    ):
        if node == _expression(said):
            return wire
    raise AssertionError(f"no value of ours: {node}")
