"""A key taken out of a map with its value, its comments and its comma."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mlops_spec.address import Path
from mlops_spec.source.document import Document, Found, Unfit
from mlops_spec.source.splice import Splice
from mlops_spec.source.style.outline import Node, indent, is_comment

_EMPTY = "{}"
_COMMA = re.compile(r"(?:[ \t\n]|(?<=[ \t\n])#[^\n]*)*,")
_BLANKS = re.compile(r"[ \t]*")
_LINE_ENDS = re.compile(r"[ \t]*(?P<comment>#[^\n]*)?(?=\n|\Z)")


def cut(document: Document, path: Path) -> list[Splice]:
    """Take out what stands at ``path``. Raises Unfit where it is no key of a map, or written in an odd way."""
    found = document.find(path)
    if found.key is None:
        raise Unfit("only a key of a map is taken out, and this is an item of a list", found.value.start)
    document.check_unanchored(found.key, found.value)
    if found.above.style == "map":
        holder = document.find(path[:-1]) if len(path) > 1 else None
        return _lines(document, found, found.key, holder)
    return list(_between_braces(document, found, found.key))


def _lines(document: Document, found: Found, key: Node, holder: Found | None) -> list[Splice]:
    document.after_colon(key)
    entries = found.above.entries()
    last = document.last_line(max(key, found.value, key=lambda node: node.last), found.above.column)
    if len(entries) == 1 and (holder is None or holder.key is None):
        return [Splice(key.start, document.end(last), _EMPTY)]
    if not document.begins_line(key):
        return [_behind_dash(document, key, entries[1][0], last)]
    files_own = holder is None and found.number == 0
    lines = document.without(key.line if files_own else document.first_line(key), last)
    if len(entries) > 1 or holder is None or holder.key is None:
        return [lines]
    place = document.after_colon(holder.key)
    return [Splice(place, place, f" {_EMPTY}"), lines]


def _behind_dash(document: Document, key: Node, following: Node, last: int) -> Splice:
    """Let the next key follow the dash; the comments above it go above the dash."""
    dashes = document.lines[key.line][: key.column]
    kept = [
        " " * indent(dashes) + line.lstrip(" ") if is_comment(line) else line
        for line in document.lines[last + 1 : following.line]
    ]
    return Splice(document.start(key.line), following.start, "".join(f"{line}\n" for line in kept) + dashes)


def _between_braces(document: Document, found: Found, key: Node) -> Iterator[Splice]:
    text, spans = document.text, [(k.start, max(k.end, v.end)) for k, v in found.above.entries()]
    if text[found.above.start] != "{" or text[: key.start].rstrip().endswith("?"):
        raise Unfit(f"the key `{key.value}` is not written as `{{{key.value}: …}}`", key.start)
    start, end = spans[found.number]
    before = spans[found.number - 1][1] if found.number else None
    comma = _comma(text, before, end)
    if comma is not None:
        if comma >= end and not text[end:comma].strip(" \t"):
            end = comma + 1
        elif comma < start and not text[comma + 1 : start].strip(" \t"):
            start = comma
        else:
            yield Splice(comma, comma + 1)
    yield _tidied(text, start, end, before)


def _comma(text: str, before: int | None, end: int) -> int | None:
    """Return where the comma stands that goes along: behind the entry, or before where it is the last of its line."""
    following = _COMMA.match(text, end)
    previous = None if before is None else _COMMA.match(text, before)
    if following and (previous is None or "\n" not in following.group()):
        return following.end() - 1
    return previous.end() - 1 if previous else None


def _tidied(text: str, start: int, end: int, before: int | None) -> Splice:
    """Cut an entry with its comma, and what would be left of its line; a comment stays that is another one's too."""
    line = text.rfind("\n", 0, start) + 1
    prefix, ends = text[line:start], _LINE_ENDS.match(text, end)
    if ends is None:
        return Splice(start, end if text[start] == "," else _end_of(_BLANKS.match(text, end)))
    if not prefix.strip(" \t"):
        return Splice(line, min(ends.end() + 1, len(text)))
    if ends["comment"] and before is not None and before > line:
        return Splice(start, ends.start("comment") if prefix.endswith((" ", "\t")) else end)
    return Splice(line + len(prefix.rstrip(" \t")), ends.end())


def _end_of(match: re.Match[str] | None) -> int:
    assert match is not None
    return match.end()
