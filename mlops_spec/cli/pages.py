"""What every code means: those of reading, of the compiler, of writing, and the lint rules'."""

from __future__ import annotations

from mlops_spec.cli import exits
from mlops_spec.cli.console import Console
from mlops_spec.cli.stop import stopped
from mlops_spec.diagnostic_codes import CODES
from mlops_spec.lint.run import page as page_of_rule
from mlops_spec.lint.run import titles as titles_of_rules
from mlops_spec.source.refusals import REFUSALS


def titles() -> dict[str, str]:
    """Return the one-line title of every code."""
    own = {code: explained.title for code, explained in CODES.items()}
    return {**{r.code: r.title for r in REFUSALS}, **own, **titles_of_rules()}


def page(code: str) -> str | None:
    """Return what ``explain`` prints about a code."""
    refusal = next((r for r in REFUSALS if r.code == code), None)
    if refusal is not None:
        return _page(code, refusal.title, refusal.why, refusal.way_out)
    explained = CODES.get(code)
    return page_of_rule(code) if explained is None else _page(code, *explained)


def explain_code(console: Console, code: str) -> int:
    """Print the page of ``code``."""
    text = page(code)
    if text is None:
        hint = "name a code as `mlops-spec lint` prints it, such as MS120"
        raise stopped(exits.USAGE, "MS196", f"no problem has the code {code}", hint)
    console.result(text, {"code": code, "title": titles()[code], "page": text})
    return exits.FINE


def _page(code: str, title: str, why: str, way_out: str) -> str:
    return f"{code}: {title}\n\nWhy: {why}\nWay out: {way_out}"
