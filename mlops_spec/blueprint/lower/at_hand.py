"""What is left of a spec for one run on this machine: a pipeline that nothing but a person starts."""

from __future__ import annotations

from collections.abc import Mapping

from mlops_spec.blueprint.lower.context import Context
from mlops_spec.blueprint.lower.pipelines import pipelines
from mlops_spec.blueprint.types import Pipeline
from mlops_spec.model.pipelines import Pipeline as Said
from mlops_spec.model.platform import Artifacts, Platform
from mlops_spec.model.spec import Spec


def at_hand(spec: Spec, pipeline: str, artifacts: str) -> Spec:
    """Return the spec with that one pipeline, which no event starts, and its artifacts below the URI ``artifacts``.

    Monitors and triggers ask for runs in a cluster.
    """
    said = Said(**{**spec.pipelines[pipeline].__dict__, "triggers": {}, "retraining": None})
    folder = Artifacts(address="platform.artifacts", uri=artifacts, region=None, endpoint=None, secret=None, auth=None)
    platform = Platform(**{**spec.platform.__dict__, "artifacts": folder})
    return Spec(**{**spec.__dict__, "pipelines": {pipeline: said}, "monitors": {}, "platform": platform})


def lower_at_hand(context: Context, edges: Mapping[str, tuple[str, ...]]) -> Pipeline | None:
    """Lower the one pipeline; ``edges`` say what each step waits for. None where it is withheld, or has problems."""
    (name,) = context.spec.pipelines
    return next(iter(pipelines(context, {name: edges})), None)
