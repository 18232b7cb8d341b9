"""Lint rules, one module per section of the spec."""

from __future__ import annotations

from mlops_spec.lint.rule import Rule
from mlops_spec.lint.rules import datasets, images, monitors, pipelines, secrets

RULES: tuple[Rule, ...] = (*pipelines.RULES, *images.RULES, *datasets.RULES, *secrets.RULES, *monitors.RULES)
"""Every rule, by code."""
