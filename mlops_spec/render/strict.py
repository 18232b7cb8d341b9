"""Jinja, cut down to what templates may do, and what the code that it compiles calls at run time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from types import MemberDescriptorType
from typing import TYPE_CHECKING, Any

from jinja2 import BaseLoader, StrictUndefined, TemplateNotFound
from jinja2.runtime import Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment

from mlops_spec.address import meant
from mlops_spec.blueprint.ports import File
from mlops_spec.render import trace
from mlops_spec.render.facts import facts_of
from mlops_spec.render.fault import Unprintable
from mlops_spec.render.loading import Bytecode
from mlops_spec.render.printer import Printer, printers

if TYPE_CHECKING:
    from jinja2 import nodes
    from jinja2.lexer import Lexer

_READABLE = (property, cached_property, MemberDescriptorType)


class Strict(ImmutableSandboxedEnvironment):
    """``render`` prints a File that stands among another's values; ``traced`` puts marks into what is rendered."""

    def __init__(
        self, loader: BaseLoader, render: Callable[[File], str], traced: bool, bytecode: Bytecode | None
    ) -> None:
        super().__init__(
            variable_start_string="${{",
            variable_end_string="}}",
            keep_trailing_newline=True,
            undefined=StrictUndefined,
            optimized=False,
            auto_reload=False,
            cache_size=-1,
            loader=loader,
            bytecode_cache=bytecode,
        )
        self.traced = traced
        self.globals.clear()
        self.tests = {"present": present}
        self.filters = {**printers(render), "each": each, "paste": paste}
        if traced:
            self.filters |= {"place": trace.place, "note": trace.note, "inherit": trace.inherit, "paste": paste_marked}
            self.filters |= _marked_printers(render)
        self._compiling: list[str] = []

    # What compiles templates is imported when one is met that is not compiled yet.

    @cached_property
    def lexer(self) -> Lexer:
        """The lexer that takes out the lines of tags."""
        from mlops_spec.render.layout import Lexer

        return Lexer(self)

    def _generate(
        self, source: nodes.Template, name: str | None, filename: str | None, defer_init: bool = False
    ) -> str:
        from mlops_spec.render.generator import Generator

        self.code_generator_class = Generator
        return super()._generate(source, name, filename, defer_init)

    @contextmanager
    def compiling(self, template: str) -> Iterator[None]:
        """Remember which templates are being compiled, for one that imports itself would never end."""
        self._compiling.append(template)
        try:
            yield
        finally:
            self._compiling.pop()

    def macros_of(self, template: str) -> dict[str, int]:
        """List a shared template's macros with how many arguments they take. Raises Unprintable."""
        if template in self._compiling:
            raise Unprintable(f"{' imports '.join([*self._compiling, template])}: imports go in a circle")
        try:
            loaded = self.get_template(template)
        except TemplateNotFound as why:
            raise Unprintable(no_template(why, self)) from None
        if facts_of(loaded.root_render_func).named:
            raise Unprintable(f"{template} prints values outside of its macros, so it cannot be imported")
        module = vars(loaded.module)
        return {name: len(macro.arguments) for name, macro in module.items() if isinstance(macro, Macro)}

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Read what a node says of itself: its data, its properties, never a method."""
        try:
            return obj.__dict__[attribute]
        except (AttributeError, KeyError):
            return _property(obj, attribute)


def no_template(why: TemplateNotFound, environment: Strict) -> str:
    """Say that there is no such template, and which one was meant."""
    return f"there is no template {why.name}: {meant(str(why.name), environment.list_templates(), 'template')}"


def _property(node: Any, name: str) -> Any:
    if node is None:
        raise Unprintable(f"what should have {name} is absent: read it under an {{% if %}}")
    readable = {key for kind in type(node).__mro__ for key, v in vars(kind).items() if isinstance(v, _READABLE)}
    if name in readable and not name.startswith("_"):
        return getattr(node, name)
    known = [key for key in (*getattr(node, "__dict__", ()), *readable) if not key.startswith("_")]
    raise Unprintable(f"{type(node).__name__} has no {name}: {meant(name, known, 'attribute')}")


def present(value: Any) -> bool:
    """Tell whether a value is there: not None, not False, not empty. Zero is there."""
    return bool(value) or (isinstance(value, (int, float)) and value is not False)


def each(value: Any) -> Any:
    """Give a list to walk. Raises Unprintable on anything else: text, too, could be walked."""
    if isinstance(value, (tuple, list)):
        return value
    called = "absent" if value is None else f"of type {type(value).__name__}"
    raise Unprintable(f"a for walks a list, and this is {called}")


def paste(macro: Any, column: int, *arguments: Any) -> str:
    """Print a macro's lines at a column; none at all if it prints nothing."""
    text = _called(macro, arguments)
    if not text or not column:
        return text
    margin = " " * column
    if "\n\n" in text or text[0] == "\n":
        return trace.indent(text, margin)
    return f"{margin}{text[:-1].replace(chr(10), chr(10) + margin)}\n"


def paste_marked(macro: Any, column: int, *arguments: Any) -> str:
    """Print a macro's lines at a column, marks and all."""
    return trace.indent(_called(macro, arguments), " " * column)


def _marked_printers(render: Callable[[File], str]) -> dict[str, Printer]:
    unmarked = printers(lambda file: trace.strip(render(file)))

    def yaml(value: Any, column: int) -> str:
        printed = unmarked["yaml"](value, column)
        return trace.nested(printed, render(value)) if isinstance(value, File) else printed

    return {**unmarked, "yaml": yaml}


def _called(macro: Any, arguments: tuple[Any, ...]) -> str:
    if not isinstance(macro, Macro) or len(macro.arguments) != len(arguments):
        raise Unprintable("the shared template no longer has this macro, or has it with other parameters")
    return macro(*arguments)
