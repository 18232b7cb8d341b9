"""Lint rules, one module per section of the spec; where there are many, one per question."""

from __future__ import annotations

from mlops_spec.lint.rule import Rule
from mlops_spec.lint.rules import (
    compute,
    datasets,
    environments,
    features,
    gates,
    images,
    monitors,
    runs,
    secrets,
    steps,
)

_PIPELINES = (steps, gates, runs)
_MONITORS = (monitors,)
_SECTIONS = (*_PIPELINES, images, datasets, features, environments, compute, secrets, *_MONITORS)

RULES: tuple[Rule, ...] = tuple(sorted((rule for section in _SECTIONS for rule in section.RULES), key=lambda r: r.code))
"""Every rule, by code."""
