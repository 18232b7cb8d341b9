"""Lowering, one module per section of the spec: the only place where meaning is decided."""

from __future__ import annotations

from collections.abc import Mapping

from mlops_spec.blueprint.lower import cluster
from mlops_spec.blueprint.lower.context import Context
from mlops_spec.blueprint.lower.pipelines import pipelines
from mlops_spec.blueprint.lower.state import state
from mlops_spec.blueprint.types import Blueprint


def lower(context: Context, edges: Mapping[str, Mapping[str, tuple[str, ...]]]) -> Blueprint:
    """Lower one environment; ``edges`` say for each pipeline what each step waits for. Problems stay in ``context``."""
    rendered = pipelines(context, edges)
    running = cluster.orchestrators(context, rendered)
    document, own_accounts, own_policies = state(context)
    blueprint = Blueprint(
        address="",
        project=context.spec.project.name,
        environment=context.environment,
        namespace=cluster.namespace(context),
        pipelines=rendered,
        jobs=(document.job,) if document and document.job else (),
        secrets=cluster.secrets(context),
        accounts=(*cluster.accounts(context, running), *own_accounts),
        roles=cluster.roles(context, running),
        policies=(*cluster.policies(context, rendered), *own_policies),
        state=document,
        withheld=tuple(context.withheld),
    )
    cluster.check_keys(context, blueprint)
    return blueprint
