"""For the text of a pull request: what is proposed, the edit itself, and what it will do, within a forge's limit."""

from __future__ import annotations

from mlops_spec.report.changes import Compared
from mlops_spec.report.changes.markdown import MOST, fenced, mark, render_within, size

_MOST_OF_DIFF = 20_000
"""How many bytes of the edit are shown: it stands in full among the files of the request."""


def render(said: str, diff: str, compared: Compared, command: str) -> str:
    """Print ``said``, which is Markdown already, what it does, and the ``diff`` of the file that is edited.

    ``command`` is what was run, without texts of a spec other than names.
    """
    foot = (
        f"<sub>Made by `{command}`. What this says is as of the branch that it goes into; run again, it follows.</sub>"
    )
    edit = fenced(diff.splitlines()) if size(diff) <= _MOST_OF_DIFF else "It is too long to be shown here."
    rest = f"<details><summary>the edit itself</summary>\n\n{edit}\n\n</details>\n\n{foot}\n"
    changes = render_within(compared, MOST - size(said) - size(rest) - 4).removeprefix(f"{mark(compared)}\n")
    return f"{said}\n\n{changes}\n\n{rest}"
