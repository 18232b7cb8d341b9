"""Lint rules, one module per section of the spec; where there are many, one per question."""

from __future__ import annotations

from mlops_spec.lint.rule import Rule
from mlops_spec.lint.rules import (
    ab_tests,
    compute,
    datasets,
    environments,
    features,
    gates,
    images,
    models,
    monitors,
    rollouts,
    runs,
    secrets,
    serving,
    steps,
    thresholds,
    watching,
)

_PIPELINES = (steps, gates, runs)
_MODELS = (models, rollouts, serving, ab_tests)
_MONITORS = (monitors, watching, thresholds)
_SECTIONS = (*_PIPELINES, images, datasets, features, environments, compute, secrets, *_MODELS, *_MONITORS)

RULES: tuple[Rule, ...] = tuple(sorted((rule for section in _SECTIONS for rule in section.RULES), key=lambda r: r.code))
"""Every rule, by code."""
