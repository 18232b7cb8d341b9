"""The lines of template text: what of each is text, what a value, and which nodes print it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from jinja2 import nodes

from mlops_spec.render.fault import TemplateFault
from mlops_spec.render.position import MACRO, VALUE, Slot

Owners = list[tuple[nodes.Node, str]]  # what a value belongs to, nearest first, and the path from there to the value

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff]")


class Line:
    """One line of a template: text and values in turn. ``ended`` tells whether a line end follows them."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.parts: list[str | nodes.Expr] = []
        self.ended = False

    @property
    def values(self) -> list[nodes.Expr]:
        return [part for part in self.parts if not isinstance(part, str)]

    @property
    def shape(self) -> str:
        return "".join(part if isinstance(part, str) else _sign(part) for part in self.parts)

    def pieces(self, slots: list[Slot]) -> Iterator[nodes.Expr | tuple[Slot, list[nodes.Expr]]]:
        """Walk the line: the text between slots, and each slot with the values in it. A paste brings its line end."""
        shape, values, at = self.shape, iter(self.values), 0
        for slot in slots:
            if at < slot.start:
                yield nodes.TemplateData(shape[at : slot.start], lineno=self.number)
            yield slot, [next(values) for sign in shape[slot.start : slot.end] if sign in (VALUE, MACRO)]
            at = slot.end
        pasted = any(slot.printer == "paste" for slot in slots)
        rest = shape[at:] + ("\n" if self.ended and not pasted else "")
        if rest:
            yield nodes.TemplateData(rest, lineno=self.number)


def _sign(value: nodes.Expr) -> str:
    return MACRO if isinstance(value, nodes.Call) else VALUE


def split(template: str, output: nodes.Output) -> list[Line]:
    """Split template text at its line ends. Raises TemplateFault where it holds a control character."""
    lines = [Line(output.lineno)]
    for part in output.nodes:
        if not lines[-1].parts:
            lines[-1].number = part.lineno
        if not isinstance(part, nodes.TemplateData):
            lines[-1].parts.append(part)
            continue
        first, *others = part.data.split("\n")
        _append(lines[-1], first, template)
        for offset, text in enumerate(others, 1):
            lines[-1].ended = True
            lines.append(Line(part.lineno + offset))
            _append(lines[-1], text, template)
    return [line for line in lines if line.parts or line.ended]


def _append(line: Line, text: str, template: str) -> None:
    found = _CONTROL.search(text)
    if found:
        message = f"the control character U+{ord(found.group()):04X} stands in the template's text"
        raise TemplateFault(template, line.number, message)
    if text:
        line.parts.append(text)


def call(printer: str, value: nodes.Node, *arguments: nodes.Node) -> nodes.Expr:
    """Make the node that passes a value through a printer or a mark."""
    return nodes.Filter(value, printer, list(arguments), [], None, None, lineno=value.lineno)


def joined(shape: str, values: list[nodes.Expr]) -> nodes.Expr:
    """Make the node that prints text with Names in it as one scalar."""
    given = iter(values)
    first, *others = (
        call("name", next(given)) if piece == VALUE else nodes.Const(piece, lineno=values[0].lineno)
        for piece in re.split(f"({VALUE})", shape)
        if piece
    )
    return call("yaml_joined", first, *others)


def owned(mark: str, printed: nodes.Expr, owners: Owners) -> nodes.Expr:
    """Make the node that marks what is printed with what it belongs to."""
    return call(mark, printed, *(part for owner, path in owners for part in (owner, nodes.Const(path))))
