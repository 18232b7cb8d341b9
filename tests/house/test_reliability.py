"""Every promise of ``docs/reliability.md`` names tests, and each of them exists."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROWS = [
    line
    for line in (ROOT / "docs" / "reliability.md").read_text("utf-8").splitlines()
    if line.startswith("| ") and not line.startswith(("| what holds", "| ---"))
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.split("|")[1].strip()[:60])
def test_a_promise_is_held_by_tests_that_exist(row: str) -> None:
    _, _, held_by, _ = row.split("|")
    named = re.findall(r"`(tests/\S+\.py)::(test_\w+)`", held_by)
    assert named
    for file, test in named:
        module = ast.parse((ROOT / file).read_text("utf-8"))
        assert test in {node.name for node in module.body if isinstance(node, ast.FunctionDef)}, f"{file}::{test}"
