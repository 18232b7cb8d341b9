"""Whatever bytes a file holds, reading it gives data or problems."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_spec.diagnostic import Severity
from mlops_spec.language.style import formatted
from mlops_spec.source.plain import plain
from mlops_spec.source.yaml import read
from tests.fuzz.bounds import bounded, kept
from tests.fuzz.texts import TEXTS, slipped
from tests.golden_trees import ROOT

SPECS = [path.read_text("utf-8") for path in sorted((ROOT / "examples").rglob("*.yaml"))]


def check(raw: bytes) -> None:
    source, problems = read(raw, "a.yaml")
    assert (source is None) is any(d.severity is Severity.ERROR for d in problems)
    assert all(d.place is not None and d.place.line >= 1 and d.place.column >= 1 for d in problems)
    assert len(problems) <= 101
    assert all("\n" not in d.message for d in problems)
    at_a_glance = plain(raw.decode()) if raw.isascii() else None
    if at_a_glance is not None:
        assert source is not None
        assert not problems
        assert json.dumps(at_a_glance) == json.dumps(source.data)
    if source is not None:
        again, _ = read(formatted(source).encode(), "a.yaml")
        assert again is not None
        assert again.data == source.data


@bounded(300)
@given(st.binary(max_size=300) | TEXTS.map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_bytes_are_data_or_problems(raw: bytes) -> None:
    check(raw)


@bounded(100)
@given(st.sampled_from(SPECS).flatmap(slipped))
def test_a_spec_with_slips_is_data_or_problems(text: str) -> None:
    check(text.encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize("path", kept("source"), ids=lambda path: path.name)
def test_what_once_broke_the_reader_does_not_any_more(path: Path) -> None:
    check(path.read_bytes())
