"""How pipelines come to orchestrators that keep them as versions, and what tells those of them."""

from __future__ import annotations

from collections.abc import Iterable

from mlops_spec.blueprint import contract
from mlops_spec.blueprint.lower import cluster, programs
from mlops_spec.blueprint.lower.context import Context
from mlops_spec.blueprint.names import versioned
from mlops_spec.blueprint.ports import Orchestrator, Told
from mlops_spec.blueprint.types import Account, Config, Job, Pipeline, Policy, Submission
from mlops_spec.language.text import Name

_COMPONENT = "pipelines"
_DEADLINE, _RETRIES = 600, 3


def submission(context: Context, orchestrator: Orchestrator, pipeline: Pipeline) -> Submission | None:
    """Return the version that a pipeline is now, with what tells its orchestrator; None where that keeps none."""
    if not orchestrator.versions:
        return None
    version = versioned(pipeline.name, pipeline)
    told = orchestrator.told(pipeline, version)
    config, job = _job(context, pipeline, told) if told and _can(context, pipeline) else (None, None)
    resource = context.resource(pipeline.address, version, _COMPONENT, 1)
    egress = told.contribution.egress if told else ()
    return Submission(**resource, config=config, job=job, egress=egress)


def _can(context: Context, pipeline: Pipeline) -> bool:
    if context.runtime is None:
        reason = "the program that tells its orchestrator of it needs a runtime image"
        context.withhold(pipeline.address, reason, "set platform.runtime.image and lock it")
    return context.runtime is not None


def _job(context: Context, pipeline: Pipeline, told: Told) -> tuple[Config, Job]:
    address, name = pipeline.address, f"{pipeline.name}-{contract.SUBMIT}"
    config = programs.config(context, address, Name(name), _COMPONENT, contract.SUBMIT, told.configuration)
    workload = programs.workload(context, contract.SUBMIT, address, config, told.contribution.env)
    resource = context.resource(address, versioned(name, pipeline), _COMPONENT, 2, hook=True)
    pods = context.labels(name, _COMPONENT)
    return config, Job(
        **resource, account=_account(pipeline), pods=pods, workload=workload, deadline=_DEADLINE, retries=_RETRIES
    )


def _account(pipeline: Pipeline) -> Name:
    return Name(f"{pipeline.name}.{contract.SUBMIT}")


def access(context: Context, pipelines: Iterable[Pipeline]) -> tuple[tuple[Account, ...], tuple[Policy, ...]]:
    """Return who the jobs run as, and what they reach."""
    accounts, policies = [], []
    for pipeline in pipelines:
        submitted = pipeline.submission
        if submitted is None or submitted.job is None:
            continue
        accounts.append(cluster.account(context, pipeline.address, submitted.job.account))
        pods = cluster.selector(submitted.job.pods)
        policies.append(cluster.policy(context, pipeline.address, submitted.job.account, pods, submitted.egress))
    return tuple(accounts), tuple(policies)
