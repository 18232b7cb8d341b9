"""Lint rules, one module per section of the spec; of pipelines, one per question."""

from __future__ import annotations

from mlops_spec.lint.rule import Rule
from mlops_spec.lint.rules import datasets, gates, images, monitors, runs, secrets, steps

_SECTIONS = (steps, gates, runs, images, datasets, secrets, monitors)

RULES: tuple[Rule, ...] = tuple(sorted((rule for section in _SECTIONS for rule in section.RULES), key=lambda r: r.code))
"""Every rule, by code."""
