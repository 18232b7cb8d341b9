"""The published schema in the server that VS Code and other editors run: it completes, explains and checks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlops_spec.cli.process import run
from tests.changed import changed
from tests.conformance.conftest import named
from tests.conformance.language_server import LanguageServer, started

pytestmark = pytest.mark.conformance

ROOT = Path(__file__).parents[2]
CHURN = ROOT / "examples" / "churn" / "mlops.yaml"
SPECS = sorted(path for path in (ROOT / "examples").glob("*/**/*.yaml") if path.name.endswith("mlops.yaml"))
MODELINE = re.compile(r"^# yaml-language-server: .*$", re.MULTILINE)


@pytest.fixture(scope="module")
def program() -> str:
    return str(named("MLOPS_SPEC_YAML_LANGUAGE_SERVER"))


@pytest.fixture
def published(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """What `mlops-spec schema` prints."""
    assert run(["schema"]) == 0
    file = tmp_path / "mlops.schema.json"
    file.write_text(capsys.readouterr().out)
    return file


@pytest.fixture
def editor(program: str, published: Path) -> Iterator[LanguageServer]:
    """An editor whose settings have the schema for all specs."""
    with started(program, {published.as_uri(): "*mlops.yaml"}) as server:
        yield server


@pytest.fixture
def churn(tmp_path: Path) -> Path:
    return tmp_path / "mlops.yaml"


def where(text: str, words: str) -> tuple[int, int]:
    """Return the line and column of the end of some words, counted from 0."""
    before = text[: text.index(words) + len(words)]
    return before.count("\n"), len(before) - before.rfind("\n") - 1


def test_every_example_with_its_layers_and_parts_is_right(editor: LanguageServer, tmp_path: Path) -> None:
    assert len(SPECS) >= 5
    for number, path in enumerate(SPECS):
        text = MODELINE.sub("#", path.read_text())
        assert editor.open(tmp_path / str(number) / path.name, text) == [], path


def test_the_line_in_a_spec_that_names_the_schema_is_enough(program: str) -> None:
    with started(program, {}) as server:
        text = CHURN.read_text()
        assert server.open(CHURN, text) == []
        assert "How long a run may take." in server.hover(CHURN, *where(text, "timeout: 6")[:1], 6)


@pytest.mark.parametrize(
    "old, new, message",
    [
        ("timeout: 6h", "timeuot: 6h", "Property timeuot is not allowed."),
        ("strategy: canary", "strategy: canari", "Value is not accepted."),
        ("replicas: {min: 3, max: 20}", "replicas: {min: 3, mx: 20}", "Property mx is not allowed."),
        ("timeout: 6h", "timeout: [6h]", "Incorrect type."),
        ("promotes_from: dev", "promotes_from: 7", "Incorrect type."),
    ],
)
def test_a_mistake_is_told_where_it_stands(
    editor: LanguageServer, churn: Path, old: str, new: str, message: str
) -> None:
    text = MODELINE.sub("#", changed(CHURN.read_text(), (old, new)))
    found = editor.open(churn, text)[0]
    assert message in found["message"]
    lines = text.splitlines()
    assert found["range"]["start"]["line"] in {
        n for n, line in enumerate(lines) if new.rpartition("{")[2].split(":")[0] in line
    }


def test_keys_are_completed_in_a_spec_and_in_overrides(editor: LanguageServer, churn: Path) -> None:
    text = MODELINE.sub("#", CHURN.read_text())
    within = text.replace("    timeout: 6h\n", "    timeout: 6h\n    \n", 1)
    editor.open(churn, within)
    line, _ = where(within, "timeout: 6h\n")
    assert {"description", "orchestrator"} <= editor.completions(churn, line, 4)

    overridden = text.replace(
        "            replicas: {min: 3, max: 20}\n", "            replicas: {min: 3, max: 20}\n            \n", 1
    )
    other = churn.with_name("other.mlops.yaml")
    editor.open(other, overridden)
    line, _ = where(overridden, "replicas: {min: 3, max: 20}\n")
    assert {"autoscale", "expose", "logging"} <= editor.completions(other, line, 12)


def test_values_are_completed(editor: LanguageServer, churn: Path) -> None:
    text = MODELINE.sub("#", CHURN.read_text()).replace("strategy: canary", "strategy: ", 1)
    editor.open(churn, text)
    assert {"canary", "rolling", "blue-green"} <= editor.completions(churn, *where(text, "strategy: "))


@pytest.mark.parametrize(
    "words, told",
    [
        ("promotes_fro", "The environment whose versions of models this one takes over."),
        ("overrid", "What is different here: a merge patch"),
        ("strateg", "How requests move over"),
        ("\n    timeo", "How long a run may take."),
    ],
)
def test_fields_are_explained(editor: LanguageServer, churn: Path, words: str, told: str) -> None:
    text = MODELINE.sub("#", CHURN.read_text())
    editor.open(churn, text)
    assert told in editor.hover(churn, *where(text, words))


def test_placeholders_are_no_mistakes(editor: LanguageServer, churn: Path) -> None:
    text = "apiVersion: mlops-spec/v1\nproject: {name: hello}\nmodels:\n  m: {serving: {replicas: {min: '${{ variables.n }}'}}}\n"
    assert editor.open(churn, text) == []
