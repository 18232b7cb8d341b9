"""Specs of pipelines, made up: fan-out, fan-in, diamonds, long chains, with names and values that mean harm."""

from __future__ import annotations

import json
import re
from typing import Any

from hypothesis import strategies as st

from tests.readers.graph import MARKS

DIGEST = "@sha256:" + "4b" * 32
LOCK = 'lockVersion: 1\nimages: {runtime: {digest: "sha256:' + "4b" * 32 + '"}}\n'
IMAGE = f"registry.acme.example/fit{DIGEST}"

_HARM = (
    "{{", "}}", "{{workflow.name}}", "{{=1+1}}", "{{$", "{{$.inputs.parameters['run']}}", "{", "$(HOME)", "$$(HOME)", "$", "$$",
    "'", '"', "'''", '"""', "\\", "\\'", "\\n", "\n", "\t", "`id`", "; rm -rf /", "%s", "{%", "%}", "{#", "{}", "é", "\u2028",
    "🜚", "[[Index]]", "=", "A=b", "--", "-x", " ", ": ", "# ", "null", "yes", "0x10", '{"IfPresent": 1}', "{% raw %}", "<%", "{{{",
)  # fmt: skip
_SAFE = st.characters(exclude_categories=("C", "Zl", "Zp"), exclude_characters=MARKS)


def _fits(text: str) -> bool:
    return "${{" not in text and text.strip() != ""


def _mild(text: str) -> bool:
    harmful = "{{" in text or text.endswith("{") or "IfPresent" in text or re.search(r"\$([$(]|\Z)", text)
    return _fits(text) and not harmful


def texts(*, mild: bool = False) -> st.SearchStrategy[str]:
    """Text that a spec may hold anywhere: never empty; ``mild`` text is refused by no system."""
    part = st.one_of(
        st.sampled_from(_HARM), st.text(_SAFE, min_size=1, max_size=5), st.sampled_from(("a", "train", "x y"))
    )
    return st.lists(part, min_size=1, max_size=4).map("".join).filter(_mild if mild else _fits)


def _names(count: int, odd: tuple[str, ...], prefix: str) -> st.SearchStrategy[list[str]]:
    """Names of which some are words that systems use themselves."""
    pool = [*odd, *(f"{prefix}{number}" for number in range(count))]
    return st.permutations(pool).map(lambda names: list(names[:count]))


STEPS = (
    "env",
    "run",
    "run-a",
    "comp-a",
    "exec-a",
    "when",
    "pipeline",
    "root",
    "steps",
    "exit-handler",
    "comp-end",
    "main",
    "none",
    "null",
    "true",
    "a-0",
    "x",
)
VALUES = ("run", "run_id", "date", "when", "parameter", "item", "index", "env", "true", "class", "path", "uri", "name")


@st.composite
def pipelines(draw: st.DrawFn, scheme: str = "s3", most: int = 60) -> dict[str, Any]:
    """Draw a spec with one pipeline."""
    count = draw(st.one_of(st.integers(1, 8), st.integers(1, most)))
    text = texts(mild=draw(st.booleans()))
    names = draw(_names(count, STEPS, "step-"))
    parameters = {name: draw(text) for name in draw(_names(draw(st.integers(0, 3)), VALUES, "p"))}
    left: dict[str, list[str]] = {}
    steps: dict[str, Any] = {}
    for number, name in enumerate(names):
        before = names[:number]
        when: dict[str, str] | None = None
        if parameters and draw(st.integers(0, 3)) == 0:
            chosen = draw(st.sampled_from(sorted(parameters)))
            when = {"parameter": chosen, "is": draw(st.sampled_from((parameters[chosen], "full")))}
        there = [*left.get("", ()), *(left.get(json.dumps(when), ()) if when else ())]
        inputs = {
            key: draw(st.sampled_from((source, {"from": source, "as": "uri"})))
            for key, source in zip(VALUES, draw(st.lists(st.sampled_from(there), max_size=3)) if there else [])
        }
        inputs |= draw(st.sampled_from(({}, {}, {"pinned": "datasets.pinned"}, {"moving": "datasets.moving"})))
        outputs = {
            key: {"type": draw(st.sampled_from(("dataset", "model", "metrics", "file")))}
            for key in draw(_names(draw(st.integers(0, 2)), VALUES, "o"))
        }
        many = draw(st.sampled_from((None, None, None, ["eu", draw(text)])))
        words = [
            *(f"${{{{ inputs.{key} }}}}" for key in inputs),
            *(f"${{{{ outputs.{key} }}}}" for key in outputs),
            *(f"${{{{ parameters.{key} }}}}" for key in parameters),
            "${{ run.id }}", "${{ run.date }}", "${{ run.scheduled_at }}", *(["${{ item.region }}"] if many else []),
        ]  # fmt: skip
        word = st.one_of(text, st.sampled_from(words), st.tuples(text, st.sampled_from(words), text).map("".join))
        step: dict[str, Any] = {
            "image": IMAGE,
            "command": [draw(st.sampled_from(("python", "env", "sh"))), *draw(st.lists(word, max_size=4))],
            "env": {key: draw(word) for key in draw(_names(draw(st.integers(0, 2)), (), "V"))},
            "inputs": inputs,
            "outputs": outputs,
            "after": draw(st.lists(st.sampled_from(before), unique=True, max_size=4)) if before else [],
        }
        if many:
            step["foreach"] = {"region": many}
        if when:
            step["when"] = when
        if draw(st.booleans()):
            step["retries"] = {"limit": draw(st.integers(1, 5)), "backoff": draw(st.sampled_from(("1s", "2m", "1h")))}
        if draw(st.booleans()):
            step["timeout"] = draw(st.sampled_from(("1m", "3h")))
        if draw(st.booleans()):
            step["compute"] = "gpu"
        if draw(st.booleans()):
            step["env"]["TOKEN"] = "${{ secrets.store.access_key }}"
        if draw(st.integers(0, 4)) == 0:
            step["description"] = draw(text)
        steps[name] = {key: value for key, value in step.items() if value}
        kept = left.setdefault(json.dumps(when) if when else "", [])
        kept += [f"steps.{name}.outputs.{key}" for key in outputs]
    return {
        "apiVersion": "mlops-spec/v1",
        "project": {"name": "x"},
        "platform": {
            "tracking": {"uri": "http://mlflow.mlops.svc:5000"},
            "artifacts": {"uri": f"{scheme}://acme/artifacts", "region": "eu-central-1", **({"secret": "store"} if scheme == "s3" else {})},
            "runtime": {"image": "registry.acme.example/runtime"},
            "secrets": {"backend": "existing"},
        },
        "secrets": {"store": {"path": "store", "keys": ["access_key", "secret_key"]}},
        "compute": {
            "gpu": {
                "cpu": "500m", "memory": "3Gi", "accelerator": {"model": "nvidia-a100", "count": 2}, "shared_memory": "2Gi", "disk": "7Gi",
                "node_selector": {"pool": "gpu"}, "tolerations": [{"key": "gpu", "operator": "Exists"}], "queue": "ml",
            }
        },
        "datasets": {
            "pinned": {"uri": "s3://acme/pinned", "version": "s3-version:abc"},
            "moving": {"uri": f"{scheme}://acme/ds=${{{{ run.date }}}}", "version": "per-run"},
        },
        "pipelines": {"train": {"parameters": parameters, "steps": steps, "schedule": {"cron": "0 3 * * 1", "timezone": "UTC"}, "timeout": "6h"}},
    }  # fmt: skip


def written(spec: dict[str, Any]) -> str:
    """Write a spec with each of its values on a line of its own."""
    return json.dumps(spec, indent=1, ensure_ascii=False).replace("\u2028", "\\u2028")
