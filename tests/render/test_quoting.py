"""What is written reads back as the same text, whatever reader a file meets."""

import ast
import json
import math
import re
import shlex

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from ruamel.yaml import YAML

from mlops_spec.render import quoting
from mlops_spec.render.fault import Unprintable

# What readers of YAML 1.1 or 1.2, Go's among them, take for something other than text, or refuse.
TRAPS = [
    *("", " ", "~", "null", "Null", "NULL", "true", "True", "yes", "Yes", "no", "NO", "on", "On", "off", "y", "Y", "n"),
    *(
        "N",
        "1",
        "-1",
        "+1",
        "0",
        "08",
        "010",
        "0o17",
        "0x1F",
        "0b11",
        "1_000",
        "12:30",
        "1:30:15",
        "190:20:30.15",
        "1e3",
    ),
    *(
        "1E5",
        "1.5",
        ".5",
        "5.",
        "1_0.5",
        ".inf",
        "-.Inf",
        "+.INF",
        ".nan",
        ".NaN",
        "inf",
        "nan",
        "6e2a",
        "1e5f3a",
        "0e1",
    ),
    *("2024-01-01", "2024-01-01T00:00:00Z", "2024-1-1 1:1:1", "<<", "=", "-", "?", ":", "- a", "? a", ": a", "a: b"),
    *(
        "a:",
        "a #b",
        "#a",
        "%YAML",
        "@a",
        "`a`",
        "&a",
        "*a",
        "!a",
        "|",
        ">",
        "'a'",
        '"a"',
        "[a]",
        "{a}",
        "a,b",
        "---",
        "...",
    ),
    *(
        "--- a",
        "a\nb",
        "a\n",
        "\na",
        "\ta",
        "a\t",
        "a ",
        " a",
        "a\r\nb",
        "a\rb",
        "\x85",
        "a\u2028b",
        "\u2029",
        "\ufeffa",
    ),
    *(
        "😀",
        "\U0010ffff",
        "\x7f",
        "\x00",
        "\x1b[0m",
        "\xa0",
        "é",
        "中文",
        "\u202e",
        "\ufffe",
        "\uffff",
        "\\",
        "\\n",
        "\\x41",
    ),
    *(
        "500m",
        "1Gi",
        "10m",
        "1E",
        "1k",
        "0m",
        "${x}",
        "{{a}}",
        "$(A)",
        "a=b",
        "http://x:80/y",
        "sha256:ab",
        "x y",
        "a  b",
    ),
]
LINES = st.text(st.sampled_from("ab \t#:-\n'\"\\|>é😀\x85\u2028\x7f\r"), max_size=30)


def read_by_libyaml(text):
    return yaml.load(text, Loader=yaml.CSafeLoader)


def read_as_yaml_1_2(text):
    return YAML(typ="safe", pure=True).load(text)


READERS = pytest.mark.parametrize("read", [read_by_libyaml, read_as_yaml_1_2])


@READERS
@pytest.mark.parametrize("text", TRAPS)
def test_traps_come_back_as_text(read, text):
    assert read(f"key: {quoting.yaml_text(text)}\n") == {"key": text}
    assert read(f"- {quoting.yaml_text(text)}\n") == [text]
    assert read(f"{quoting.yaml_key(text)}: 1\n") == {text: 1}


@READERS
@given(text=st.text(st.characters(exclude_categories=["Cs"])) | LINES)
def test_any_text_comes_back_from_yaml(read, text):
    assert read(f"a:\n  {quoting.yaml_key(text)}: {quoting.yaml_text(text)}\n") == {"a": {text: text}}


@pytest.mark.parametrize("text", ["churn", "/mlops/outputs", "http://mlflow.svc:5000", "python -m x", "500m", "1Gi"])
def test_plainly_safe_text_stands_bare(text):
    assert quoting.yaml_text(text) == text


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
def test_any_text_comes_back_from_json(text):
    assert json.loads(quoting.double_quoted(text)) == text


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


@pytest.mark.parametrize("quote", [quoting.yaml_text, quoting.double_quoted, quoting.python_text, quoting.yaml_key])
def test_half_a_character_is_refused(quote):
    with pytest.raises(Unprintable, match="surrogate"):
        quote("a\ud800")
    with pytest.raises(Unprintable, match="surrogate"):
        quoting.yaml_block("a\n\ud800", 0)


def test_a_key_that_readers_would_not_take_is_refused():
    with pytest.raises(Unprintable, match="1024"):
        quoting.yaml_key("a" * 1100)


@READERS
@given(value=st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**63), 2**63 - 1))
@example(value=1e-07)
@example(value=1e22)
def test_numbers_come_back_with_their_type(read, value):
    printed = quoting.number(value)
    assert "e" not in printed
    for back in (read(f"a: {printed}\n")["a"], json.loads(printed), ast.literal_eval(printed)):
        assert (type(back), back) == (type(value), value)
        assert math.copysign(1, back) == math.copysign(1, value)


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan, 2**63, -(2**63) - 1])
def test_numbers_that_readers_round_or_lack_are_refused(value):
    with pytest.raises(Unprintable):
        quoting.number(value)


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
