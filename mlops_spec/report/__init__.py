"""Diagnostics for people and for other programs: one module per output, loaded when it is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from mlops_spec.diagnostic import Diagnostic
from mlops_spec.report.of_specs import NO_SPECS, Specs

FORMATS = ("text", "json", "sarif", "github", "gitlab")


def render(
    form: str,
    diagnostics: Sequence[Diagnostic],
    sources: Mapping[str, str],
    *,
    colour: bool = False,
    rules: Mapping[str, str] | None = None,
    version: str = "",
    spec: str | None = None,
    repaired: Iterable[Diagnostic] | None = None,
    specs: Specs | None = None,
) -> str:
    """Print ``diagnostics`` in one of ``FORMATS``; ``sources`` are the texts of the files that they point into.

    ``colour`` is for text; ``rules`` (code to title), the tool's ``version`` and ``spec``, where it is one alone, are
    for sarif; ``repaired``, those that are no more, are for json. ``specs`` are those that were looked at, where they
    were several. Raises ``ValueError`` for any other form.
    """
    of = NO_SPECS if specs is None else specs.of
    if form == "text":
        from mlops_spec.report import text

        return text.render(diagnostics, sources, colour=colour, specs=of)
    if form == "json":
        from mlops_spec.report import json

        return json.render(diagnostics, sources, repaired, specs)
    if form == "sarif":
        from mlops_spec.report import sarif

        return sarif.render(diagnostics, sources, rules=rules or {}, version=version, spec=spec, specs=of)
    if form == "github":
        from mlops_spec.report import github

        return github.render(diagnostics, sources, of)
    if form == "gitlab":
        from mlops_spec.report import gitlab

        return gitlab.render(diagnostics, of)
    raise ValueError(f"no such form: {form}")
