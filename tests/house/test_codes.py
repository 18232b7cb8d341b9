"""Every code that a problem can have is explained, once, and made in one room."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from pathlib import Path

from mlops_spec.cli.pages import page, titles
from mlops_spec.diagnostic_codes import CODES
from mlops_spec.source.refusals import REFUSALS

PACKAGE = Path(__file__).parents[2] / "mlops_spec"
CODE = re.compile(r"MS[0-9]{3}\Z")
TELLS_THEM_APART = {Path("cli/exits.py"), Path("diagnostic_codes.py")}


def made() -> dict[str, set[str]]:
    """Return the rooms that name each code."""
    rooms: dict[str, set[str]] = defaultdict(set)
    for path in sorted(PACKAGE.rglob("*.py")):
        file = path.relative_to(PACKAGE)
        if file not in TELLS_THEM_APART:
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.match(node.value):
                    rooms[node.value].add(file.parts[0])
    return rooms


def test_every_code_is_explained() -> None:
    assert sorted(made().keys() - titles().keys()) == []


def test_every_explanation_is_of_a_code() -> None:
    assert sorted(CODES.keys() - made().keys()) == []


def test_a_code_means_one_thing() -> None:
    assert {code: sorted(rooms) for code, rooms in made().items() if len(rooms) > 1} == {}
    assert sorted({r.code for r in REFUSALS} & CODES.keys()) == []


def test_every_code_has_a_page_that_begins_with_its_title() -> None:
    for code, title in titles().items():
        text = page(code)
        assert text is not None
        assert title in text.splitlines()[0], code
        assert len(text.splitlines()) > 2, code
