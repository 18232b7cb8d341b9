"""What the parser says of a text that is no YAML, told in the words of the one who wrote it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import yaml

from mlops_spec.diagnostic import Diagnostic, Place, Related
from mlops_spec.source import refusals
from mlops_spec.source.builder import MAX_DEPTH, MISSING_KEY, Span
from mlops_spec.source.characters import places
from mlops_spec.source.comments import TAB_MESSAGE

_GLUED = re.compile(r"(?P<before>[ ]*(?:- +)*[\w.-]+:)(?P<value>[^\s/].*)\Z")


class _Fault(NamedTuple):
    """The parser's words, and where it stood.

    ``opened`` is where what it was reading began, ``quote`` where a quoted text began that ended there, lines later.
    """

    context: str
    problem: str
    at: Place
    opened: Place
    quote: Place | None
    lines: list[str]

    def line(self, place: Place) -> str:
        return self.lines[place.line - 1] if place.line <= len(self.lines) else ""

    def character(self, place: Place) -> str:
        return self.line(place)[place.column - 1 : place.column]


def explain(error: yaml.YAMLError, file: str, text: str, spans: Sequence[Span]) -> Diagnostic:
    """Turn the parser's error into one problem with a place and a way out; ``spans`` are the scalars before it."""
    fault = _fault(error, file, text, spans)
    for told in (_by_context, _by_problem, _by_structure):
        diagnostic = told(fault)
        if diagnostic is not None:
            return diagnostic
    return refusals.SYNTAX.at(fault.at, f"this is not YAML: {fault.problem}")


def _fault(error: Any, file: str, text: str, spans: Sequence[Span]) -> _Fault:
    mark = getattr(error, "problem_mark", None)
    at = _place(mark, file) or Place(file, 1, 1)
    opened = _place(getattr(error, "context_mark", None), file) or at
    context, problem = getattr(error, "context", None) or "", getattr(error, "problem", None) or "it cannot be read"
    quote = _long_quote(file, text, spans[-1], mark.index) if spans and mark is not None else None
    return _Fault(context, problem, at, opened, quote, text.split("\n"))


def _long_quote(file: str, text: str, span: Span, index: int) -> Place | None:
    held = text[span.start : span.end]
    if held[:1] in ("'", '"') and "\n" in held and not text[span.end : index].strip(" "):
        return next(places(file, text, [span.start]))
    return None


def _place(mark: Any, file: str) -> Place | None:
    return None if mark is None else Place(file, mark.line + 1, mark.column + 1)


def _by_context(fault: _Fault) -> Diagnostic | None:
    context = fault.context
    if "directive" in context:
        return refusals.DIRECTIVE.at(fault.opened, "a `%` directive does not belong in a spec")
    if "tag" in context or "tag handle" in fault.problem:
        return refusals.TAG.at(fault.opened, "a tag does not belong in a spec")
    if "alias" in context or "anchor" in context:
        sign = fault.character(fault.opened)
        meaning = "an alias" if sign == "*" else "an anchor"
        return refusals.FIRST_CHARACTER.at(fault.opened, f"a value that starts with `{sign}` is {meaning} in YAML")
    if "quoted scalar" in context and ("end of stream" in fault.problem or "document indicator" in fault.problem):
        return refusals.UNCLOSED.at(fault.opened, f"this quote {fault.character(fault.opened)} is never closed")
    if "quoted scalar" in context:
        return refusals.ESCAPE.at(fault.at, "this backslash starts no escape that YAML knows")
    return None


def _by_problem(fault: _Fault) -> Diagnostic | None:
    problem, at = fault.problem, fault.at
    if " tab " in problem or (fault.character(at) == "\t" and "cannot start" in problem):
        return refusals.TAB.at(at, TAB_MESSAGE)
    if "nesting depth" in problem:
        return refusals.TOO_DEEP.at(at, f"this is nested more than {MAX_DEPTH} levels deep")
    if "cannot start any token" in problem:
        return refusals.FIRST_CHARACTER.at(at, f"a value cannot start with `{fault.character(at)}` unless it is quoted")
    if problem.startswith("did not find expected ','"):
        return _unclosed(fault)
    if fault.character(at) == ":" and ("node content" in problem or "expected key" in problem):
        return refusals.KEY_TYPE.at(at, "a key is missing before this colon", hint=MISSING_KEY)
    if problem == "did not find expected node content":
        sign = fault.character(at)
        return refusals.SYNTAX.at(at, f"a value is missing before this `{sign}`" if sign else "a value is missing here")
    if "block scalar" in fault.context:
        hint = "start the text on the next line, indented"
        return refusals.SYNTAX.at(at, "only a comment may stand after the sign that opens a block of text", hint=hint)
    return None


def _by_structure(fault: _Fault) -> Diagnostic | None:
    problem, at = fault.problem, fault.at
    if problem.startswith("mapping values are not allowed"):
        return _second_colon(fault)
    if "expected ':'" in problem:
        neither = refusals.COLON.at(fault.opened, "this is neither `key: value` nor a list item")
        return _glued(fault, fault.opened.line) or neither
    if problem.startswith("block sequence entries"):
        hint = "put the first `-` on a line of its own"
        return refusals.INDENTATION.at(at, "a list item cannot start on the line of its key", hint=hint)
    if "expected key" in problem:
        return _unexpected(fault)
    if "expected '-'" in problem:
        message = "this line is neither an item of the list above nor part of one"
        return refusals.INDENTATION.at(at, message, Related("the list starts here", fault.opened))
    if "<document start>" in problem:
        return refusals.INDENTATION.at(at, "this line is indented less than the first one of the file")
    return None


def _unclosed(fault: _Fault) -> Diagnostic:
    bracket = fault.character(fault.opened)
    closing = "]" if bracket == "[" else "}"
    if fault.line(fault.at)[max(0, fault.at.column - 2) :].startswith("${{"):
        place = fault.at._replace(column=fault.at.column - 1)
        opened = Related(f"the `{bracket}` stands here", fault.opened)
        message = "a placeholder between brackets must be quoted"
        return refusals.UNCLOSED.at(place, message, opened, hint='write `"${{ … }}"`, with the text around it')
    if fault.opened.line != fault.at.line:
        message, hint = f"this `{bracket}` is not closed", f"close it with `{closing}`"
        return refusals.UNCLOSED.at(fault.opened, message, Related("reading stopped here", fault.at), hint=hint)
    message = f"here a comma or the closing `{closing}` is missing"
    hint = f"write `,` or `{closing}`; quote text that holds brackets, commas or `: `"
    return refusals.UNCLOSED.at(fault.at, message, Related(f"the `{bracket}` stands here", fault.opened), hint=hint)


def _second_colon(fault: _Fault) -> Diagnostic:
    above = fault.at.line - 1
    while above > 0 and not fault.lines[above - 1].strip():
        above -= 1
    before = fault.line(fault.at)[: fault.at.column - 1]
    if re.search(r":\s", before):
        hint = "quote the value that holds it, or start a new line"
        return refusals.COLON.at(fault.at, "a second `: ` in one line", hint=hint)
    glued = _glued(fault, above)
    if glued is not None:
        return glued
    start = Place(fault.at.file, fault.at.line, len(before) - len(before.lstrip()) + 1)
    message = "this key is indented under a line that has a value already"
    return refusals.INDENTATION.at(start, message, hint="align it with the other keys, or quote the text if it is none")


def _glued(fault: _Fault, line: int) -> Diagnostic | None:
    place = Place(fault.at.file, line, 1)
    glued = _GLUED.match(fault.line(place))
    if glued is None:
        return None
    place = place._replace(column=len(glued["before"]))
    return refusals.COLON.at(place, "a blank is missing after this colon", hint="write `key: value`")


def _unexpected(fault: _Fault) -> Diagnostic:
    line, column = fault.line(fault.at), fault.at.column - 1
    before, sign = line[:column], line[column : column + 1]
    if not before.strip(" "):
        message = "this line is indented unlike the keys that it belongs to"
        return refusals.INDENTATION.at(fault.at, message, Related("they start here", fault.opened))
    if sign in ("]", "}"):
        hint = "remove it, or quote the text that holds it"
        return refusals.UNCLOSED.at(fault.at, f"this `{sign}` closes nothing", hint=hint)
    if fault.quote is not None:
        message, closed = "this quote is closed in a later line", Related("it is closed here", fault.at)
        return refusals.UNCLOSED.at(fault.quote, message, closed)
    message = "nothing may stand here after the value is complete"
    return refusals.SYNTAX.at(fault.at, message, hint="put the whole value into one pair of quotes")
