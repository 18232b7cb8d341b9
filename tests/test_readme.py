"""The README's tour: each command block is executed, and its output compared.

``MLOPS_SPEC_UPDATE=1`` writes what came out into the README instead.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from tests.golden_trees import compiled
from tests.reader import ROOT, Reader

README = ROOT / "README.md"


def test_the_tour_is_true(tmp_path: Path) -> None:
    text = README.read_text("utf-8")
    new = Reader(tmp_path).play(text)
    if os.environ.get("MLOPS_SPEC_UPDATE"):
        README.write_text(new, "utf-8")
    assert new == text


def test_what_is_said_of_the_minimal_example_is_true() -> None:
    text = README.read_text("utf-8")
    tree = compiled(ROOT / "examples" / "minimal").tree
    shown = text.split("```\ndefault/", 1)[1].split("```", 1)[0]
    assert sorted(Path(path).name for path in tree) == sorted(re.findall(r"[A-Za-z0-9.-]+\.(?:yaml|md)", shown))
