"""Suppressions stand in comments, and a comment that means to be one is one."""

from __future__ import annotations

import pytest

from mlops_spec.diagnostic import Place, Severity
from mlops_spec.source.tree import Ignore, Source
from mlops_spec.source.yaml import read


def data(text: str) -> Source:
    source, problems = read(text.encode(), "mlops.yaml")
    assert problems == []
    assert source is not None
    return source


def test_suppressions_stand_in_comments_only() -> None:
    source = data(
        "# mlops-spec: ignore[MS204, MS205] the notebook is frozen\n"
        "a: x  # mlops-spec: ignore[MS206]\n"
        "b: 'x # mlops-spec: ignore[MS1] no'\n"
        "c: |  # mlops-spec: ignore[MS207] header\n"
        "  # mlops-spec: ignore[MS208] text\n"
        "d: [x,  # mlops-spec: ignore[MS209] flow\n"
        "    z]\n"
        "e: x\n"
        "  z # mlops-spec: ignore[MS210] after a plain text of two lines\n"
        "f: 'x\n"
        "  # mlops-spec: ignore[MS211] text'\n"
        "g: x#mlops-spec:ignore[MS212]\n"
    )  # fmt: skip
    assert source.ignores == (
        Ignore(("MS204", "MS205"), "the notebook is frozen", Place("mlops.yaml", 1, 1)),
        Ignore(("MS206",), "", Place("mlops.yaml", 2, 7)),
        Ignore(("MS207",), "header", Place("mlops.yaml", 4, 7)),
        Ignore(("MS209",), "flow", Place("mlops.yaml", 6, 9)),
        Ignore(("MS210",), "after a plain text of two lines", Place("mlops.yaml", 9, 5)),
    )


@pytest.mark.parametrize(
    "comment", ["ignore", "ignore MS204 why", "ignore[] why", "ignore[ms204] why", "ignore[MS204 why"]
)
def test_a_suppression_that_cannot_be_read_is_a_warning(comment: str) -> None:
    source, problems = read(f"a: 1\n# mlops-spec: {comment}\n".encode(), "mlops.yaml")
    assert source is not None
    assert source.ignores == ()
    assert [(p.code, p.severity, p.place) for p in problems] == [
        ("MS029", Severity.WARNING, Place("mlops.yaml", 2, 1)),
    ]


def test_prose_that_names_the_tool_is_no_suppression() -> None:
    assert data("a: 1 # mlops-spec: reads this\n").ignores == ()
