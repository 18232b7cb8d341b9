"""Jinja's compiler behind our pass over a template's syntax tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame

from mlops_spec.render.syntax import tighten

if TYPE_CHECKING:
    from mlops_spec.render.strict import Strict


class Generator(CodeGenerator):
    """Compiles what the pass leaves of a template; the compiled module also holds the template's facts."""

    environment: Strict

    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:  # noqa: N802
        template = self.name or ""
        with self.environment.compiling(template):
            facts = tighten(node, template, self.environment.macros_of, self.environment.traced)
        super().visit_Template(node, frame)
        self.writeline(f"facts = {tuple(facts)!r}")
