"""For GitHub Actions: workflow commands, which show as annotations on the lines of a pull request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mlops_spec.diagnostic import Diagnostic
from mlops_spec.report.excerpt import visible


def render(diagnostics: Sequence[Diagnostic], sources: Mapping[str, str]) -> str:
    """Print one command a line. No text of a spec can start another command or add a property."""
    return "".join(f"{_command(d)}\n" for d in diagnostics)


def _command(d: Diagnostic) -> str:
    properties = {"title": d.code}
    if d.place is not None:
        properties = {"file": d.place.file, "line": str(d.place.line), "col": str(d.place.column), **properties}
    printed = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{d.severity} {printed}::{_data(d)}"


def _data(d: Diagnostic) -> str:
    lines = [d.message, *(f"{r.place}: {r.message}" for r in d.related)]
    if d.environments:
        lines.append(f"in {', '.join(d.environments)}")
    if d.hint:
        lines.append(f"help: {d.hint}")
    return "%0A".join(visible(line).replace("%", "%25") for line in lines)


def _property(value: str) -> str:
    return visible(value).replace("%", "%25").replace(":", "%3A").replace(",", "%2C")
