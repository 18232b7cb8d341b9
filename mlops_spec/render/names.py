"""The names that a template may use where: values of its file, parameters, names of loops, macros."""

from __future__ import annotations

from jinja2 import nodes

from mlops_spec.address import meant
from mlops_spec.render.fault import TemplateFault
from mlops_spec.render.lines import Owners

Scope = dict[str, nodes.Node | None]  # a bound name, and what a ``for`` took it from

_RESERVED = frozenset(("loop", "self", "super", "caller", "varargs", "kwargs"))
_CALLED: dict[type[nodes.Node], str] = {
    nodes.Filter: "a filter (|)",
    nodes.Test: "a test (is)",
    nodes.Compare: "a comparison",
    nodes.And: "and",
    nodes.Or: "or",
    nodes.Not: "not",
    nodes.BinExpr: "arithmetic",
    nodes.UnaryExpr: "arithmetic",
    nodes.Concat: "joining (~)",
    nodes.CondExpr: "an inline if",
    nodes.Getitem: "a subscript ([ ])",
    nodes.Call: "a call inside of something else",
    nodes.Literal: "a literal",
    nodes.Assign: "set",
    nodes.AssignBlock: "set",
    nodes.Include: "include",
    nodes.Extends: "extends",
    nodes.Block: "block",
    nodes.Import: "import without from",
    nodes.CallBlock: "call",
    nodes.FilterBlock: "filter",
    nodes.With: "with",
    nodes.Macro: "a macro inside of something else",
    nodes.FromImport: "an import inside of something else",
    nodes.Scope: "autoescape",
}


class Names:
    """The names of one template. Every method raises TemplateFault on what a template may not say."""

    def __init__(self, template: str) -> None:
        self.template = template
        self.macros: dict[str, int] = {}
        self.values: dict[str, int] = {}
        self.in_macro = False  # where the file's values are not known

    def define(self, node: nodes.Node, name: str, arity: int) -> None:
        """Let ``name`` be a macro from here on."""
        if name in self.macros:
            raise self.fault(node, f"there are two macros {name}")
        if name in _RESERVED or name.startswith("_"):
            raise self.fault(node, f"a macro cannot have the name {name}")
        self.macros[name] = arity

    def bind(self, name: nodes.Name, scope: Scope, origin: nodes.Node | None = None) -> None:
        """Let ``name`` be a parameter, or the name of a loop over ``origin``."""
        if name.name in scope or name.name in self.macros or name.name in _RESERVED:
            raise self.fault(name, f"the name {name.name} is already taken here")
        scope[name.name] = origin

    def path(self, node: nodes.Node, scope: Scope) -> None:
        """Let a dotted path of known names pass, and nothing else."""
        if isinstance(node, nodes.Getattr):
            if node.attr.startswith("_"):
                raise self.fault(node, f"{node.attr} is private: print what a node says of itself")
            self.path(node.node, scope)
        elif isinstance(node, nodes.Name):
            self._name(node, scope)
        else:
            raise self.unfit(node)

    def _name(self, node: nodes.Name, scope: Scope) -> None:
        if node.name in scope:
            return
        if node.name in self.macros:
            raise self.fault(node, f"{node.name} is a macro: call it, alone on its line")
        if node.name in _RESERVED:
            raise self.fault(node, f"{node.name} is not for templates")
        if self.in_macro:
            known = meant(node.name, scope, "parameter")
            raise self.fault(node, f"{node.name} is neither a parameter of this macro nor the name of a loop: {known}")
        self.values.setdefault(node.name, node.lineno)

    def macro(self, node: nodes.Call) -> nodes.Name:
        """Return the macro that is called, with as many plain arguments as it takes."""
        macro = node.node
        if not isinstance(macro, nodes.Name):
            raise self.fault(node, "only macros may be called, and this is a method: print what a node says of itself")
        if macro.name not in self.macros:
            raise self.fault(node, f"there is no macro {macro.name} here: {meant(macro.name, self.macros, 'macro')}")
        if node.kwargs or node.dyn_args or node.dyn_kwargs:
            raise self.fault(node, f"{macro.name} is called with plain arguments, one after the other")
        if len(node.args) != self.macros[macro.name]:
            raise self.fault(node, f"{macro.name} takes {self.macros[macro.name]} arguments, and gets {len(node.args)}")
        return macro

    def fault(self, node: nodes.Node, message: str) -> TemplateFault:
        """Say what is wrong at a node."""
        line = next((n.lineno for n in (node, *node.find_all(nodes.Node)) if n.lineno), 1)
        return TemplateFault(self.template, line, message)

    def unfit(self, node: nodes.Node) -> TemplateFault:
        """Say that a node is something that Jinja knows and templates do without."""
        called = next((words for kind, words in _CALLED.items() if isinstance(node, kind)), type(node).__name__)
        way_out = "decide it in the blueprint and print the outcome"
        return self.fault(node, f"{called} is not for templates, which only print: {way_out}")


def owners(node: nodes.Node, scope: Scope) -> Owners:
    """List what a printed value belongs to, nearest first, with the path from there to the value."""
    if isinstance(node, nodes.Getattr):
        further = [(owner, f"{path}.{node.attr}".lstrip(".")) for owner, path in owners(node.node, scope)]
        return [(node.node, node.attr), *further]
    origin = scope.get(node.name) if isinstance(node, nodes.Name) else None
    return [] if origin is None else owners(origin, scope)
