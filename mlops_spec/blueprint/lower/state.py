"""The desired state of tracking server and registry: one document, and the Job that syncs it after each delivery."""

from __future__ import annotations

from collections.abc import Mapping

from mlops_spec.blueprint.lower.cluster import account, policy, selector
from mlops_spec.blueprint.lower.context import Context
from mlops_spec.blueprint.lower.pipelines import tracked
from mlops_spec.blueprint.lower.programs import workload
from mlops_spec.blueprint.ports import Run
from mlops_spec.blueprint.types import (
    Account,
    Contribution,
    DesiredState,
    Experiment,
    Job,
    Label,
    Policy,
    RegisteredModel,
)
from mlops_spec.language.text import Name

_NAME = Name("mlops-sync")
_PROGRAM, _FILE = Name("sync"), Name("desired-state.yaml")
_DEADLINE, _RETRIES = 600, 3


def state(context: Context) -> tuple[DesiredState | None, tuple[Account, ...], tuple[Policy, ...]]:
    """Return the document with its Job, the account that the Job runs as, and what it may reach."""
    experiments, models = _experiments(context), _models(context)
    if not experiments and not models:
        return None, (), ()
    resource = context.resource("experiments" if experiments else "models", _NAME, "tracking", 0)
    given = _contribution(context)
    document = DesiredState(**resource, file=_FILE, experiments=experiments, models=models, job=None)
    if not tracked(context):
        return document, (), ()
    job = _job(context, document, given)
    document = DesiredState(**{**document.__dict__, "job": job})
    allowed = policy(context, "platform.tracking", _NAME, selector(job.pods), given.egress)
    return document, (account(context, "platform.runtime", _NAME),), (allowed,)


def _contribution(context: Context) -> Contribution:
    """What the tracking server and the registry add to a program that talks to both; the registry has the last word."""
    tracking, registry = context.ports.tracking, context.ports.registry
    given = [tracking.variables(Run(experiment=None, id=None))] if tracking else []
    given += [registry.variables()] if registry else []
    env = {variable.name: variable for contribution in given for variable in contribution.env}
    egress = tuple(endpoint for contribution in given for endpoint in contribution.egress)
    return Contribution(address="platform.tracking", env=tuple(env.values()), egress=egress)


def _job(context: Context, document: DesiredState, given: Contribution) -> Job:
    resource = context.resource("platform.runtime", _NAME, "tracking", 2, hook=True)
    return Job(
        **resource,
        account=_NAME,
        pods=resource["labels"],
        workload=workload(context, _PROGRAM, "platform.runtime", document, given.env),
        deadline=_DEADLINE,
        retries=_RETRIES,
    )


def _experiments(context: Context) -> tuple[Experiment, ...]:
    found = []
    for name, experiment in sorted(context.spec.experiments.items()):
        tags = {**experiment.tags, "mlops-spec.project": context.spec.project.name}
        if experiment.description:
            tags["mlflow.note.content"] = experiment.description
        if experiment.metric:
            tags["mlops-spec.metric"] = experiment.metric.name
            tags["mlops-spec.goal"] = experiment.metric.goal
        found.append(
            Experiment(
                address=experiment.address,
                name=str(context.names.of(f"experiments.{name}")),
                tags=_tags(tags, experiment.address),
            )
        )
    return tuple(found)


def _models(context: Context) -> tuple[RegisteredModel, ...]:
    found = []
    for name, model in sorted(context.spec.models.items()):
        tags: dict[str, str] = {"mlops-spec.project": context.spec.project.name}
        if model.trained_by:
            tags["mlops-spec.trained-by"] = model.trained_by
        found.append(
            RegisteredModel(
                address=model.address,
                name=str(context.names.of(f"models.{name}")),
                description=model.description,
                tags=_tags(tags, model.address),
            )
        )
    return tuple(found)


def _tags(tags: Mapping[str, str], address: str) -> tuple[Label, ...]:
    return tuple(Label(address=address, key=key, value=value) for key, value in sorted(tags.items()))
