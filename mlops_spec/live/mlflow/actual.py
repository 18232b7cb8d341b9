"""What a server holds of all that a plan is about: what is wanted, and what was once made for the project."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from mlops_spec.blueprint.contract import NOTE
from mlops_spec.live.mlflow.client import Refusal, Servers, answering
from mlops_spec.live.mlflow.state import PROJECT, Desired, Found, Kind

if TYPE_CHECKING:
    from mlflow import MlflowClient

_PAGE = 1000
_ABSENT = "RESOURCE_DOES_NOT_EXIST"


def actual(client: MlflowClient, servers: Servers, desired: Desired) -> tuple[Found, ...]:
    """Return what is there of the things of an environment. Raises Unreachable and Refusal."""
    ours = f"`{PROJECT}` = '{desired.project}'"
    with answering(servers):
        found = {Kind.EXPERIMENT: {e.name: e for e in experiments(client, f"tags.{ours}")}}
        found[Kind.MODEL] = {m.name: m for m in models(client, f"tags.{ours}")}
    there = {(each.kind, each.name): each for kind in Kind for each in found[kind].values()}
    for wanted in desired.things:
        key = (wanted.kind, wanted.name)
        if key not in there and (single := one(client, servers, *key)):
            there[key] = single
    return tuple(there.values())


def one(client: MlflowClient, servers: Servers, kind: Kind, name: str) -> Found | None:
    """Return one thing as it is now. Raises Unreachable and Refusal."""
    try:
        with answering(servers):
            if kind is Kind.MODEL:
                return _model(client.get_registered_model(name))
            experiment = client.get_experiment_by_name(name)
            return _experiment(experiment) if experiment else None
    except Refusal as problem:
        if problem.code == _ABSENT:
            return None
        raise


def experiments(client: MlflowClient, wanted: str | None = None) -> Iterator[Found]:
    """Yield experiments, deleted ones too, that MLflow's filter ``wanted`` finds."""
    from mlflow.entities import ViewType

    def page(token: str | None) -> Any:
        return client.search_experiments(ViewType.ALL, _PAGE, wanted, ["name ASC"], token)

    yield from map(_experiment, _pages(page))


def models(client: MlflowClient, wanted: str | None = None) -> Iterator[Found]:
    """Yield registered models that MLflow's filter ``wanted`` finds."""

    def page(token: str | None) -> Any:
        return client.search_registered_models(wanted, _PAGE, ["name ASC"], token)

    yield from map(_model, _pages(page))


def _pages(page: Callable[[str | None], Any]) -> Iterator[Any]:
    token = None
    while True:
        answered = page(token)
        yield from answered
        token = answered.token
        if not token:
            return


def _experiment(experiment: Any) -> Found:
    deleted = experiment.lifecycle_stage != "active"
    return Found(Kind.EXPERIMENT, experiment.name, dict(experiment.tags), str(experiment.experiment_id), {}, deleted)


def _model(model: Any) -> Found:
    tags = {**model.tags, **({NOTE: model.description} if model.description else {})}
    aliases = {name: str(version) for name, version in dict(model.aliases).items()}
    return Found(Kind.MODEL, model.name, tags, aliases=aliases, holds=bool(model.latest_versions))
