"""Print churn's pipeline as it reads back from what each orchestrator is given, side by side, and what each cannot do.

``python -m tests.readers [ENVIRONMENT]``. A step that says the same everywhere is shown once, under ``all``. What a system
cannot do (MS145) is taken out of the spec before, and listed.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from mlops_spec.address import parse
from mlops_spec.compiler import Compilation, Options, compile_spec
from mlops_spec.diagnostic import failed
from mlops_spec.source import edit
from mlops_spec.source.files import Memory
from tests.readers import airflow, argo, kubeflow, vertex
from tests.readers.graph import Graph, Node
from tests.variants import texts

SYSTEMS: dict[str, tuple[dict[str, Any], Callable[[Mapping[str, str]], dict[str, Graph]]]] = {
    "argo": ({}, argo.graphs),
    "kubeflow": ({"mode": "native", "host": "https://kubeflow.acme.example"}, kubeflow.graphs),
    "airflow": ({}, airflow.graphs),
    "vertex": ({"project": "acme-ml", "location": "europe-west3"}, vertex.graphs),
}


class Shown(NamedTuple):
    """What a system was given: the graphs read back, and what it cannot do, each with its place."""

    graphs: dict[str, Graph]
    limits: list[str]


def shown(system: str, environment: str) -> Shown:
    """Compile churn for a system, without what it cannot do, and read the graphs back."""
    options, read = SYSTEMS[system]
    files = texts(system, options)
    if system == "vertex":
        files = {
            name: text.replace("uri: s3://acme-ml/artifacts, region: eu-central-1", "uri: gs://acme-ml/artifacts")
            for name, text in files.items()
        }
    limits: list[str] = []
    while True:
        found = _compiled(files, environment)
        asked = [d for d in found.diagnostics if d.code == "MS145" and d.place is not None]
        if not asked:
            break
        for problem in asked:
            assert problem.place is not None
            limits.append(f"{problem.place}: {problem.message}")
            files[problem.place.file] = edit.delete(files[problem.place.file], parse(problem.address))
    assert not failed(found.diagnostics), [str(d) for d in found.diagnostics]
    limits += [f"{d.place}: {d.message}" for d in found.diagnostics if d.code == "MS146" and f"({system})" in d.message]
    return Shown(read(found.environments[environment].tree), limits)


def _compiled(files: Mapping[str, str], environment: str) -> Compilation:
    raw = {name: text.encode() for name, text in files.items()}
    return compile_spec(Memory(raw), "mlops.yaml", Options(only=(environment,)))


def told(node: Node) -> list[str]:
    """Say a step in words."""
    container = node.container
    command = " ".join(
        "".join(part if isinstance(part, str) else f"<{part.kind} {part.name}>".replace(" >", ">") for part in word)
        for word in container.command
    )
    said = {
        "image": container.image,
        "command": command if len(command) < 100 else f"{command[:97]}...",
        "after": ", ".join(sorted(node.after)),
        "inputs": ", ".join(sorted(node.inputs)),
        "outputs": ", ".join(sorted(node.outputs)),
        "compute": ", ".join(f"{name} {amount}" for name, amount in sorted(container.limits.items())),
        "retries": "{} after {} s".format(*node.retries) if node.retries else "",
        "timeout": f"{node.timeout} s" if node.timeout else "",
        "when": " is ".join(node.when) if node.when else "",
        "items": ", ".join(value for _, value in node.items),
    }
    return [f"{key}: {value}" for key, value in said.items() if value]


def lines(environment: str) -> Iterator[str]:
    """Yield the lines of the whole report."""
    found = {system: shown(system, environment) for system in SYSTEMS}
    for pipeline in found["argo"].graphs:
        yield f"pipeline {pipeline}"
        steps = dict.fromkeys(step for one in found.values() for step in one.graphs[pipeline].steps)
        for step in steps:
            yield f"\n  {step}"
            by_line: dict[str, list[str]] = {}
            for system, one in found.items():
                node = one.graphs[pipeline].steps.get(step)
                for line in told(node) if node else ["(no step of its own)"]:
                    by_line.setdefault(line, []).append(system)
            for line, systems in by_line.items():
                yield f"    {'all' if len(systems) == len(SYSTEMS) else ' '.join(systems):<24} {line}"
    for system, one in found.items():
        yield f"\nlimits of {system}"
        yield from (f"  {limit}" for limit in one.limits or ["none that churn meets"])


if __name__ == "__main__":
    print("\n".join(lines(*sys.argv[1:2] or ["prod"])))
