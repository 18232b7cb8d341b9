"""What is written reads back as the same text, whatever reader a file meets."""

import ast
import json
import re
import shlex

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from mlops_spec.render import quoting
from mlops_spec.render.fault import Unprintable
from tests.yaml_readers import LINES, READERS


@READERS
@given(text=LINES)
@example(text=" a\nb")
@example(text="a\n\n\nb\n")
@example(text="a\n\n")
@example(text="\n\na\n")
@example(text="a\n  \nb")
@example(text="\ta\nb")
@example(text="a \nb")
@example(text="# a\n--- \n...\nb: c\n")
def test_any_lines_come_back_from_a_block_wherever_it_stands(read, text):
    block = quoting.yaml_block
    printed = (
        f"a: {block(text, 0)}\nb:\n  c: {block(text, 2)}\n  d:\n    - {block(text, 4)}\n    - e: {block(text, 6)}\n"
    )
    printed += f"      f: 1\n    - - {block(text, 6)}\n      - g\nh:\n- {block(text, 0)}\n- i: {block(text, 2)}\n"
    nested = {"c": text, "d": [text, {"e": text, "f": 1}, [text, "g"]]}
    assert read(printed) == {"a": text, "b": nested, "h": [text, {"i": text}]}


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("a\nb", "|-\n    a\n    b"),
        ("a\n\nb\n", "|\n    a\n\n    b"),
        (" a\nb", "|2-\n     a\n    b"),
        ("a", "a"),
        ("a\n\n", r'"a\n\n"'),
        ("a\r\nb", r'"a\r\nb"'),
        ("a\n\x85", r'"a\n\u0085"'),
        ("a\n\x7f", r'"a\n\u007f"'),
        ("\ta\nb", r'"\ta\nb"'),
    ],
)
def test_a_block_is_used_where_it_can_hold_the_text(text, printed):
    assert quoting.yaml_block(text, 2) == printed


@given(text=st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_comes_back_from_python(text):
    assert ast.literal_eval(quoting.python_text(text)) == text


@given(text=st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\n\t'\"$`\\")))
def test_any_text_comes_back_from_a_shell(text):
    assert shlex.split(quoting.shell_word(text)) == [text]


@pytest.mark.parametrize("text", ["\x00", "\x1b[2J", "\r", "\x7f", "\ud800"])
def test_a_shell_script_holds_no_control_characters(text):
    with pytest.raises(Unprintable, match="control character"):
        quoting.shell_word(text)


def test_half_a_character_is_refused():
    with pytest.raises(Unprintable, match="surrogate"):
        quoting.python_text("a\ud800")
    with pytest.raises(Unprintable, match="surrogate"):
        quoting.yaml_block("a\n\ud800", 0)


MARKDOWN = MarkdownIt("commonmark").enable("table")
MARKUP = [
    "[a](https://evil.example)", "![a](b)", "<script>alert(1)</script>", "https://evil.example", "www.evil.example", "a@b.example",
    "`", "``", "`` a ``", "a|b", "\\|", "a\\", "\\`", "*a*", "__a__", "# a", "- a", "1. a", "> a", "---", "&amp;", "&#124;",
    "[a]: b", "@everyone", "#1", "a\nb", "\n\n# a", "a\r\nb", " ", "", '"', '"a"', "\u202ea", "~~~", "<!--", "-->", "(", ")",
]  # fmt: skip
MARKUP_TEXTS = st.lists(st.sampled_from([*MARKUP, " ", "a", "churn"]), max_size=5).map("".join) | st.text()


def inline(text):
    """What a paragraph, and the one cell of a table, are made of; each stays what it is."""
    (_, paragraph, _) = MARKDOWN.parse(f"x {text} y")
    head, cell = [b for b in MARKDOWN.parse(f"| a |\n| - |\n| x {text} y |") if b.type == "inline"]
    assert head.content == "a"
    return [paragraph.children, cell.children]


@given(MARKUP_TEXTS)
def test_markdown_shows_any_text_and_takes_none_for_markup(text):
    for write in (quoting.markdown_code, quoting.markdown_words):
        try:
            written = write(text)
        except Unprintable:
            assert any("\ud800" <= c <= "\udfff" for c in text)
            continue
        for children in inline(written):
            assert {child.type for child in children} <= {"text", "code_inline"}
            bare = "".join(child.content for child in children if child.type == "text")
            assert not re.search(r"://|www\.|@|#\d", bare)


@given(st.text().filter(lambda text: not any("\ud800" <= c <= "\udfff" for c in text)))
def test_a_code_span_holds_the_text_itself_or_a_literal_of_it(text):
    (children, _) = inline(quoting.markdown_code(text))
    (span,) = [child for child in children if child.type == "code_inline"]
    assert (json.loads(span.content) if span.content.startswith('"') else span.content) == text


def test_words_of_markdown_stay_readable():
    written = quoting.markdown_words("the image of its step fit (training) has no digest: lock it, images.train.")
    assert written == "the image of its step fit (training) has no digest: lock it, `images.train`."
