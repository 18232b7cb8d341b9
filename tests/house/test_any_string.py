"""Any string in any field of free text comes back unchanged from the rendered file, or is refused at its place."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops_spec.compiler import compile_spec
from mlops_spec.diagnostic import failed
from mlops_spec.language.placeholder import escape
from mlops_spec.source.files import Memory
from tests.yaml_readers import read_by_libyaml

DIGEST = "@sha256:" + "4b" * 32
PIECES = st.sampled_from(
    [
        "{{",
        "}}",
        "{{=1}}",
        "$(HOME)",
        "$",
        "${",
        "\n",
        "---",
        ": ",
        " #",
        "'",
        '"',
        "\\",
        "yes",
        "0x1",
        "{",
        "é",
        "\U0001f600",
        "\x85",
        "\u2028",
        " ",
        "%",
        "&a",
        "*a",
        "!b",
        "a",
    ]
)
TEXTS = st.lists(PIECES, max_size=5).map("".join) | st.text(max_size=12)
# Where a text stands in the spec, the file that it must come back from, and the way to it.
TEMPLATE = "default/pipelines/workflowtemplate-train.yaml"
STATE = "default/tracking/configmap-mlops-sync.yaml"
DASHBOARD = "default/monitoring/grafanadashboard-m.yaml"
FIELDS = {
    "pipelines.train.steps.fit.command.1": (TEMPLATE, lambda d: step(d)["container"]["command"][1]),
    "pipelines.train.steps.fit.env.TEXT": (TEMPLATE, lambda d: env(d)["TEXT"]),
    "pipelines.train.steps.fit.description": (TEMPLATE, lambda d: step(d)["metadata"]["annotations"]["mlops-spec.dev/description"]),
    "pipelines.train.steps.fit.when.is": (TEMPLATE, lambda d: compared(task(d)["when"])),
    "pipelines.train.steps.fit.foreach.item.0": (TEMPLATE, lambda d: task(d)["withItems"][0]["item"]),
    "pipelines.train.description": (TEMPLATE, lambda d: d["metadata"]["annotations"]["mlops-spec.dev/description"]),
    "pipelines.train.parameters.mode": (TEMPLATE, lambda d: d["spec"]["arguments"]["parameters"][0]["value"]),
    "experiments.e.description": (STATE, lambda d: state(d)["experiments"]["e"]["tags"]["mlflow.note.content"]),
    "experiments.e.tags.team": (STATE, lambda d: state(d)["experiments"]["e"]["tags"]["team"]),
    "models.m.description": (STATE, lambda d: state(d)["registered_models"]["m"]["description"]),
    "platform.dashboards.folder": (DASHBOARD, lambda d: d["spec"]["folder"]),
    "platform.dashboards.datasource": (DASHBOARD, lambda d: shown(d)["templating"]["list"][0]["current"]["text"]),
    "monitors.w.custom.q.query": (DASHBOARD, lambda d: asked(shown(d)["panels"][1]["targets"][0]["expr"])),
    "project.description": ("default/cluster/namespace-x.yaml", lambda d: d["metadata"]["annotations"]["mlops-spec.dev/description"]),
}  # fmt: skip
KUBERNETES_EXPANDS = ("command", "env", "parameters", "is", "foreach")


def spec() -> dict[str, Any]:
    fit = {
        "image": f"registry.acme.example/fit{DIGEST}", "command": ["fit", "plain"], "env": {"TEXT": "plain"},
        "description": "plain", "when": {"parameter": "mode", "is": "plain"}, "foreach": {"item": ["plain"]},
    }  # fmt: skip
    return {
        "apiVersion": "mlops-spec/v1",
        "project": {"name": "x", "description": "plain"},
        "experiments": {"e": {"description": "plain", "tags": {"team": "plain"}}},
        "models": {"m": {"description": "plain"}},
        "monitors": {"w": {"model": "m", "custom": {"q": {"query": "plain", "require": "< 1"}}, "dashboard": True}},
        "platform": {"dashboards": {"folder": "plain", "datasource": "plain"}},
        "pipelines": {"train": {"description": "plain", "parameters": {"mode": "plain"}, "steps": {"fit": fit}}},
    }


def task(document: Any) -> Any:
    dag = next(t for t in document["spec"]["templates"] if "dag" in t)
    return next(t for t in dag["dag"]["tasks"] if t["name"] == "fit")


def step(document: Any) -> Any:
    return next(t for t in document["spec"]["templates"] if t["name"] == "fit")


def env(document: Any) -> dict[str, str]:
    return {variable["name"]: variable.get("value", "") for variable in step(document)["container"]["env"]}


def state(document: Any) -> Any:
    return read_by_libyaml(document["data"]["desired-state.yaml"])


def shown(document: Any) -> Any:
    return json.loads(document["spec"]["json"])


def asked(expression: str) -> str:
    return expression.removeprefix("(\n").removesuffix("\n)")


def compared(when: str) -> str:
    return str(json.loads(when.removeprefix("{{=workflow.parameters.mode == ").removesuffix("}}")))


def expanded(text: str) -> str:
    """Read text as the kubelet does where no variable of the name exists: ``$$`` is ``$``, all else stays."""
    return text.replace("$$", "$")


@pytest.mark.parametrize("address", FIELDS)
@settings(max_examples=40)
@given(text=TEXTS)
def test_a_string_comes_back_or_is_refused(address: str, text: str) -> None:
    data = spec()
    holder: Any = data
    *path, last = address.split(".")
    for part in path:
        holder = holder[int(part) if part.isdigit() else part]
    holder[int(last) if last.isdigit() else last] = escape(text)
    try:
        raw = json.dumps(data).encode()
    except UnicodeEncodeError:
        return
    result = compile_spec(Memory({"mlops.yaml": raw}), "mlops.yaml")
    if failed(result.diagnostics):
        assert all(d.place is not None and d.place.file == "mlops.yaml" for d in result.diagnostics)
        return
    file, way = FIELDS[address]
    document = read_by_libyaml(result.tree[file])
    if text == "" and address.endswith("description"):
        with pytest.raises(KeyError):
            way(document)
        return
    found = way(document)
    text = text.strip() if address.endswith("query") else text
    assert (expanded(found) if any(word in address for word in KUBERNETES_EXPANDS) else found) == text
