"""Where one environment's tree goes, and the project that all environments belong to."""

from __future__ import annotations

from collections.abc import Sequence

from mlops_spec.blueprint.lower.context import Context
from mlops_spec.blueprint.lower.images import alike
from mlops_spec.blueprint.names import shorten
from mlops_spec.blueprint.ports import Delivery
from mlops_spec.blueprint.types import Blueprint, Delivered, Environment, Project
from mlops_spec.language.environment import CLUSTER, implied_namespace
from mlops_spec.language.text import Name
from mlops_spec.model.spec import Spec

PROJECT = "project"
"""The folder of what belongs to no environment; no environment has this name."""


def describe(spec: Spec, name: str, delivery: Delivery | None) -> Environment:
    """Return the environment ``name``; without a namespace it gets the project's, or ``<project>-<environment>``."""
    said = spec.environments.get(name)
    implied = implied_namespace(spec.project.name, name)
    protected = bool(said and said.protected)
    branch = delivery.branch if delivery else "main"
    address = f"environments.{name}"
    return Environment(
        address=address,
        name=Name(name),
        namespace=Name((said and said.namespace) or shorten(implied, address)),
        cluster=(said and said.cluster) or CLUSTER,
        protected=protected,
        branch=f"{branch}-{name}" if protected else branch,
        path=f"{delivery.path if delivery else 'deploy'}/{name}",
    )


def deliver(context: Context) -> Delivered | None:
    """Return what delivery must know of an environment; None where nothing delivers, or no repository is named."""
    delivery, project, environment = context.ports.delivery, context.spec.project, context.environment
    if delivery is None or project.repository is None:
        return None
    address = f"environments.{environment.name}"
    name = shorten(f"{project.name}-{environment.name}", address)
    resource = {**context.resource(address, name, PROJECT), "namespace": Name(delivery.namespace)}
    return Delivered(**resource, environment=environment, repository=project.repository, ignored=delivery.ignored())


def project(context: Context, delivered: Sequence[Delivered], blueprints: Sequence[Blueprint]) -> Project | None:
    """Return the project of these environments; ``context`` is any one of theirs, which problems go to."""
    delivery, spec = context.ports.delivery, context.spec
    built = alike(context, blueprints)
    working = next((blueprint.integration for blueprint in blueprints if blueprint.integration), None)
    if delivery is None or not (delivered or built or working):
        return None
    resource = {**context.resource("project", Name(delivery.project), PROJECT), "namespace": Name(delivery.namespace)}
    return Project(
        **resource,
        description=spec.project.description,
        repository=spec.project.repository,
        delivered=tuple(delivered),
        builds=built,
        integration=working,
    )
