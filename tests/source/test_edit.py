"""An edit changes one value: what else the file says, every byte of it and every comment, stays."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops_spec.address import Path
from mlops_spec.source import edit
from mlops_spec.source.tree import Map, find, mark, same, walk
from mlops_spec.source.yaml import read
from tests.odd_dress import texts

VALUES = st.sampled_from(
    [
        None,
        True,
        0,
        -7,
        2.5,
        1e-9,
        "plain",
        "two words",
        "a: b",
        "yes",
        "1e3",
        "# no",
        "é 😀",
        "",
        "{",
        "a\nb",
        'say "x"',
    ]
) | st.sampled_from([{}, {"a": 1, "no": "no"}, {"from": {"uri": "s3://a/b", "list": ["x", 1]}}, [], [1, "a, b"]])
KEYS = st.sampled_from(["new", "on", "a b", "1", "é"])
# fmt: off
REPLACED = {
    "a word": ("a: 1 # one\nb: 2\n", ("a",), 3, "a: 3 # one\nb: 2\n"),
    "text in quotes by text in quotes": ("{a: 'x', b: \"y\"}\n", ("b",), "z", "{a: 'x', b: \"z\"}\n"),
    "text in quotes by a number": ("a: 'x'\n", ("a",), 1, "a: 1\n"),
    "nothing": ("a:   # none yet\nb: 1\n", ("a",), 1, "a: 1   # none yet\nb: 1\n"),
    "nothing between brackets": ("{a: , b: 1}\n", ("a",), 2, "{a: 2 , b: 1}\n"),
    "an item": ("a:\n  - 1 # one\n  - 2\n", ("a", 0), 3, "a:\n  - 3 # one\n  - 2\n"),
    "an empty item": ("a:\n  -\n  - 2\n", ("a", 0), 3, "a:\n  - 3\n  - 2\n"),
    "a text of its own lines": ("a: |- # why\n  x\n  # no\n\nb: 1\n", ("a",), "z", "a: z # why\n\nb: 1\n"),
    "a text over lines": ("a: x\n  y # end\nb: 1\n", ("a",), "z", "a: z # end\nb: 1\n"),
    "a map": ("a: # of a\n  # of b\n  b: 1\n  c: {}\n    # of c\n# end\nd: 1\n", ("a",), "x", "a: x # of a\n# end\nd: 1\n"),
    "a map behind a dash": ("x:\n- - a: 1 # x\n    b: 2\n  - 3\n", ("x", 0, 0), {"c": 1}, "x:\n- - {c: 1}\n  - 3\n"),
    "a map below a dash": ("a:\n  -\n    b: 1\n  - c\n", ("a", 0), "x", "a:\n  -\n    x\n  - c\n"),
    "a list below its key": ("a:\n- 1\n- 2\nb: 3\n", ("a",), [], "a: []\nb: 3\n"),
    "a value below its key": ("a:\n  # here\n  'x'\n", ("a",), "y", "a:\n  # here\n  \"y\"\n"),
    "brackets over lines": ("a: [1, # one\n  2] # all\nb: 1\n", ("a",), [3], "a: [3] # all\nb: 1\n"),
    "lines that end with a carriage return": ("\ufeffa: 1\r\nb:\n- x\r\nc: 2\r\n", ("b",), 0, "\ufeffa: 1\r\nb: 0\nc: 2\r\n"),
    "the last word of a file without a line end": ("a: 1\nb: 2", ("b",), 3, "a: 1\nb: 3"),
}
COPIED = {
    "a word": ("{a: {b: 1c5e}, c: \"0f3a\"}\n", "{a: {b: 1c5e}, c: 1c5e}\n"),
    "text in quotes": ("a: {b: 'x'}\nc: w # z\n", "a: {b: 'x'}\nc: 'x' # z\n"),
    "a map between brackets": ("a: {b: { d: [1, 2]} }\nc: {}\n", "a: {b: { d: [1, 2]} }\nc: { d: [1, 2]}\n"),
    "what could not stand so between brackets": ("a:\n  b: x, y\nc: [1]\n", "a:\n  b: x, y\nc: \"x, y\"\n"),
    "lines": ("a:\n  b: |\n    x\n    y\nc: z\n", "a:\n  b: |\n    x\n    y\nc: \"x\\ny\\n\"\n"),
    "a map of its own lines": ("a:\n  b:\n    d: 1\nc: z\n", "a:\n  b:\n    d: 1\nc: {d: 1}\n"),
    "nothing": ("a:\n  b:\nc: z\n", "a:\n  b:\nc: null\n"),
}
INSERTED = {
    "behind the last": ("a:\n  b: 1 # x\n  # of the end\nc: 2\n", ("a",), "a:\n  b: 1 # x\n  new: 1\n  # of the end\nc: 2\n"),
    "behind comments that are the last one's": ("a:\n  b: 1\n    # of b\nc: 2\n", ("a",), "a:\n  b: 1\n    # of b\n  new: 1\nc: 2\n"),
    "at the end of a file without a line end": ("a: 1", (), "a: 1\nnew: 1"),
    "behind carriage returns": ("a: 1\r\n", (), "a: 1\r\nnew: 1\r\n"),
    "behind a text that keeps its empty lines": ("a: |+\n  x\n\n", (), "a: |+\n  x\n\nnew: 1\n"),
    "behind a dash": ("x:\n- a: 1\n- b\n", ("x", 0), "x:\n- a: 1\n  new: 1\n- b\n"),
    "between brackets": ("a: {b: 1, c: [2]} # x\n", ("a",), "a: {b: 1, c: [2], new: 1} # x\n"),
    "before a last comma": ("{a: 1,}\n", (), "{a: 1, new: 1,}\n"),
    "between empty brackets": ("a: { }\n", ("a",), "a: {new: 1}\n"),
    "before a comment between brackets": ("a: { # none\n  }\n", ("a",), "a: {new: 1 # none\n  }\n"),
}
ADDED = {
    "into nothing": ("v: 1\n", "v: 1\n\na:\n  m:\n    x: 1\n    q: {z: 2}\n"),
    "between keys in order": ("a:\n  k: 1\n    # of k\n  # of z\n  z: 1\n", "a:\n  k: 1\n    # of k\n  m:\n    x: 1\n    q: {z: 2}\n  # of z\n  z: 1\n"),
    "before the first": ("a:\n  # of z\n  z: 1\n", "a:\n  m:\n    x: 1\n    q: {z: 2}\n  # of z\n  z: 1\n"),
    "behind keys in no order": ("a:\n  z: 1\n  b: 1\nc: 1\n", "a:\n  z: 1\n  b: 1\n  m:\n    x: 1\n    q: {z: 2}\nc: 1\n"),
    "between brackets": ("a: {b: 1, z: 2} # x\n", "a: {b: 1, m: {x: 1, q: {z: 2}}, z: 2} # x\n"),
    "before the first between brackets": ("a: { z: 2}\n", "a: { m: {x: 1, q: {z: 2}}, z: 2}\n"),
}
DELETED = {
    "a line": ("a: 1\n# b\nb: 2 # x\n  # of b\n# c\nc: 3\n", ("b",), "a: 1\n# c\nc: 3\n"),
    "a map": ("a:\n  b: 1\n  c:\n    - 1\n    # x\n    - 2\nd: 1\n", ("a", "c"), "a:\n  b: 1\nd: 1\n"),
    "comments apart stay": ("a: 1\n# section\n\n# of b\nb: 1\nc: 1\n", ("b",), "a: 1\n# section\n\nc: 1\n"),
    "comments at the top stay": ("# the file\na: 1\nb: 2\n", ("a",), "# the file\nb: 2\n"),
    "the last line without a line end": ("a: 1\nb: 2", ("b",), "a: 1\n"),
    "carriage returns": ("\ufeffa: 1\r\nb: 2\r\nc: 3\r\n", ("b",), "\ufeffa: 1\r\nc: 3\r\n"),
    "all of the file": ("# x\na: 1 # y\n# z\n", ("a",), "# x\n{}\n# z\n"),
    "all of a map": ("a: # x\n  # y\n\n  # of b\n  b: 1\nc: 2\n", ("a", "b"), "a: {} # x\n  # y\n\nc: 2\n"),
    "all of a map behind a dash": ("a:\n  - b:\n      c\n    # of b?\n  - 1\n", ("a", 0, "b"), "a:\n  - {}\n    # of b?\n  - 1\n"),
    "the first behind a dash": ("x:\n- a: 1 # x\n\n  # of b\n  b: 2\n", ("x", 0, "a"), "x:\n\n# of b\n- b: 2\n"),
    "the first between brackets": ("{a: 1, b: 2}\n", ("a",), "{b: 2}\n"),
    "the last between brackets": ("{ a: 1, b: 2 }\n", ("b",), "{ a: 1 }\n"),
    "one between brackets": ("{a: 1, b: [2, 3], c: 3} # x\n", ("b",), "{a: 1, c: 3} # x\n"),
    "all between brackets": ("a: {b: 1,}\n", ("a", "b"), "a: {}\n"),
    "a line between brackets": ("a: {\n  b: 1,  # one\n  c: 2   # two\n}\n", ("a", "b"), "a: {\n  c: 2   # two\n}\n"),
    "the last line between brackets": ("a: {\n  b: 1,  # one\n  # of c\n  c: 2   # two\n}\n", ("a", "c"), "a: {\n  b: 1  # one\n  # of c\n}\n"),
    "a line with a comma before it": ("{ a: 1 # one\n, b: 2 # two\n, c: 3\n}\n", ("b",), "{ a: 1 # one\n, c: 3\n}\n"),
    "the end of a line": ("{a: 1, b: 2,\n c: 3}\n", ("b",), "{a: 1,\n c: 3}\n"),
    "a comment that is another one's too": ("{a: 1, b: 2, # both\n c: 3}\n", ("b",), "{a: 1, # both\n c: 3}\n"),
    "a comment behind the first": ("x: {a: 1, # one\n  b: 2}\n", ("x", "a"), "x: {\n  b: 2}\n"),
}
REFUSED = {
    "nothing there": ("a: {b: 1}\n", ("a", "c"), "there is no `a.c`", 1, 4),
    "nothing on the way": ("a: 1\nb: 2\n", ("b", "c", "d"), "there is no `b.c`", 2, 4),
    "an anchor on the way": ("a: &x {b: 1}\nc: *x\n", ("a", "b"), "a change below it would be one in several places", 1, 4),
    "an alias on the way": ("a: &x {b: 1}\nc: *x\n", ("c", "b"), "a change below it would be one in several places", 2, 4),
    "an anchor within": ("a: 1\nb:\n  c: &x 1\nd: *x\n", ("b",), "which an alias may mean", 3, 6),
    "a text that is no data": ("a: 1\nb: no\n", ("a",), "`no` is false to some YAML readers", 2, 4),
}
# fmt: on


def data(text: str) -> Any:
    source, problems = read(text.encode(), "")
    assert source is not None, (problems, text)
    return source.data


@pytest.mark.parametrize("case", REPLACED)
def test_replaced(case: str) -> None:
    text, path, value, wanted = REPLACED[case]
    assert edit.replace(text, path, value) == wanted


@pytest.mark.parametrize("case", COPIED)
def test_copied(case: str) -> None:
    text, wanted = COPIED[case]
    assert edit.copy(text, ("a", "b"), ("c",)) == wanted


@pytest.mark.parametrize("case", INSERTED)
def test_inserted(case: str) -> None:
    text, path, wanted = INSERTED[case]
    assert edit.insert(text, path, "new", 1) == wanted


@pytest.mark.parametrize("case", ADDED)
def test_added(case: str) -> None:
    text, wanted = ADDED[case]
    assert edit.add(text, ("a", "m"), {"x": 1, "q": {"z": 2}}, depth=1) == wanted


@pytest.mark.parametrize("case", DELETED)
def test_deleted(case: str) -> None:
    text, path, wanted = DELETED[case]
    assert edit.delete(text, path) == wanted


@pytest.mark.parametrize("change", [edit.delete, lambda text, path: edit.replace(text, path, 1)])
@pytest.mark.parametrize("case", REFUSED)
def test_refused(case: str, change: Any) -> None:
    text, path, message, line, column = REFUSED[case]
    with pytest.raises(edit.Refused) as refused:
        change(text, path)
    assert message in str(refused.value)
    assert refused.value.place("mlops.yaml") == ("mlops.yaml", line, column)


@pytest.mark.parametrize(
    "text, path, message",
    [
        ("a: {b: 1}\n", ("a",), "there is a key `b` already"),
        ("a: [b]\n", ("a",), "`a` is no map"),
        ("a: [c: 1]\n", ("a", 0), "`a.0` is no map"),
        ("a: &x {}\nb: *x\n", ("b",), "several places"),
    ],
)
def test_insertion_refused(text: str, path: Path, message: str) -> None:
    with pytest.raises(edit.Refused, match=message):
        edit.insert(text, path, "b", 1)


@pytest.mark.parametrize(
    "text, path, message",
    [
        ("a: [1]\n", ("a", 0), "an item of a list"),
        ("a: [b: 1]\n", ("a", 0, "b"), "not written as `{b: …}`"),
        ("a: {? b : 1}\n", ("a", "b"), "not written as `{b: …}`"),
        ("a: 1\n? b\n: 2\n", ("b",), "not written as `b: …`"),
        ("a: |+\n  x\nb: 1\n\nc: 1\n", ("b",), "cannot be changed on its own"),  # the text would keep one more line
    ],
)
def test_deletion_refused(text: str, path: Path, message: str) -> None:
    with pytest.raises(edit.Refused, match=message):
        edit.delete(text, path)


@pytest.mark.parametrize("text", ["a: {b: &x 1}\nc: *x\n", "d: &x {b: 1}\na: *x\nc: 2\n"])
def test_copying_refused(text: str) -> None:
    with pytest.raises(edit.Refused, match="anchor"):
        edit.copy(text, ("a", "b"), ("c",))


def test_a_text_that_its_files_end_cuts_off_is_not_gone_on_after() -> None:
    with pytest.raises(edit.Refused, match="`b` is written in a way"):
        edit.insert("a: |\n  x", (), "b", 1)


def test_what_no_file_can_hold_is_refused() -> None:
    with pytest.raises(edit.Refused, match="surrogate"):
        edit.replace("a: 1\n", ("a",), "\ud800")


def numbers(text: str) -> set[str]:
    return set(re.findall(r"# (c[0-9]+) ", text))


def commented(text: str, first: int, last: int) -> set[str]:
    """Return the comments from one line to another, both from 1."""
    return numbers("\n".join(text.split("\n")[first - 1 : last]))


def extent(text: str, path: Path) -> tuple[int, int]:
    """Return the lines that may be a value's own: with the comments above its key, up to what is written next."""
    lines, (*above, last) = text.removeprefix("\ufeff").split("\n"), path
    own = find(data(text), above).marks[last].key
    first = own.line
    while first > 1 and lines[first - 2].lstrip().startswith("#"):
        first -= 1
    later = [m.key for p, _, m in walk(data(text)) if m and m.key > own and p[: len(path)] != path]
    return first, min(place.line for place in later) if later else len(lines)


def check_around(text: str, after: str, first: int, last: int) -> None:
    """Hold that every byte before the first line and behind the last one is as it was, and that no comment is lost."""
    lines, edited = text.splitlines(keepends=True), after.splitlines(keepends=True)
    assert edited[: first - 1] == lines[: first - 1]
    assert edited[len(edited) - (len(lines) - last) :] == lines[last:]
    plain = text.replace("\r\n", "\n").removeprefix("\ufeff")
    assert numbers(text) - numbers(after) <= commented(plain, first, last)


def dressed(draw: Any) -> str:
    text = draw(texts())
    if not same(data(text + "\n"), data(text)):  # a text that its file's end cuts off cannot be gone on after
        text += "\n"
    return draw(st.sampled_from([text, text.replace("\n", "\r\n"), "\ufeff" + text]))


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_value_is_replaced_and_nothing_else(given_data: Any) -> None:
    text = dressed(given_data.draw)
    before = data(text)
    path = given_data.draw(st.sampled_from([path for path, _, _ in walk(before)]))
    value = given_data.draw(VALUES)
    after = edit.replace(text, path, value)
    find(before, path[:-1])[path[-1]] = value
    assert same(data(after), before)
    check_around(text, after, *extent(text, path))


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_a_key_is_inserted_and_every_comment_stays(given_data: Any) -> None:
    text = dressed(given_data.draw)
    before = data(text)
    maps = [(), *(path for path, value, _ in walk(before) if isinstance(value, Map))]
    path, key, value = (given_data.draw(drawn) for drawn in (st.sampled_from(maps), KEYS, VALUES))
    after = edit.insert(text, path, key, value)
    find(before, path)[key] = value
    assert same(data(after), before)
    assert numbers(after) == numbers(text)
    assert len(after.split("\n")) <= len(text.split("\n")) + 1


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_what_is_added_stands_between_bytes_that_stay(given_data: Any) -> None:
    text = dressed(given_data.draw)
    before = data(text)
    maps = [(), *(path for path, value, _ in walk(before) if isinstance(value, Map))]
    path, key, value = (given_data.draw(drawn) for drawn in (st.sampled_from(maps), KEYS, VALUES))
    depth = given_data.draw(st.integers(0, 2))
    after = edit.add(text, (*path, key, "below"), value, depth=depth)
    find(before, path)[key] = {"below": value}
    assert same(data(after), before)
    if "{ }" not in text:  # of what is empty, the space between brackets goes
        start = next((n for n, (one, other) in enumerate(zip(text, after)) if one != other), len(text))
        assert after.endswith(text[start:])


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_key_is_deleted_with_its_own_comments_alone(given_data: Any) -> None:
    text = dressed(given_data.draw)
    before = data(text)
    path = given_data.draw(st.sampled_from([path for path, _, _ in walk(before) if isinstance(path[-1], str)]))
    try:
        after = edit.delete(text, path)
    except edit.Refused:
        assert "|+" in text  # a text above would keep the empty lines below
        return
    above = find(before, path[:-1])
    del above[path[-1]]
    assert same(data(after), before)
    first, last = extent(text, path)
    emptied = mark(before, path[:-1]) if not above else None  # `{}` goes behind the key of a map that held nothing else
    text, after = text.replace(",", ""), after.replace(",", "")  # the comma that goes along may stand on another line
    check_around(text, after, emptied.key.line if emptied else first, last)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_what_was_inserted_can_be_taken_out_again(given_data: Any) -> None:
    text = dressed(given_data.draw)
    paths = [path for path, value, _ in walk(data(text)) if isinstance(value, Map) and value]
    path = given_data.draw(st.sampled_from([(), *paths]))
    assert edit.delete(edit.insert(text, path, "new", 1), (*path, "new")).rstrip("\r\n") == text.rstrip("\r\n")
