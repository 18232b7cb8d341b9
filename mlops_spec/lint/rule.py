"""What a rule is: a function over one environment's spec. It names addresses; places are found later, from the data."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable, Iterable
from typing import NamedTuple

from mlops_spec.diagnostic import Severity
from mlops_spec.lint.written import Written
from mlops_spec.model.spec import Spec
from mlops_spec.source.tree import Map


class View(NamedTuple):
    """What a rule sees: one environment's spec, the resolved data that it was built from, and the lock.

    ``written`` is what the files say for all environments at once.
    """

    spec: Spec
    environment: str
    protected: bool
    data: Map
    lock: Map
    written: Written

    @property
    def is_live(self) -> bool:
        """Whether users depend on what runs here: the environment is protected, or none of the spec is."""
        return self.protected or not any(e.protected for e in self.spec.environments.values())


class Change(NamedTuple):
    """What mends a finding: ``value`` at ``address``, in place of what stands there; None takes that out."""

    address: str
    value: str | tuple[str | float, ...] | None


class Finding(NamedTuple):
    """One breach of a rule.

    ``address`` names the value that is wrong or, where something is missing, the thing that lacks it. ``related`` are
    further addresses, each with what it has to do with it; ``locked`` are such addresses of the lock. ``change`` is for
    rules whose ``repair`` says what they do.
    """

    address: str
    message: str
    hint: str
    related: tuple[tuple[str, str], ...] = ()
    locked: tuple[tuple[str, str], ...] = ()
    change: Change | None = None


Check = Callable[[View], Iterable[Finding]]


class About(NamedTuple):
    """What a rule's docstring says; ``bad`` and ``good`` are lines of a spec, or of its lock."""

    what: str
    why: str
    bad: str
    good: str


IGNORED = "at the end of the line that the problem names, or alone on the line above it"
"""Where a comment switches a rule off."""


class Rule(NamedTuple):
    """A rule. A finding has ``severity``, in a protected environment ``protected``.

    ``repair`` says what ``lint --fix`` writes; empty, the way out is for a person to decide.
    """

    code: str
    title: str
    severity: Severity
    protected: Severity
    repair: str
    check: Check

    def weighs(self, protected: bool) -> Severity:
        """Return how much a finding weighs in an environment."""
        return self.protected if protected else self.severity

    @property
    def about(self) -> About:
        """The function's docstring, taken apart."""
        what, rest = inspect.cleandoc(self.check.__doc__ or "").split("\n\nWhy: ")
        why, rest = rest.split("\n\nBad:\n\n")
        bad, good = rest.split("\n\nGood:\n\n")
        return About(what, why, *(textwrap.dedent(example) for example in (bad, good)))

    @property
    def weight(self) -> str:
        """How much a finding weighs, in a sentence."""
        if self.protected is self.severity:
            return f"Always {_a(self.severity)}."
        return f"{_a(self.severity).capitalize()}, in protected environments {_a(self.protected)}."

    @property
    def page(self) -> str:
        """What ``explain`` prints: the function's docstring, headed by the rule's code and ended by its ways out."""
        repair = [f"Repair: `mlops-spec lint --fix` {self.repair}."] if self.repair else []
        off = f"Switch off:\n\n    {self.ignore}\n\n{IGNORED}; everywhere with `--ignore {self.code}`."
        documented = inspect.cleandoc(self.check.__doc__ or "")
        return "\n\n".join((f"{self.code}: {self.title}", self.weight, documented, *repair, off))

    @property
    def ignore(self) -> str:
        """The comment that switches it off on a line."""
        return f"# mlops-spec: ignore[{self.code}] why it is fine here"


def rule(
    code: str,
    title: str,
    severity: Severity = Severity.WARNING,
    protected: Severity = Severity.ERROR,
    repair: str = "",
) -> Callable[[Check], Rule]:
    """Make a rule of the function below, whose docstring is the rule's page: what, then Why, Bad and Good."""
    return lambda check: Rule(code, title, severity, protected, repair, check)


def _a(severity: Severity) -> str:
    return "an error" if severity is Severity.ERROR else "a warning"
