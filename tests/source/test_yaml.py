"""A text is data with places, or one clear problem at its place."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from mlops_spec.diagnostic import Diagnostic, Place, failed
from mlops_spec.source import refusals
from mlops_spec.source.builder import MAX_ALIASES, MAX_DEPTH
from mlops_spec.source.characters import MAX_BYTES
from mlops_spec.source.tree import Map, Source, mark, walk
from mlops_spec.source.yaml import read


def data(text: str) -> Source:
    source, problems = read(text.encode(), "mlops.yaml")
    assert problems == []
    assert source is not None
    return source


def refused(text: str | bytes) -> list[Diagnostic]:
    source, problems = read(text if isinstance(text, bytes) else text.encode(), "mlops.yaml")
    assert source is None
    assert failed(problems)
    assert all(p.hint and "\n" not in p.message for p in problems)
    return problems


def said(text: str | bytes) -> list[tuple[str, int, int]]:
    return [(p.code, p.place.line, p.place.column) for p in refused(text) if p.place]


# Places


def test_every_key_and_value_knows_its_place() -> None:
    source = data("project:\n  name: churn\n  labels: {a: [x, 'y']}\n")
    assert source.data == {"project": {"name": "churn", "labels": {"a": ["x", "y"]}}}
    name, last = mark(source.data, ("project", "name")), mark(source.data, ("project", "labels", "a", 1))
    assert name is not None
    assert last is not None
    assert (name.key, name.value, name.layer) == (Place("mlops.yaml", 2, 3), Place("mlops.yaml", 2, 9), "mlops.yaml")
    assert last.value == Place("mlops.yaml", 3, 19)


def test_columns_count_characters() -> None:
    found = mark(data("{é😀: 漢字, b: 1}\n").data, ("b",))
    assert found is not None
    assert found.key == Place("mlops.yaml", 1, 10)


def test_a_layer_can_be_named() -> None:
    source, _ = read(b"a: 1\n", "mlops.yaml", "base")
    assert source is not None
    assert source.data.marks["a"].layer == "base"


def test_byte_order_mark_and_carriage_returns_change_nothing() -> None:
    plain = "a: 1\nb: |\n  x\n  y\nc: 'é'\n"
    source = data(plain)
    other, problems = read(b"\xef\xbb\xbf" + plain.replace("\n", "\r\n").encode(), "mlops.yaml")
    assert problems == []
    assert other == source
    assert other is not None
    assert other.data.marks == source.data.marks


KEYS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cf", "Zl", "Zp", "Cn", "Co"]), max_size=8)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(-1e9, 1e9).map(lambda x: round(x, 4))
    | KEYS
)
TREES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=25
)


def _plain_numbers(value: Any) -> bool:
    if isinstance(value, float):
        return "e" not in repr(value) and repr(value) != "-0.0"
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return all(map(_plain_numbers, inner))


@given(st.dictionaries(KEYS, TREES).filter(_plain_numbers), st.sampled_from([None, 2]))
def test_json_reads_as_what_was_written_and_every_mark_points_at_it(tree: dict[str, Any], indent: int | None) -> None:
    text = json.dumps(tree, ensure_ascii=False, indent=indent)
    source = data(text)
    assert source.data == tree
    lines = text.split("\n")
    for path, value, found in walk(source.data):
        assert found is not None
        if isinstance(path[-1], str):
            key = json.dumps(path[-1], ensure_ascii=False)
            assert lines[found.key.line - 1][found.key.column - 1 :].startswith(key)
        start = (
            "{"
            if isinstance(value, dict)
            else "["
            if isinstance(value, list)
            else json.dumps(value, ensure_ascii=False)
        )
        assert lines[found.value.line - 1][found.value.column - 1 :].startswith(start)


@given(st.binary(max_size=200))
def test_no_bytes_make_it_raise(raw: bytes) -> None:
    source, problems = read(raw, "mlops.yaml")
    assert (source is None) == failed(problems)


@given(st.text(st.sampled_from("ab0:-#'\"[]{},&*!|>%@ \n\t?~<=."), max_size=40))
def test_no_arrangement_of_signs_makes_it_raise_and_every_error_has_a_place(text: str) -> None:
    source, problems = read(text.encode(), "mlops.yaml")
    assert (source is None) == failed(problems)
    assert all(p.place and p.place.line <= text.count("\n") + 2 for p in problems)


@given(st.text(st.sampled_from("ab:-#'\"[]{},|> \n"), max_size=40))
def test_what_is_accepted_is_what_pyyaml_reads(text: str) -> None:
    source, _ = read(text.encode(), "mlops.yaml")
    if source is not None:
        assert source.data == yaml.load(text, Loader=yaml.CSafeLoader)


# Refusals


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ("a: 1\r\nb: \x07\n", "MS003", 2, 4),
        ("a: x\rb: 1\n", "MS003", 1, 5),
        ("a: 'x\0'\n", "MS003", 1, 6),
        ('a: "x\\0"\n', "MS003", 1, 4),
        ("a: x\x7f\n", "MS003", 1, 5),
        ("a: x\ufeffy\n", "MS003", 1, 5),
        ("a: 'é\x85b'\n", "MS004", 1, 6),
        ("a: 'b\u2028c'\n", "MS004", 1, 6),
        ("a: 'b\u2029c'\n", "MS004", 1, 6),
        ("a: 1 # \u202e x\n", "MS005", 1, 8),
        ("a: \u2066x\n", "MS005", 1, 4),
        ("a:\n\tb: 1\n", "MS006", 2, 1),
        ("a: [\n  \tb]\n", "MS006", 2, 3),
        ("a: |\n\tx\n", "MS006", 2, 1),
        ("a: &x [1, {b: *x}]\n", "MS009", 1, 15),
        ("a: &abc 1\nb: *abd\n", "MS010", 2, 4),
        ("a: {b: 1}\nc:\n  <<: {d: 1}\n", "MS012", 3, 3),
        ("a: [<<]\n", "MS012", 1, 5),
        ("a:\n  b: 1\n  'b': 2\n", "MS013", 3, 3),
        ("a: 1\n---\nb: 1\n", "MS014", 2, 1),
        ("%YAML 1.1\n---\na: 1\n", "MS015", 1, 1),
        ("%TAG ! tag:acme.example,2026:\n---\na: 1\n", "MS015", 1, 1),
        ("%FOO bar\n---\na: 1\n", "MS015", 1, 1),
        ("a: !!python/object:os.system x\n", "MS016", 1, 4),
        ("a: !!binary aGk=\n", "MS016", 1, 4),
        ("a: !local {b: 1}\n", "MS016", 1, 4),
        ("a: !u!x b\n", "MS016", 1, 4),
        ("404: x\n", "MS017", 1, 1),
        ("true: x\n", "MS017", 1, 1),
        ("a: {: x}\n", "MS017", 1, 5),
        (": x\n", "MS017", 1, 1),
        ("?\n: x\n", "MS017", 1, 2),
        ("? [a, b]\n: x\n", "MS017", 1, 3),
        ("a: &n 1\n*n : x\n", "MS017", 2, 1),
        ("a: .nan\n", "MS018", 1, 4),
        ("a: -.INF\n", "MS018", 1, 4),
        ("a: " + "9" * 5000 + "\n", "MS019", 1, 4),
        ("a: 18446744073709551616\n", "MS019", 1, 4),
        ("a: 1.0e+999\n", "MS019", 1, 4),
        ("a: 0" + ":59" * 200_000 + "\n", "MS020", 1, 4),
        ("on: push\n", "MS020", 1, 1),
        ("a: NO\n", "MS020", 1, 4),
        ("", "MS021", 1, 1),
        ("# nothing\n", "MS021", 1, 1),
        ("---\n...\n", "MS021", 1, 1),
        ("- a\n", "MS022", 1, 1),
        ("churn\n", "MS022", 1, 1),
        ("a: [1, 2\nb: 3\n", "MS023", 1, 4),
        ("a: {b: 1\n", "MS023", 1, 4),
        ("a: [b c: d e: f]\n", "MS023", 1, 13),
        ("a: [b, ${{ c.d }}]\n", "MS023", 1, 8),
        ("a: {b: x${{ c.d }}}\n", "MS023", 1, 9),
        ("a: [b,\n  ${{ c.d }}]\n", "MS023", 2, 3),
        ("a: 'x\nb: 2\n", "MS023", 1, 4),
        ('a: "x\nb: 2\nc: "y"\n', "MS023", 1, 4),
        ("a: [b]]\n", "MS023", 1, 7),
        ("a: 1\n  b: 2\n", "MS024", 2, 3),
        ("a:\n  b: 1\n c: 2\n", "MS024", 3, 2),
        ("  a: 1\nb: 2\n", "MS024", 2, 1),
        ("a:\n  - b: 1\n   c: 2\n", "MS024", 3, 4),
        ("a: - b\n", "MS024", 1, 4),
        ("a: b: c\n", "MS025", 1, 5),
        ("a:b\nc: d\n", "MS025", 1, 2),
        ("c: d\na:b\ne: f\n", "MS025", 2, 2),
        ("a: 1\nb\nc: 2\n", "MS025", 2, 1),
        ("a: @b\n", "MS026", 1, 4),
        ("a: *.py\n", "MS026", 1, 4),
        ("a: & b\n", "MS026", 1, 4),
        ('a: "\\d+"\n', "MS027", 1, 5),
        ("a: 'b' c\n", "MS028", 1, 8),
        ("a: [b,, c]\n", "MS028", 1, 7),
        ("a: |x\n  b\n", "MS028", 1, 5),
    ],
)  # fmt: skip
def test_a_text_is_refused_at_its_place(text: str, code: str, line: int, column: int) -> None:
    assert said(text) == [(code, line, column)]


@pytest.mark.parametrize(
    ("raw", "line", "column"),
    [
        ("a: 1\n".encode("utf-16"), 1, 1),
        ("a: 1\n".encode("utf-16-be"), 1, 1),
        ("a: 1\n".encode("utf-32"), 1, 1),
        ("ä: 1\né: ü\n".encode() + "b: ü\n".encode("latin-1"), 3, 4),
        (b"a: \xed\xa0\x80\n", 1, 4),
    ],
)
def test_other_encodings_are_refused(raw: bytes, line: int, column: int) -> None:
    assert said(raw) == [("MS002", line, column)]


def test_a_file_of_the_largest_size_is_read_and_one_byte_more_is_not() -> None:
    head = b"a: 1\n#"
    assert read(head + b" " * (MAX_BYTES - len(head)), "mlops.yaml")[0]
    assert said(head + b" " * (MAX_BYTES - len(head) + 1)) == [("MS001", 1, 1)]


def test_depth_is_bounded() -> None:
    assert data("a: " + "[" * (MAX_DEPTH - 1) + "]" * (MAX_DEPTH - 1))
    assert said("a: " + "[" * MAX_DEPTH + "]" * MAX_DEPTH) == [("MS007", 1, 3 + MAX_DEPTH)]


@pytest.mark.parametrize("bracket", ["[", "{a: ", "- ", "? ", "[{a: "])
@pytest.mark.parametrize("count", [900, 25_000, 200_000])
def test_deep_nesting_ends_in_one_problem_and_no_crash(bracket: str, count: int) -> None:
    program = (
        "from mlops_spec.source.yaml import read\n"
        f"print([d.code for d in read(({bracket!r} * {count}).encode()[:2**20], 'mlops.yaml')[1]])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "['MS007']", "")


def test_aliases_do_not_make_data_deeper_than_it_may_be() -> None:
    half = MAX_DEPTH // 2 + 1
    text = f"a: &x {'[' * half}{']' * half}\nb: {'[' * half}*x{']' * half}\n"
    assert said(text) == [("MS007", 2, 4 + half)]


def test_aliases_are_counted() -> None:
    assert data("a: &x 1\nb: [" + ", ".join(["*x"] * MAX_ALIASES) + "]")
    assert said("a: &x 1\nb: [" + ", ".join(["*x"] * (MAX_ALIASES + 5)) + "]") == [("MS008", 2, 5 + 4 * MAX_ALIASES)]


def test_an_alias_bomb_is_refused_before_it_goes_off() -> None:
    bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
    for name, before in zip("bcdefgh", "abcdefg"):
        bomb += f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]\n"
    assert [code for code, _, _ in said(bomb)] == ["MS011"]


def test_an_alias_copies_and_its_inner_marks_keep_the_place_of_the_anchor() -> None:
    source = data("a: &x {k: [1]}\nb: *x\nc: [*x]\n")
    assert source.data == {"a": {"k": [1]}, "b": {"k": [1]}, "c": [{"k": [1]}]}
    assert source.data["a"] is not source.data["b"]
    assert source.data.marks["b"].value == Place("mlops.yaml", 2, 4)
    assert source.data["b"].marks["k"].key == Place("mlops.yaml", 1, 8)
    assert isinstance(source.data["b"], Map)


def test_all_problems_are_found_in_one_run() -> None:
    text = "a: 1\na: 2\nb: NO\nc: !!str x\n404: x\nd:\n  - e: 1\n    e: 2\nf: *g\nh: [1\n"
    assert [code for code, _, _ in said(text)] == ["MS013", "MS020", "MS016", "MS017", "MS013", "MS010", "MS023"]


def test_problems_stop_at_a_hundred() -> None:
    assert len(refused("a: [" + "on, " * 500 + "x]\n")) == 100


def test_a_duplicate_key_shows_the_first_and_has_its_address() -> None:
    (problem,) = refused("pipelines:\n  train:\n    steps: {}\n    steps: {}\n")
    assert problem.address == "pipelines.train.steps"
    assert [r.place for r in problem.related] == [Place("mlops.yaml", 3, 5)]


def test_a_misspelt_alias_is_told_which_anchor_was_meant() -> None:
    (problem,) = refused("a: &customers 1\nb: *customer\n")
    assert "customers" in problem.hint


@pytest.mark.parametrize("text", ["a: 'x\ty'\nb:\t1\n", "a: |\n  x\n  \ty\n", "a: 'x\n\ty'\n", "a: 1\t# comment\n"])
def test_tabs_that_indent_nothing_pass(text: str) -> None:
    assert data(text)


def test_every_refusal_has_a_code_of_its_own_and_says_why() -> None:
    codes = [r.code for r in refusals.REFUSALS]
    assert len(codes) == len(set(codes))
    assert all("MS001" <= code <= "MS049" for code in codes)
    assert all(r.title and r.why.endswith(".") and r.way_out for r in refusals.REFUSALS)
