"""Output does not change unasked."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlops_spec.diagnostic import Severity
from tests.golden_trees import EXAMPLES, GOLDEN, compiled

NOT_BUILT = {"MS137", "MS140", "MS146"}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_an_example_renders_its_golden(example: Path) -> None:
    folder = GOLDEN / example.name
    kept = {str(path.relative_to(folder)): path.read_text("utf-8") for path in folder.rglob("*") if path.is_file()}
    assert compiled(example).tree == kept


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_an_example_lints_clean_but_for_what_is_not_built(example: Path) -> None:
    problems = compiled(example).diagnostics
    assert [d for d in problems if d.severity is Severity.ERROR or d.code not in NOT_BUILT] == []
