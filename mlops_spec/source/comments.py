"""What stands between the data: suppression comments and tabs."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import islice

from mlops_spec.diagnostic import Diagnostic
from mlops_spec.source import refusals
from mlops_spec.source.builder import Span
from mlops_spec.source.characters import places
from mlops_spec.source.tree import Ignore

TAB_MESSAGE = "this line is indented with a tab"
_MOST_SHOWN = 20

_COMMENT = re.compile(r"(?:^|(?<=[ \t]))#[ \t]*mlops-spec:[ \t]*ignore\b(?P<rest>.*)$", re.MULTILINE)
_REST = re.compile(r"\[(?P<codes>[^\]]*)\](?P<reason>.*)\Z")
_CODE = re.compile(r"MS[0-9]{3}\Z")
_INDENTING_TAB = re.compile(r"^[ ]*(?P<tab>\t)[ \t]*(?=\S)", re.MULTILINE)


def suppressions(text: str, file: str, spans: Sequence[Span]) -> tuple[tuple[Ignore, ...], list[Diagnostic]]:
    """Find the comments ``# mlops-spec: ignore[MS204] reason`` outside of scalars, and those that cannot be read."""
    ignores: list[Ignore] = []
    problems: list[Diagnostic] = []
    if "mlops-spec:" not in text:
        return (), problems
    comments = list(_outside(_COMMENT.finditer(text), text, spans))
    for comment, where in zip(comments, places(file, text, (c.start() for c in comments))):
        rest = _REST.match(comment["rest"])
        codes = [code.strip() for code in rest["codes"].split(",")] if rest else []
        if rest and all(_CODE.match(code) for code in codes):
            ignores.append(Ignore(tuple(codes), rest["reason"].strip(), where))
        else:
            problems.append(refusals.SUPPRESSION.at(where, "this comment names no codes to suppress"))
    return tuple(ignores), problems


def tabs(text: str, file: str, spans: Sequence[Span], end: int) -> list[Diagnostic]:
    """Refuse the tabs that indent a line before the character ``end``, from where nothing was read."""
    if "\t" not in text:
        return []
    found = islice(_outside(_INDENTING_TAB.finditer(text, 0, end), text, spans), _MOST_SHOWN)
    return [refusals.TAB.at(place, TAB_MESSAGE) for place in places(file, text, (tab.start("tab") for tab in found))]


def _outside(found: Iterator[re.Match[str]], text: str, spans: Sequence[Span]) -> Iterator[re.Match[str]]:
    starts = [span.start for span in spans]
    for match in found:
        before = bisect_right(starts, match.start()) - 1
        if before < 0 or not _holds(spans[before], match.start(), text):
            yield match


def _holds(span: Span, index: int, text: str) -> bool:
    start = span.start
    if text[start] in "|>":
        # The line that opens a block scalar may end with a real comment.
        start = text.find("\n", start)
    return start <= index < span.end
