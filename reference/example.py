"""The example that uses every part of the language, file by file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from reference.markdown import code, fenced, heading, page

_EXAMPLE = Path(__file__).parent.parent / "examples" / "churn"
_ABOUT = """\
`examples/churn` in the repository: a spec that uses every section of the language, as a team would write it.
"""


def pages() -> Iterator[tuple[str, str]]:
    """Yield the page."""
    files = (path.relative_to(_EXAMPLE).as_posix() for path in sorted(_EXAMPLE.rglob("*.yaml")))
    yield "example.md", page("A whole example", _ABOUT, *(part for file in files for part in _file(file)))


def _file(file: str) -> Iterator[str]:
    yield heading(2, code(file), file)
    yield fenced((_EXAMPLE / file).read_text("utf-8"), "yaml")
