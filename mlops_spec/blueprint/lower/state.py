"""The desired state of tracking server and registry: one document, and the Job that syncs it after each delivery."""

from __future__ import annotations

from collections.abc import Mapping

from mlops_spec.blueprint.contract import NOTE, TAG
from mlops_spec.blueprint.lower.cluster import account, policy, selector
from mlops_spec.blueprint.lower.context import Context
from mlops_spec.blueprint.lower.pipelines import tracked
from mlops_spec.blueprint.lower.programs import workload
from mlops_spec.blueprint.ports import Run
from mlops_spec.blueprint.types import (
    Account,
    Alias,
    Contribution,
    DesiredState,
    Experiment,
    Job,
    Label,
    Policy,
    RegisteredModel,
)
from mlops_spec.language.text import Name
from mlops_spec.model.experiments import Experiment as Declared

_NAME = Name("mlops-sync")
_PROGRAM, _FILE = Name("sync"), Name("desired-state.yaml")
_DEADLINE, _RETRIES = 600, 3
_CHAMPION, _LIVE = "champion", "live"


def state(context: Context) -> tuple[DesiredState | None, tuple[Account, ...], tuple[Policy, ...]]:
    """Return the document with its Job, the account that the Job runs as, and what it may reach."""
    tracking, registry = context.ports.tracking, context.ports.registry
    if tracking is None or not tracking.declares():
        return None, (), ()
    experiments = _experiments(context)
    models = _models(context) if registry and registry.declared() else ()
    if not experiments and not models:
        return None, (), ()
    resource = context.resource("experiments" if experiments else "models", _NAME, "tracking", 0)
    given = _contribution(context)
    document = DesiredState(
        **resource,
        project=Name(context.spec.project.name),
        environment=context.environment.name,
        file=_FILE,
        experiments=experiments,
        models=models,
        job=None,
    )
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
        _refuse_ours(context, experiment)
        tags = {**experiment.tags}
        if experiment.description:
            tags[NOTE] = experiment.description
        if experiment.metric:
            tags[f"{TAG}metric"] = experiment.metric.name
            tags[f"{TAG}goal"] = experiment.metric.goal
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
        tags = {f"{TAG}trained-by": str(model.trained_by)} if model.trained_by else {}
        found.append(
            RegisteredModel(
                address=model.address,
                name=str(context.names.of(f"models.{name}")),
                description=model.description,
                tags=_tags(tags, model.address),
                alias=_alias(context, name, model.address),
            )
        )
    return tuple(found)


def _refuse_ours(context: Context, experiment: Declared) -> None:
    for key in experiment.tags:
        if key == NOTE:
            message = f"the tag `{key}` is how MLflow keeps the description"
            context.refuse("MS143", message, f"{experiment.address}.tags", "say it as `description`")
        elif key.startswith(TAG):
            message = f"the tag `{key}` is one of those by which mlops-spec knows its own"
            context.refuse("MS143", message, f"{experiment.address}.tags", "give the tag another name")


def _alias(context: Context, model: str, address: str) -> Alias | None:
    """Return what the registry calls the version that runs; while a rollout is under way, the one before it.

    Only a delivery whose hooks wait until all is healthy lets the alias follow it.
    """
    locked = context.locked.get(model)
    if locked is None or context.ports.delivery is None:
        return None
    environment = context.environment.name
    promoted = any(other.promotes_from == environment for other in context.spec.environments.values())
    name = Name(f"{environment}-{_LIVE}" if promoted else _CHAMPION)
    version = locked.rollout.from_.version if locked.rollout else locked.version
    return Alias(address=address, name=name, version=version)


def _tags(tags: Mapping[str, str], address: str) -> tuple[Label, ...]:
    return tuple(Label(address=address, key=key, value=value) for key, value in sorted(tags.items()))
