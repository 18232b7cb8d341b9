"""One pass over a template's syntax tree: it refuses what is not for templates and gives every value its printer.

What is left for Jinja to compile are the author's loops and conditions, with our printers as filters and presence as
a test; no author can write either, since the pass refuses filters and tests before it puts its own in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from jinja2 import nodes

from mlops_spec.address import meant
from mlops_spec.render.facts import Facts
from mlops_spec.render.fault import TemplateFault, Unprintable
from mlops_spec.render.file_type import LANGUAGES, ending
from mlops_spec.render.lines import Line, call, joined, owned, split
from mlops_spec.render.names import Names, Scope, owners
from mlops_spec.render.position import MACRO, VALUE, Slot

Macros = Mapping[str, int]  # a macro's name and how many arguments it takes

_FACT = re.compile(r"^(kind|apiVersion): ([A-Za-z0-9./-]+)$", re.MULTILINE)

_ESCAPED = re.compile(rf"\\[{VALUE}{MACRO}]")


def tighten(tree: nodes.Template, template: str, macros_of: Callable[[str], Macros], traced: bool) -> Facts:
    """Rewrite a template's tree in place. ``macros_of`` loads a shared template, or raises Unprintable.

    Raises TemplateFault at the first thing that is not for templates.
    """
    try:
        rules = ending(template)
    except Unprintable as why:
        raise TemplateFault(template, 1, str(why)) from None
    return _Pass(template, rules, macros_of, traced).template(tree)


class _Pass:
    def __init__(self, template: str, rules: str, macros_of: Callable[[str], Macros], traced: bool) -> None:
        self.rules = rules
        self.language = LANGUAGES[rules]()
        self.macros_of = macros_of
        self.traced = traced
        self.names = Names(template)
        self.facts: dict[str, str] = {}

    def template(self, tree: nodes.Template) -> Facts:
        for node in tree.body:
            if isinstance(node, nodes.FromImport):
                self._import(node)
            elif isinstance(node, nodes.Macro):
                self._macro(node)
            else:
                self._note_facts(node)
                self._statement(node, {})
        self._closed(tree)
        return Facts(self.facts.get("kind"), self.facts.get("apiVersion"), self.names.values)

    # Statements

    def _import(self, node: nodes.FromImport) -> None:
        if not (isinstance(node.template, nodes.Const) and isinstance(node.template.value, str)):
            raise self.names.fault(node, "an import names its template in quotes")
        if node.with_context:
            raise self.names.fault(node, "an import has no context: a macro sees its parameters only")
        source = node.template.value
        try:
            if ending(source) != self.rules:
                raise Unprintable(f"{source} is written for another file type, which has other quotes")
            known = self.macros_of(source)
        except Unprintable as why:
            raise self.names.fault(node, str(why)) from None
        for name in node.names:
            if not isinstance(name, str):
                raise self.names.fault(node, f"a macro keeps its name: write import {name[0]}")
            if name not in known:
                raise self.names.fault(node, f"{source} has no macro {name}: {meant(name, known, 'macro')}")
            self.names.define(node, name, known[name])

    def _macro(self, node: nodes.Macro) -> None:
        if node.defaults:
            raise self.names.fault(node, f"the macro {node.name} has a parameter with a default: let callers say it")
        scope: Scope = {}
        for parameter in node.args:
            self.names.bind(parameter, scope)
        outer, self.language, self.names.in_macro = self.language, LANGUAGES[self.rules](), True
        self._body(node.body, scope)
        self._closed(node)
        self.language, self.names.in_macro = outer, False
        self.names.define(node, node.name, len(node.args))

    def _statement(self, node: nodes.Node, scope: Scope) -> None:
        if isinstance(node, nodes.Output):
            node.nodes = [printed for line in split(self.names.template, node) for printed in self._line(line, scope)]
        elif isinstance(node, nodes.If):
            self._if(node, scope)
        elif isinstance(node, nodes.For):
            self._for(node, scope)
        else:
            raise self.names.unfit(node)

    def _body(self, body: Iterable[nodes.Node], scope: Scope) -> None:
        open_before = self.language.open
        for node in body:
            self._statement(node, scope)
            last = node
        if self.language.open != open_before:
            raise self.names.fault(last, "a quoted text ends in the block that it begins in")

    def _if(self, node: nodes.If, scope: Scope) -> None:
        for branch in (node, *node.elif_):
            self.names.path(branch.test, scope)
            branch.test = nodes.Test(branch.test, "present", [], [], None, None, lineno=branch.test.lineno)
            self._body(branch.body, scope)
        self._body(node.else_, scope)

    def _for(self, node: nodes.For, scope: Scope) -> None:
        if node.else_ or node.test or node.recursive:
            raise self.names.fault(node, "a for walks a whole list: it has no else, no if and no recursion")
        if not isinstance(node.target, nodes.Name):
            raise self.names.fault(node, "a for has one name: print the item's attributes")
        self.names.path(node.iter, scope)
        inner = dict(scope)
        self.names.bind(node.target, inner, node.iter)
        node.iter = call("each", node.iter)
        self._body(node.body, inner)

    # Lines of text

    def _line(self, line: Line, scope: Scope) -> list[nodes.Expr]:
        try:
            if _ESCAPED.search(line.shape):
                raise Unprintable("a backslash before a value would change what its first character means")
            slots = self.language.slots(line.shape)
        except Unprintable as why:
            raise TemplateFault(self.names.template, line.number, str(why)) from None
        pieces = line.pieces(slots)
        printed = [p if isinstance(p, nodes.Expr) else self._print(*p, line.shape, scope) for p in pieces]
        if self.traced and not any(slot.printer == "paste" for slot in slots):
            printed[0] = call("place", printed[0], nodes.Const(self.names.template), nodes.Const(line.number))
        return printed

    def _print(self, slot: Slot, values: list[nodes.Expr], shape: str, scope: Scope) -> nodes.Expr:
        if slot.printer == "paste":
            return self._paste(values[0], slot.column or 0, scope)
        for value in values:
            self.names.path(value, scope)
        if slot.printer == "yaml_joined":
            printed = joined(shape[slot.start : slot.end], values)
        else:
            printed = call(slot.printer, values[0], *([] if slot.column is None else [nodes.Const(slot.column)]))
        for value in values if self.traced else ():
            printed = owned("note", printed, owners(value, scope))
        return printed

    def _paste(self, node: nodes.Expr, column: int, scope: Scope) -> nodes.Expr:
        assert isinstance(node, nodes.Call)
        macro = self.names.macro(node)
        for argument in node.args:
            if not (isinstance(argument, nodes.Const) and type(argument.value) in (str, int, bool)):
                self.names.path(argument, scope)
        pasted = call("paste", macro, nodes.Const(column), *node.args)
        if not self.traced:
            return pasted
        return owned("inherit", pasted, [owner for a in node.args for owner in [(a, ""), *owners(a, scope)]])

    def _closed(self, node: nodes.Node) -> None:
        if self.language.open:
            raise self.names.fault(node, "a quoted text does not end")

    def _note_facts(self, node: nodes.Node) -> None:
        if isinstance(node, nodes.Output):
            text = "".join(part.data if isinstance(part, nodes.TemplateData) else VALUE for part in node.nodes)
            for key, value in _FACT.findall(text):
                self.facts.setdefault(key, value)
