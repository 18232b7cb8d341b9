"""The documentation site as it is built: no link in it leads nowhere, and no page loads anything from elsewhere."""

from __future__ import annotations

import os
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

pytestmark = pytest.mark.conformance


class Page(HTMLParser):
    """The anchors of a page, where it leads to, and what a browser loads with it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.anchors = {""}
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        self.anchors.update(said[name] or "" for name in ("id", "name") if name in said)
        target = said.get("href") or ""
        if "src" in said or tag == "link":
            self.loaded.append(said.get("src") or target)
        elif "href" in said:
            self.links.append(target)


def pages(site: Path) -> dict[str, Page]:
    """Read every page of a site, by its path; what an error page is shown for lies anywhere, so that it has no place."""
    found = {path.relative_to(site).as_posix(): path for path in site.rglob("*.html") if path.name != "404.html"}
    return {path: Page(file.read_text("utf-8")) for path, file in found.items()}


def faults(site: Path) -> list[str]:
    """List the links that lead nowhere, and whatever is loaded from elsewhere."""
    read, found = pages(site), []
    for path, page in read.items():
        for target in (*page.links, *page.loaded):
            url = urlsplit(target)
            if url.netloc or url.scheme == "data":
                continue
            where = (site / path).parent / unquote(url.path) if url.path else site / path
            file = Path(os.path.normpath(where / "index.html" if where.is_dir() else where))
            other = read.get(file.relative_to(site).as_posix()) if file.is_relative_to(site) else None
            if not file.is_file() or (other and unquote(url.fragment) not in other.anchors):
                found.append(f"{path} leads to {target}")
        found += [f"{path} loads {target}" for target in page.loaded if urlsplit(target).netloc]
    return found


@pytest.fixture
def site() -> Path:
    folder = os.environ.get("MLOPS_SPEC_SITE")
    if not folder:
        pytest.skip("MLOPS_SPEC_SITE names no folder")
    return Path(folder)


def test_no_link_leads_nowhere_and_nothing_is_loaded_from_elsewhere(site: Path) -> None:
    assert len(pages(site)) > 1
    assert faults(site) == []


@pytest.mark.parametrize(
    "wrong",
    [
        '<a href="../two/">no page</a>',
        '<a href="#two">no anchor here</a>',
        '<a href="../#two">no anchor there</a>',
        '<a href="../../">outside</a>',
        '<img src="two.png">',
        '<script src="https://cdn.acme.example/a.js"></script>',
        '<link rel="stylesheet" href="//cdn.acme.example/a.css">',
    ],
)
def test_what_is_wrong_is_found(wrong: str, tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "index.html").write_text('<h1 id="one">One</h1><a href="one/#here">there</a>')
    right = '<p id="here"><a href="..">up</a> <a href="../#one">up</a> <a href="https://acme.example/x">away</a>'
    (tmp_path / "one" / "index.html").write_text(right)
    assert faults(tmp_path) == []
    (tmp_path / "one" / "index.html").write_text(right + wrong)
    assert len(faults(tmp_path)) == 1
