"""What a rule is: a function over one environment's spec. It names addresses; places are found later, from the data."""

from __future__ import annotations

import inspect
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


class Finding(NamedTuple):
    """One breach of a rule.

    ``address`` names the value that is wrong or, where something is missing, the thing that lacks it. ``related`` are
    further addresses, each with what it has to do with it; ``locked`` are such addresses of the lock.
    """

    address: str
    message: str
    hint: str
    related: tuple[tuple[str, str], ...] = ()
    locked: tuple[tuple[str, str], ...] = ()


Check = Callable[[View], Iterable[Finding]]


class Rule(NamedTuple):
    """A rule. A finding has ``severity``, in a protected environment ``protected``."""

    code: str
    title: str
    severity: Severity
    protected: Severity
    check: Check

    def weighs(self, protected: bool) -> Severity:
        """Return how much a finding weighs in an environment."""
        return self.protected if protected else self.severity

    @property
    def weight(self) -> str:
        """How much a finding weighs, as a sentence."""
        if self.protected is self.severity:
            return f"Always {_a(self.severity)}."
        return f"{_a(self.severity).capitalize()}, in protected environments {_a(self.protected)}."

    @property
    def about(self) -> str:
        """What it looks for, why, and what is bad and good: the function's docstring."""
        return inspect.cleandoc(self.check.__doc__ or "")

    @property
    def page(self) -> str:
        """What ``explain`` prints: what it is about, headed by the rule's code and ended by its way out."""
        return "\n\n".join(
            (
                f"{self.code}: {self.title}",
                self.weight,
                self.about,
                f"Switch off:\n\n    # mlops-spec: ignore[{self.code}] why it is fine here\n\n"
                "at the end of the line that the problem names, or alone on the line above it; everywhere with "
                f"`--ignore {self.code}`.",
            )
        )


def rule(
    code: str, title: str, severity: Severity = Severity.WARNING, protected: Severity = Severity.ERROR
) -> Callable[[Check], Rule]:
    """Make a rule of the function below, whose docstring is the rule's page: what, then Why, Bad and Good."""
    return lambda check: Rule(code, title, severity, protected, check)


def _a(severity: Severity) -> str:
    return "an error" if severity is Severity.ERROR else "a warning"
