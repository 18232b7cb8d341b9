"""Every page of the documentation is in the site's navigation, once, and nothing else is; the rules' list leads to theirs."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from reference.pages import pages

ROOT = Path(__file__).parents[2]
NAVIGATION = tomllib.loads((ROOT / "zensical.toml").read_text("utf-8"))["project"]["nav"]


def named(items: list[dict[str, Any]]) -> Iterator[str]:
    for item in items:
        for target in item.values():
            yield from [target] if isinstance(target, str) else named(target)


def written() -> Iterator[str]:
    for path in (ROOT / "docs").rglob("*.md"):
        name = path.relative_to(ROOT / "docs").as_posix()
        if not name.startswith("reference/"):
            yield name


def test_every_page_is_in_the_navigation() -> None:
    generated = (f"reference/{path}" for path in pages() if path.endswith(".md") and "/MS" not in path)
    assert sorted(named(NAVIGATION)) == sorted((*written(), *generated))
