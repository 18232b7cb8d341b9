"""Suppression in place: ``# mlops-spec: ignore[MS204] reason`` drops what a rule finds on its line, or on the next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from mlops_spec.address import meant
from mlops_spec.diagnostic import Diagnostic, Severity
from mlops_spec.lint.rules import RULES
from mlops_spec.source.tree import Ignore, Source


class Problem(NamedTuple):
    """What can be wrong with a suppression: its code, a one-line title, why, and the way out."""

    code: str
    title: str
    why: str
    way_out: str

    @property
    def page(self) -> str:
        """What ``explain`` prints."""
        weight = "A warning, where an environment is protected an error."
        return f"{self.code}: {self.title}\n\n{weight}\n\nWhy: {self.why}\nWay out: {self.way_out}"


NO_REASON = Problem(
    "MS200",
    "suppression without a reason",
    "Who reads it later cannot tell whether it still holds, so it suppresses nothing.",
    "say why it is fine here, after the bracket",
)
NO_RULE = Problem(
    "MS201",
    "suppression of no rule",
    "No rule has that code. What is wrong with the text, a name or the lock is no rule, and cannot be suppressed.",
    "correct the code, or take it out",
)
NOTHING = Problem(
    "MS202",
    "suppression of nothing",
    "The rule finds nothing there, and a left-over would hide the next problem on that line.",
    "take it out, or move it to the line that the problem names",
)
_CODES = tuple(rule.code for rule in RULES)
PROBLEMS = {problem.code: problem for problem in (NO_REASON, NO_RULE, NOTHING)}


class Suppressions:
    """The suppression comments of the files that a spec was read from, and which of them were of use."""

    def __init__(self, sources: Iterable[Source]) -> None:
        self._by_line: dict[tuple[str, int], list[Ignore]] = {}
        self._used: set[tuple[Ignore, str]] = set()
        for source in sources:
            lines = source.text.split("\n") if source.ignores else []
            for ignore in source.ignores:
                line = ignore.place.line
                alone = not lines[line - 1][: ignore.place.column - 1].strip()
                self._by_line.setdefault((source.file, line + alone), []).append(ignore)

    def keep(self, diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
        """Return the diagnostics without those of rules that are suppressed."""
        return [d for d in diagnostics if not self._suppressed(d)]

    def unused(self, protected: bool, everywhere: bool = True) -> list[Diagnostic]:
        """Report suppressions without a reason, of no rule, or of nothing: errors where an environment is protected.

        Where not every rule ran in every environment (``everywhere``), one of nothing cannot be told from one of
        something, and is left alone.
        """
        severity = Severity.ERROR if protected else Severity.WARNING
        return [
            Diagnostic(severity, problem.code, message, ignore.place, "", hint)
            for ignores in self._by_line.values()
            for ignore in ignores
            for problem, message, hint in self._problems(ignore)
            if everywhere or problem is not NOTHING
        ]

    def _suppressed(self, d: Diagnostic) -> bool:
        here = self._by_line.get((d.place.file, d.place.line), ()) if d.place and d.code in _CODES else ()
        reasons = [ignore for ignore in here if d.code in ignore.codes and ignore.reason]
        self._used.update((ignore, d.code) for ignore in reasons)
        return bool(reasons)

    def _problems(self, ignore: Ignore) -> Iterator[tuple[Problem, str, str]]:
        if not ignore.reason:
            yield NO_REASON, "this suppression gives no reason, so it suppresses nothing", NO_REASON.way_out
        for code in ignore.codes:
            if code not in _CODES:
                yield NO_RULE, f"no rule has the code {code}", meant(code, _CODES, "rule")
            elif ignore.reason and (ignore, code) not in self._used:
                yield NOTHING, f"{code} finds nothing here", NOTHING.way_out
