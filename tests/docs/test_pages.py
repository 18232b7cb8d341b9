"""Every page of the documentation is followed, block by block, as a reader would.

``MLOPS_SPEC_UPDATE=1`` writes what the commands print into the pages instead.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
import yaml

from tests.reader import DOCS, Reader

PAGES = [path for path in sorted(DOCS.rglob("*.md")) if "reference" not in path.relative_to(DOCS).parts]


each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(DOCS).as_posix())
each_page_in_time = pytest.mark.parametrize(
    "page",
    [
        pytest.param(page, marks=() if page.name in ("first-manifests.md", "index.md") else pytest.mark.long)
        for page in PAGES
    ],
    ids=lambda page: page.relative_to(DOCS).as_posix(),
)


@each_page_in_time
def test_what_a_page_says_is_so(page: Path, tmp_path: Path) -> None:
    text = page.read_text("utf-8")
    new = Reader(tmp_path).follow(text)
    if os.environ.get("MLOPS_SPEC_UPDATE"):
        page.write_text(new, "utf-8")
    assert new == text


@each_page
def test_no_block_is_hidden_from_its_reader(page: Path) -> None:
    fences = [line for line in page.read_text("utf-8").splitlines() if line.lstrip().startswith(("```", "~~~"))]
    assert [line for line in fences[::2] if not re.match(r"```\w", line)] == []
    assert [line for line in fences[1::2] if line != "```"] == []
    assert len(fences) % 2 == 0


def test_what_the_workflow_runs_is_run_on_its_page() -> None:
    text = (DOCS / "how-to" / "adopt-in-ci.md").read_text("utf-8")
    workflow = yaml.safe_load(text.split('```yaml title=".github/workflows/spec.yaml"\n')[1].split("```")[0])
    ran = {step["run"] for job in workflow["jobs"].values() for step in job["steps"] if "run" in step}
    shown = set(re.findall(r"^\$ (.*)$", text, re.MULTILINE))
    assert ran - shown == {"pip install mlops-spec"}
