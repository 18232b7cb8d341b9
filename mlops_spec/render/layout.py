"""Where tags stand in a template: each on lines of its own, which leave nothing behind in what is rendered.

Jinja's own trimming swallows the line end after an inline ``{% endif %}`` and leaves an empty line after ``{% raw %}``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from jinja2 import lexer

from mlops_spec.render.fault import TemplateFault

_CLOSED_BY = {
    lexer.TOKEN_BLOCK_BEGIN: lexer.TOKEN_BLOCK_END,
    lexer.TOKEN_COMMENT_BEGIN: lexer.TOKEN_COMMENT_END,
    lexer.TOKEN_RAW_BEGIN: lexer.TOKEN_RAW_BEGIN,
    lexer.TOKEN_RAW_END: lexer.TOKEN_RAW_END,
}
_MARKERS = {*_CLOSED_BY, *_CLOSED_BY.values(), lexer.TOKEN_VARIABLE_BEGIN, lexer.TOKEN_VARIABLE_END}
_RAW = {lexer.TOKEN_RAW_BEGIN, lexer.TOKEN_RAW_END}


class Token(NamedTuple):
    """One piece of a template as Jinja's lexer gives it."""

    line: int
    type: str
    text: str


class Lexer(lexer.Lexer):
    """Jinja's lexer, with the lines of tags taken out. Raises TemplateFault where a tag shares its line."""

    def tokeniter(
        self, source: str, name: str | None, filename: str | None = None, state: str | None = None
    ) -> Iterator[tuple[int, str, str]]:
        return iter(_own_lines(name or "", [Token(*t) for t in super().tokeniter(source, name, filename, state)]))


def _own_lines(template: str, tokens: list[Token]) -> Iterable[Token]:
    for token in tokens:
        _refuse_trimming(template, token)
    taken: list[Token] = []
    fresh, at = True, 0  # fresh: nothing but blanks so far on this line
    while at < len(tokens):
        token = tokens[at]
        if token.type not in _CLOSED_BY:
            fresh = _leaves_fresh(token, fresh)
            taken.append(token)
            at += 1
            continue
        end = _end(tokens, at)
        if fresh and _ends_line(tokens, end + 1):
            _cut_blanks_before(taken)
            _cut_line_end_after(tokens, end + 1)
        elif token.type in _RAW:
            fresh = False
        else:
            raise TemplateFault(template, token.line, f"{_source(tokens[at : end + 1])} stands on a line of its own")
        taken += tokens[at : end + 1]
        at = end + 1
    return taken


def _leaves_fresh(token: Token, fresh: bool) -> bool:
    if token.type != lexer.TOKEN_DATA:
        return False
    _, line_end, rest = token.text.rpartition("\n")
    return (bool(line_end) or fresh) and not rest.strip(" \t")


def _end(tokens: list[Token], at: int) -> int:
    wanted = _CLOSED_BY[tokens[at].type]
    return next((i for i in range(at, len(tokens)) if tokens[i].type == wanted), len(tokens) - 1)


def _ends_line(tokens: list[Token], at: int) -> bool:
    if at == len(tokens):
        return True
    blanks, line_end, _ = tokens[at].text.partition("\n")
    last = at + 1 == len(tokens)
    return tokens[at].type == lexer.TOKEN_DATA and (bool(line_end) or last) and not blanks.strip(" \t")


def _cut_blanks_before(taken: list[Token]) -> None:
    if taken and taken[-1].type == lexer.TOKEN_DATA:
        taken[-1] = taken[-1]._replace(text=taken[-1].text.rstrip(" \t"))


def _cut_line_end_after(tokens: list[Token], at: int) -> None:
    if at < len(tokens):
        line, kind, text = tokens[at]
        tokens[at] = Token(line + 1, kind, text.partition("\n")[2])


def _refuse_trimming(template: str, token: Token) -> None:
    if token.type in _MARKERS and ("-" in token.text or "+" in token.text):
        raise TemplateFault(
            template, token.line, f"{token.text.strip()} trims blanks by hand: write the tag without its sign"
        )


def _source(tag: list[Token]) -> str:
    return " ".join("".join(token.text for token in tag).split())
