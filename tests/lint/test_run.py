"""The engine: which rules run, how much they weigh, where their findings stand, and what explains them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from mlops_spec.compiler import compile_spec
from mlops_spec.diagnostic import Diagnostic, Place, Related, Severity
from mlops_spec.lint.rules import RULES
from mlops_spec.lint.run import Choice, page, titles
from mlops_spec.source.files import Folder

Lint = Callable[..., list[Diagnostic]]
EXAMPLES = Path(__file__).parents[2] / "examples"

SPEC = """\
apiVersion: mlops-spec/v1
project: {name: churn}
environments: {dev: {}, prod: {protected: true}}
variables: {where: {type: string, default: registry.acme.example/train}}
pipelines:
  train:
    steps:
      fit:
        image: ${{ variables.where }}:1.4
        command: [papermill, train.ipynb]
"""


def codes(found: list[Diagnostic]) -> set[str]:
    return {d.code for d in found}


@pytest.mark.parametrize("name", ["churn", "minimal"])
def test_the_examples_break_no_rule_in_any_environment(name: str) -> None:
    done = compile_spec(Folder(EXAMPLES / name), "mlops.yaml")
    assert done.environments
    assert all(environment.spec for environment in done.environments.values())
    assert [d for d in done.diagnostics if d.code in titles()] == []


def test_a_finding_weighs_more_where_the_environment_is_protected(lint: Lint) -> None:
    found = lint(SPEC, Choice(select=("MS203",)))
    assert {(d.severity, d.environments) for d in found} == {
        (Severity.WARNING, ("dev",)),
        (Severity.ERROR, ("prod",)),
    }


def test_a_value_that_a_placeholder_brings_shows_both_places(lint: Lint) -> None:
    (found,) = lint(SPEC, Choice(select=("MS231",)), only=("dev",))
    assert found.address == "pipelines.train.steps.fit.image"
    assert found.place == Place("mlops.yaml", 9, 16)
    assert found.related == (Related("the value comes from here", Place("mlops.yaml", 4, 20)),)


@pytest.mark.parametrize(
    ("choice", "left"),
    [
        (Choice(), {"MS203", "MS231"}),
        (Choice(select=("MS203",)), {"MS203"}),
        (Choice(select=("MS23", "MS203")), {"MS203", "MS231"}),
        (Choice(ignore=("MS20",)), {"MS231"}),
        (Choice(select=("MS2",), ignore=("MS231",)), {"MS203"}),
        (Choice(select=("MS4",)), set()),
    ],
)
def test_codes_and_their_beginnings_choose_the_rules(lint: Lint, choice: Choice, left: set[str]) -> None:
    assert codes(lint(SPEC, choice, only=("dev",))) == left


@pytest.mark.parametrize("field", ["select", "ignore"])
def test_an_unknown_code_is_refused_with_the_nearest(field: str) -> None:
    with pytest.raises(ValueError, match=r"^no rule has the code MS2811: did you mean MS281\?$"):
        Choice(**{field: ("MS231", "MS2811")})


def test_what_is_no_rule_cannot_be_chosen() -> None:
    with pytest.raises(ValueError, match="no rule has the code MS130"):
        Choice(ignore=("MS130",))


def test_every_code_has_a_title_and_a_page() -> None:
    assert set(titles()) > {rule.code for rule in RULES}
    for code, title in titles().items():
        text = page(code)
        assert text is not None
        assert text.startswith(f"{code}: {title}\n\n")


def test_a_code_of_another_room_has_no_page_here() -> None:
    assert page("MS130") is None
