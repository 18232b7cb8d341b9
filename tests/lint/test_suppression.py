"""Suppression in place, and what is wrong with a suppression."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mlops_spec.diagnostic import Diagnostic, Place, Severity, warning
from mlops_spec.lint.run import Suppressions
from mlops_spec.source.yaml import read

Lint = Callable[..., list[Diagnostic]]

SPEC = """\
apiVersion: mlops-spec/v1
project: {name: churn}
environments: {dev: {}%s}
pipelines:
  train:
    steps:
      fit:
        image: registry.acme.example/train:1.4
        command: [papermill, train.ipynb]%s
"""


def written(comment: str, protected: bool = False) -> str:
    """Return a spec with MS231 on line 8 and MS203 on line 9, where the comment stands."""
    return SPEC % (", prod: {protected: true}" if protected else "", comment and f"  {comment}")


def said(found: list[Diagnostic]) -> list[tuple[str, int, str]]:
    return [(d.code, d.place.line if d.place else 0, d.message) for d in found]


def codes(found: list[Diagnostic]) -> list[str]:
    return [d.code for d in found]


def suppressions(text: str, file: str = "mlops.yaml") -> Suppressions:
    source, problems = read(text.encode(), file)
    assert source is not None
    assert problems == []
    return Suppressions([source])


def finding(line: int, code: str = "MS204", file: str = "mlops.yaml") -> Diagnostic:
    return warning(code, "no gate", Place(file, line, 1))


def test_a_comment_suppresses_its_own_line(lint: Lint) -> None:
    assert codes(lint(written(""))) == ["MS231", "MS203"]
    assert codes(lint(written("# mlops-spec: ignore[MS203] frozen for the audit"))) == ["MS231"]


def test_one_use_in_any_environment_is_a_use(lint: Lint) -> None:
    text = written("# mlops-spec: ignore[MS203] frozen", protected=True).replace(
        "  train:", "  train:\n    only: [prod]"
    )
    assert set(codes(lint(text))) == {"MS231"}


def test_a_comment_alone_on_its_line_suppresses_the_next_line_only() -> None:
    found = suppressions("a: 1\n  # mlops-spec: ignore[MS204] known\nb: 1\nc: 1\n")
    assert found.keep(map(finding, (1, 2, 3, 4))) == [finding(1), finding(2), finding(4)]


def test_a_comment_after_a_value_does_not_reach_the_next_line() -> None:
    found = suppressions("a: 1  # mlops-spec: ignore[MS204] known\nb: 1\n")
    assert found.keep(map(finding, (1, 2))) == [finding(2)]


def test_a_comment_names_the_codes_that_it_suppresses() -> None:
    found = suppressions("a: 1  # mlops-spec: ignore[MS204, MS205] known\n")
    given = [finding(1, code) for code in ("MS204", "MS205", "MS231")]
    assert found.keep(given) == [finding(1, "MS231")]
    assert found.unused(protected=True) == []


def test_a_comment_holds_in_its_own_file() -> None:
    found = suppressions("a: 1  # mlops-spec: ignore[MS204] known\n", "base.yaml")
    assert found.keep([finding(1), finding(1, file="base.yaml")]) == [finding(1)]


def test_only_rules_can_be_suppressed() -> None:
    found = suppressions("a: 1  # mlops-spec: ignore[MS130] known\n")
    assert found.keep([finding(1, "MS130")]) == [finding(1, "MS130")]
    assert said(found.unused(protected=False)) == [("MS201", 1, "no rule has the code MS130")]


def test_what_has_no_place_is_kept() -> None:
    nowhere = warning("MS204", "no gate", None)
    assert suppressions("a: 1  # mlops-spec: ignore[MS204] known\n").keep([nowhere]) == [nowhere]


def test_without_a_reason_it_suppresses_nothing(lint: Lint) -> None:
    assert said(lint(written("# mlops-spec: ignore[MS203]")))[1:] == [
        ("MS203", 9, "the step fit runs a notebook"),
        ("MS200", 9, "this suppression gives no reason, so it suppresses nothing"),
    ]


def test_each_code_that_suppresses_nothing_is_reported() -> None:
    found = suppressions("# mlops-spec: ignore[MS204, MS205] known\na: 1\n")
    found.keep([finding(2, "MS205")])
    (unused,) = found.unused(protected=False)
    assert (unused.code, unused.message, unused.place) == (
        "MS202",
        "MS204 finds nothing here",
        Place("mlops.yaml", 1, 1),
    )


def test_a_misspelt_code_is_reported_with_the_nearest(lint: Lint) -> None:
    found = lint(written("# mlops-spec: ignore[MS294] frozen"))
    (problem,) = (d for d in found if d.code == "MS201")
    assert problem.hint == "did you mean MS264?"


@pytest.mark.parametrize(
    ("comment", "code"),
    [("ignore[MS203]", "MS200"), ("ignore[MS130] known", "MS201"), ("ignore[MS205] known", "MS202")],
)
@pytest.mark.parametrize(("protected", "severity"), [(False, Severity.WARNING), (True, Severity.ERROR)])
def test_such_a_suppression_weighs_more_where_an_environment_is_protected(
    lint: Lint, comment: str, code: str, protected: bool, severity: Severity
) -> None:
    found = lint(written(f"# mlops-spec: {comment}", protected))
    assert [d.severity for d in found if d.code == code] == [severity]


def test_where_not_all_rules_ran_one_of_nothing_is_left_alone() -> None:
    found = suppressions("a: 1  # mlops-spec: ignore[MS204] known\nb: 1  # mlops-spec: ignore[MS205]\n")
    assert codes(found.unused(protected=False)) == ["MS202", "MS200"]
    assert codes(found.unused(protected=False, everywhere=False)) == ["MS200"]
