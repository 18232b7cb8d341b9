"""W(N) through the product's own rooms: read with places, merge, check, lint, render, verify, write.

Arguments: the spec, the folder to write to, or ``-`` to print one stream, the folder for compiled templates.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jsonschema_rs

from mlops_spec.blueprint.ports import File, file
from mlops_spec.blueprint.types import Label, Resource
from mlops_spec.diagnostic import Diagnostic, Place, warning
from mlops_spec.language.overlay import merged, overlay, relabel, without
from mlops_spec.language.text import Name
from mlops_spec.model.build import build
from mlops_spec.model.node import Named, Node
from mlops_spec.render.environment import Templates
from mlops_spec.render.tree import tree
from mlops_spec.source.tree import Map, find, mark
from mlops_spec.source.yaml import read
from mlops_spec.verify import verify_project
from mlops_spec.write import directory

HERE = Path(__file__).parent
KINDS = (
    "deployment",
    "service",
    "configmap",
    "horizontalpodautoscaler",
    "poddisruptionbudget",
    "networkpolicy",
)


class Replicas(Node):
    min: int
    max: int


class Compute(Node):
    cpu: str
    memory: str


class Service(Named):
    image: str
    model: str
    port: int
    replicas: Replicas
    compute: Compute
    settings: Mapping[str, str]


class Environment(Named):
    namespace: str


class Fleet(Node):
    environments: Mapping[str, Environment]
    services: Mapping[str, Service]


class Server(Resource):
    image: str
    model: str
    port: int
    replicas: Replicas
    compute: Compute
    settings: tuple[Label, ...]
    pods: tuple[Label, ...]


def main(spec: str, out: str, cache: str) -> int:
    """Render W(N), or print the problems, and end with 1 where there are any."""
    # As the compiler does: much is made, and little of it is garbage.
    gc.disable()
    texts, problems = compiled(Path(spec), Templates([HERE / "templates"], cache=Path(cache)))
    for problem in problems:
        print(problem)
    if problems:
        return 1
    if out == "-":
        sys.stdout.write("".join(f"---\n{text}" for text in texts.values()))
    else:
        target = Path(out)
        directory.write(target, texts, state=target.parent / ".state")
    return 0


def compiled(spec: Path, templates: Templates) -> tuple[dict[str, str], list[Diagnostic]]:
    """Return the rendered texts by path, and what is wrong."""
    source, problems = read(spec.read_bytes(), spec.name)
    if source is None:
        return {}, problems
    whole: dict[str, str] = {}
    validator = jsonschema_rs.Draft202012Validator(json.loads((HERE / "fleet.schema.json").read_bytes()))
    plain = merged([without(source.data, ("environments", "*", "overrides"))], [])
    for name in source.data["environments"]:
        own = find(source.data, ("environments", name, "overrides")) or Map()
        data = overlay(plain, relabel(own, f"{spec.name} (overrides of {name})"), [])
        if not validator.is_valid(data):
            return {}, [
                *problems,
                warning("MS100", f"{name} is not as the schema says", Place(spec.name, 1, 1), "", ""),
            ]
        problems += lint(data)
        texts, made, found = tree(emit(build(Fleet, data), name), templates)
        problems += [*found, *verify_project(texts, made, templates, None)]
        whole.update((f"{name}/{path}", text) for path, text in texts.items())
    return whole, problems


def lint(data: Map) -> Iterator[Diagnostic]:
    """Report images that move, at their places."""
    for name, service in data["services"].items():
        if service["image"].endswith(":latest") or ":" not in service["image"].rpartition("/")[2]:
            where = mark(data, ("services", name, "image"))
            yield warning(
                "MS203", "this image moves", where and where.value, f"services.{name}.image", "name a version"
            )


def emit(fleet: Fleet, environment: str) -> Iterator[File]:
    """Say which template prints which service."""
    namespace = Name(fleet.environments[environment].namespace)
    for service in fleet.services.values():
        server = lowered(service, namespace)
        for kind in KINDS:
            yield file(f"fleet/{kind}.yaml.j2", service=server)


def lowered(service: Service, namespace: Name) -> Server:
    """Decide what the objects of a service bear."""
    name, address = Name(service.name), service.address
    pods = {"name": service.name, "part-of": "fleet"}
    return Server(
        address=address,
        name=name,
        namespace=namespace,
        component=Name("fleet"),
        labels=labels(address, {**pods, "component": "server", "managed-by": "platform"}),
        annotations=(),
        image=service.image,
        model=service.model,
        port=service.port,
        replicas=service.replicas,
        compute=service.compute,
        settings=tuple(Label(address=address, key=key, value=value) for key, value in service.settings.items()),
        pods=labels(address, pods),
    )


def labels(address: str, words: Mapping[str, Any]) -> tuple[Label, ...]:
    """Return the recommended labels of these names."""
    return tuple(Label(address=address, key=f"app.kubernetes.io/{key}", value=value) for key, value in words.items())


if __name__ == "__main__":
    code = main(*sys.argv[1:])
    # As the product's own commands end: nothing is freed that ends with the process.
    sys.stdout.flush()
    os._exit(code)
