"""What is not rendered of a spec with which nothing is wrong: said briefly, for there may be much of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mlops_spec.diagnostic import Diagnostic, Severity
from mlops_spec.diagnostic_codes import LEFT_OUT, THE_REST

HELP = f"{THE_REST}; these follow with a later version of mlops-spec, or once what they wait for is there"


def apart(diagnostics: Iterable[Diagnostic]) -> tuple[list[Diagnostic], list[Diagnostic]]:
    """Tell the problems from what is left out."""
    problems: list[Diagnostic] = []
    left_out: list[Diagnostic] = []
    for d in diagnostics:
        (left_out if d.code in LEFT_OUT and d.severity is Severity.WARNING else problems).append(d)
    return problems, left_out


def line(d: Diagnostic) -> str:
    """Say on one line what is left out, what there is to do about it, and where."""
    hint = f"; {d.hint}" if d.hint and d.hint != THE_REST else ""
    environments = f" (in {', '.join(d.environments)})" if d.environments else ""
    return f"{d.message}{hint}{environments}"


def counted(left_out: Sequence[Diagnostic]) -> str:
    """Say how much is left out, and what lists it; nothing where there is nothing."""
    if not left_out:
        return ""
    things, them = ("1 thing is", "it") if len(left_out) == 1 else (f"{len(left_out)} things are", "them")
    return f"{things} not rendered yet or withheld: `mlops-spec lint` lists {them}"
