"""What GitHub Actions is told of a problem."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mlops_spec.diagnostic import Diagnostic, Place, error
from mlops_spec.report.github import render


def test_github_gets_one_command_a_problem(problems: list[Diagnostic]) -> None:
    assert render(problems, {}).split("\n") == [
        "::error file=a folder/mlops.yaml,line=3,col=7,title=MS013::"
        "twice: 100%25, really%0Aa folder/mlops.yaml:1:7: first%0Ain prod, staging%0Ahelp: remove one",
        "::warning title=MS204::no gate",
        "::warning title=MS205::nothing known",
        "",
    ]


@given(st.text(), st.text(), st.text())
def test_no_text_starts_another_github_command_or_adds_a_property(file: str, message: str, hint: str) -> None:
    (line, rest) = render([error("MS300", message, Place(file, 1, 2), "", hint)], {}).split("\n")
    assert rest == ""
    head = line.removeprefix("::error ").split("::")[0]
    assert [p.split("=")[0] for p in head.split(",")] == ["file", "line", "col", "title"]
    assert "\r" not in line
