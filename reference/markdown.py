"""What pages are made of, as Markdown: words that are no markup, code, headings, definitions and tables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_CODE = re.compile(r"(`[^`]*`)")
_MARKUP = re.compile(r"([\\*_\[\]{}|#])")


def prose(text: str) -> str:
    """Write a text in which only code spans are markup."""
    return "".join(part if _CODE.fullmatch(part) else _plain(part) for part in _CODE.split(text))


def _plain(text: str) -> str:
    return _MARKUP.sub(r"\\\1", text.replace("&", "&amp;").replace("<", "&lt;"))


def code(text: str) -> str:
    """Write a text as a code span."""
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def names(known: Iterable[str], last: str = "and") -> str:
    """Write names as code, as one lists them in a sentence."""
    *more, end = map(code, known)
    return f"{', '.join(more)} {last} {end}" if more else end


def heading(level: int, text: str, anchor: str) -> str:
    """Write a heading that is linked to by ``anchor``."""
    return f"{'#' * level} {text} {{ #{anchor} }}\n"


def definition(term: str, *lines: str) -> str:
    """Write what a term, which is Markdown, means: lines, of which empty ones are left out."""
    first, *more = [line for line in lines if line]
    return f"{term}\n:   {first}{''.join(f'<br>{chr(10)}    {line}' for line in more)}\n"


def link(text: str, target: str) -> str:
    """Write a link to another place."""
    return f"[{text}]({target})"


def anchored(text: str, anchor: str) -> str:
    """Write a text that is linked to by ``anchor``, also by itself."""
    return f"[{text}](#{anchor}){{ #{anchor} }}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a table, of cells that are Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def fenced(text: str, language: str, title: str = "") -> str:
    """Write a block of code."""
    fence = "`" * max(3, 1 + max(map(len, re.findall(r"^`+", text, re.MULTILINE)), default=0))
    about = f' title="{title}"' if title else ""
    return f"{fence}{language}{about}\n{text.rstrip()}\n{fence}\n"


def page(title: str, *parts: str) -> str:
    """Write a whole page of paragraphs, headings, lists and tables."""
    return "\n".join((f"# {title}\n", *parts))
