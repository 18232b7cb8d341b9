"""What a person reads who finds a rendered folder in Git: what it is, who made it of what, and how to change it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from mlops_spec.blueprint.ports import File, file
from mlops_spec.blueprint.types import Blueprint, Build, Delivered, Environment, Project, Withheld
from mlops_spec.diagnostic import Diagnostic
from mlops_spec.diagnostic_codes import LEFT_OUT
from mlops_spec.model.node import Node
from mlops_spec.render.hatch import named
from mlops_spec.render.tree import resource

README = "README.md"


class Listed(Node):
    """An object of the folder and the file that it lies in; its address is what asked for it."""

    kind: str
    name: str
    path: str


class Readme(Node):
    """A folder as its README tells of it; ``spec`` is the spec's file."""

    project: str
    spec: str
    objects: tuple[Listed, ...]


class EnvironmentReadme(Readme):
    """The folder of one environment; ``delivered`` is None where nothing delivers it."""

    environment: Environment
    delivered: Delivered | None
    withheld: tuple[Withheld, ...]


class ProjectReadme(Readme):
    """The folder of what belongs to no environment."""

    delivered: tuple[Delivered, ...]
    builds: tuple[Build, ...]
    checked: bool


def of_environment(
    blueprint: Blueprint,
    delivered: Delivered | None,
    spec: str,
    objects: Iterable[Listed],
    problems: Iterable[Diagnostic],
) -> File:
    """Name the template that tells of an environment's folder; ``problems`` say what waits for a backend."""
    waiting = (Withheld(address=d.address, reason=d.message) for d in problems if d.code in LEFT_OUT)
    readme = EnvironmentReadme(
        address=blueprint.environment.address,
        project=blueprint.project,
        spec=spec,
        objects=tuple(objects),
        environment=blueprint.environment,
        delivered=delivered,
        withheld=(*blueprint.withheld, *waiting),
    )
    return file("readme-environment.md.j2", path=README, readme=readme)


def of_project(name: str, project: Project, spec: str, objects: Iterable[Listed]) -> File:
    """Name the template that tells of the folder of the project ``name``."""
    readme = ProjectReadme(
        address=project.address,
        project=name,
        spec=spec,
        objects=tuple(objects),
        delivered=project.delivered,
        builds=project.builds,
        checked=project.integration is not None,
    )
    return file("readme-project.md.j2", path=README, readme=readme)


def objects(texts: Mapping[str, str], made: Mapping[str, File], brought: Mapping[str, int]) -> Iterator[Listed]:
    """Yield the objects of a tree; ``brought`` are the paths that ``manifests`` brought."""
    for path, kind, name in named(texts):
        node = resource(made[path]) if path in made else None
        address = node.address if node is not None else f"manifests.{brought[path]}" if path in brought else ""
        if address:
            yield Listed(address=address, kind=kind, name=name, path=path)
