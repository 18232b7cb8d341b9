"""The text of a pull request that this tool opens: within a forge's limit, whatever the edit is, and nothing obeyed."""

from __future__ import annotations

import pytest

from mlops_spec.report.changes.markdown import MARK, MOST
from mlops_spec.report.changes.proposal import render
from tests.report.changes.test_markdown import HOSTILE, OURS, compared, tokens

DIFF = "--- a/mlops.lock.yaml\n+++ b/mlops.lock.yaml\n@@ -1 +1 @@\n-a: 1\n+a: 2\n"
COMMAND = "mlops-spec promote churn --to prod --pull-request"


@pytest.mark.parametrize("text", HOSTILE)
def test_no_line_of_the_edit_is_more_than_text(text: str) -> None:
    printed = tokens(render("`prod` gets version 7.", f"{DIFF}+{text}\n", compared(text), COMMAND))
    assert {token.type for token in printed} & {"link_open", "image", "heading_open", "hr", "list_item_open"} == set()
    for token in printed:
        if token.type in ("html_block", "html_inline"):
            assert OURS.sub("", token.content).replace("<details><summary>the edit itself</summary>", "").strip() == ""


def test_it_begins_with_what_is_proposed_and_is_not_taken_for_the_comment_of_a_job() -> None:
    printed = render("`prod` gets version 7.", DIFF, compared("x"), COMMAND)
    assert printed.startswith("`prod` gets version 7.\n\n**mlops-spec**: ")
    assert MARK not in printed
    assert "+a: 2\n```" in printed


@pytest.mark.parametrize("edit", [1, 100_000])
def test_it_fits_however_much_changes(edit: int) -> None:
    printed = render("said", DIFF + "+a\n" * edit, compared("x" * 90, fields=20, objects=500), COMMAND)
    assert MOST // 2 < len(printed.encode()) <= MOST
    assert ("too long to be shown" in printed) == (edit > 1)
    assert "are not shown here" in printed
    assert printed.endswith("run again, it follows.</sub>\n")
