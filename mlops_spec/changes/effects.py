"""What a change does: by the rules of the system that prints the object, and by what of the spec has caused it."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase
from functools import cache

from mlops_spec.address import matches, parse
from mlops_spec.backends import systems
from mlops_spec.backends.choice import CAPABILITIES
from mlops_spec.backends.cluster.kubernetes import Kubernetes
from mlops_spec.blueprint.effects import Does, Effect
from mlops_spec.changes.data import Path

_FOR_PEOPLE = (("metadata", "labels"), ("metadata", "annotations"))

_JUDGED_BY = (
    "pipelines.*.steps.*.gate.**",
    *(f"monitors.*.{judged}.**" for judged in "quality drift prediction_drift performance service custom".split()),
    "models.*.serving.objectives.**",
    "models.*.serving.rollout.analysis.**",
)
"""Fields of the spec that something is measured against."""


def effect_of(template: str | None, kind: str | None, path: Path, causes: Iterable[str] = ()) -> Effect:
    """Return what a change at ``path`` does of an object that a template prints; ``causes`` are addresses of the spec.

    An object that no template prints is judged by its kind alone, and what is no object does nothing by itself.
    """
    if is_about_others(template, kind):
        return Effect.NOTHING
    found = next((rule.effect for rule in _rules(template) if _applies(rule, kind, path)), None)
    if found is None:
        found = Effect.NOTHING if path[:2] in _FOR_PEOPLE else Effect.CHANGES
    judged = any(matches(pattern, parse(cause)) for cause in causes for pattern in _JUDGED_BY)
    return Effect.THRESHOLD if judged and found in (Effect.CHANGES, Effect.RETRAINS) else found


def is_about_others(template: str | None, kind: str | None) -> bool:
    """Tell whether a file only tells of the objects beside it: a README, or the list that Kustomize reads."""
    return kind is None if template is None else "/" not in template


@cache
def _rules(template: str | None) -> tuple[Does, ...]:
    """Return the rules of the system whose template it is, then those of Kubernetes for its own kinds."""
    capability, _, rest = (template or "").partition("/")
    system = systems(capability).get(rest.partition("/")[0]) if rest and capability in CAPABILITIES else None
    return (*(system.effects if system is not None else ()), *Kubernetes.effects)


def _applies(rule: Does, kind: str | None, path: Path) -> bool:
    within = len(rule.field) <= len(path) and all(map(fnmatchcase, path, rule.field))
    return within and (rule.kind == kind or (kind is None and rule.kind == ""))
