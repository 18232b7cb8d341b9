"""The engine: which rules run, what they find as diagnostics at their places, and the page of each code."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mlops_spec.address import meant, parse
from mlops_spec.diagnostic import Diagnostic, Place, Related
from mlops_spec.lint.repair import placed
from mlops_spec.lint.rule import Finding, Rule, View
from mlops_spec.lint.rules import RULES
from mlops_spec.lint.suppression import PROBLEMS, Suppressions
from mlops_spec.model.node import Frozen
from mlops_spec.source.tree import Map, find, mark

__all__ = ["Choice", "Suppressions", "lint", "page", "titles"]


class Choice(Frozen):
    """Which rules run: those that a code or beginning in ``select`` names (none given: all), less those in ``ignore``.

    Raises ValueError, with a message for the user, where one of them names no rule.
    """

    select: tuple[str, ...]
    ignore: tuple[str, ...]

    def __init__(self, select: tuple[str, ...] = (), ignore: tuple[str, ...] = ()) -> None:
        codes = [rule.code for rule in RULES]
        for given in (*select, *ignore):
            if not any(code.startswith(given) for code in codes):
                raise ValueError(f"no rule has the code {given}: {meant(given, codes, 'rule')}")
        super().__init__(select=select, ignore=ignore)

    def has(self, code: str) -> bool:
        """Tell whether the rule with this code runs."""
        return (not self.select or code.startswith(self.select)) and not code.startswith(self.ignore)


def lint(view: View, choice: Choice) -> list[Diagnostic]:
    """Run the chosen rules over one environment; each weighs what it does in that environment."""
    return [_diagnostic(rule, finding, view) for rule in RULES if choice.has(rule.code) for finding in rule.check(view)]


def titles() -> dict[str, str]:
    """Return the one-line title of every code of this room."""
    return {**{code: problem.title for code, problem in PROBLEMS.items()}, **{rule.code: rule.title for rule in RULES}}


def page(code: str) -> str | None:
    """Return what ``explain`` prints about a code of this room, None for any other."""
    problem = PROBLEMS.get(code)
    return problem.page if problem else next((rule.page for rule in RULES if rule.code == code), None)


def _diagnostic(rule: Rule, finding: Finding, view: View) -> Diagnostic:
    path = parse(finding.address)
    where = mark(view.data, path)
    related = [*_related(finding.related, view.data), *_related(finding.locked, view.lock)]
    if where and where.origin:
        related.append(Related("the value comes from here", where.origin.value))
    return Diagnostic(
        rule.weighs(view.protected),
        rule.code,
        finding.message,
        _place(view.data, finding.address),
        finding.address,
        finding.hint,
        tuple(related),
        repair=placed(finding.change, view.data) if finding.change else None,
    )


def _related(further: Iterable[tuple[str, str]], data: Map) -> Iterator[Related]:
    for message, address in further:
        place = _place(data, address)
        if place is not None:
            yield Related(message, place)


def _place(data: Map, address: str) -> Place | None:
    """A value stands where it is written; a thing, and what is missing in it, at its key."""
    path = parse(address)
    where, value = mark(data, path), find(data, path)
    if where is None:
        return None
    return where.key if value is None or isinstance(value, dict | list) else where.value
