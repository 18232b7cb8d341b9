"""For GitHub Actions: workflow commands, which show as annotations on the lines of a pull request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mlops_spec.diagnostic import Diagnostic
from mlops_spec.report.excerpt import visible
from mlops_spec.report.of_specs import NO_SPECS, of_specs


def render(
    diagnostics: Sequence[Diagnostic],
    sources: Mapping[str, str],
    specs: Mapping[Diagnostic, Sequence[str]] = NO_SPECS,
) -> str:
    """Print one command a line. No text of a spec can start another command or add a property.

    ``specs`` has in which specs a problem arises, where several were looked at.
    """
    return "".join(f"{_command(d, specs.get(d, ()))}\n" for d in diagnostics)


def _command(d: Diagnostic, specs: Sequence[str]) -> str:
    properties = {"title": d.code}
    if d.place is not None:
        properties = {"file": d.place.file, "line": str(d.place.line), "col": str(d.place.column), **properties}
    printed = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{d.severity} {printed}::{_data(d, specs)}"


def _data(d: Diagnostic, specs: Sequence[str]) -> str:
    lines = [d.message, *(f"{r.place}: {r.message}" for r in d.related)]
    if d.environments:
        lines.append(f"in {', '.join(d.environments)}")
    if told := of_specs(d, specs):
        lines.append(told)
    if d.hint:
        lines.append(f"help: {d.hint}")
    return "%0A".join(visible(line).replace("%", "%25") for line in lines)


def _property(value: str) -> str:
    return visible(value).replace("%", "%25").replace(":", "%3A").replace(",", "%2C")
