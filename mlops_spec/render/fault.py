"""What is wrong with a template: its author's mistake, never a traceback."""

from __future__ import annotations

from mlops_spec.diagnostic import Place
from mlops_spec.source.inline import Unprintable

__all__ = ["TemplateFault", "Unprintable"]


class TemplateFault(Exception):
    """A template that breaks a rule, or that names what is not there (exit code 4).

    ``template`` is its path below the templates' folder, ``line`` counts from 1, ``message`` has no line end.
    """

    def __init__(self, template: str, line: int, message: str) -> None:
        super().__init__(f"{template}:{line}: {message}")
        self.template = template
        self.line = line
        self.message = message

    @property
    def place(self) -> Place:
        """Where the fault stands, as diagnostics name it."""
        return Place(self.template, self.line, 1)
