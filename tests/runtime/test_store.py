"""Files and folders by ``file:`` and ``http:`` URIs: whole or not at all, and never outside of their folder."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_spec.runtime import store
from mlops_spec.runtime.digest import digest_of
from mlops_spec.runtime.fetch import run
from mlops_spec.runtime.program import Failed
from mlops_spec.runtime.store.listing import Listing, Object, below, without_clashes
from mlops_spec.runtime.whole import replacing

PAGES = {"/whole": b"whole", "/short": b"sho", "/chunked": b"chunked", "/a%20b?c=d%2Fe": b"asked"}


class Server(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = PAGES.get(self.path)
        self.send_response(200 if body is not None else 404)
        if self.path == "/chunked":
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"7\r\nchunked\r\n0\r\n\r\n")
            return
        self.send_header("ETag", '"moved"' if self.path == "/short" else '"1"')
        self.send_header("Content-Length", "5" if body is not None else "0")
        self.end_headers()
        self.wfile.write(body or b"")
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def web() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Server) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def fetched(to: Path, uri: str, **wanted: str) -> dict[str, object]:
    (said,) = run({"inputs": [{"to": str(to), **wanted}]}, (uri,), {})["inputs"]
    return dict(said)


def tree(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_file_and_a_folder_arrive_as_they_are_however_often(tmp_path: Path) -> None:
    source, to = tmp_path / "source", tmp_path / "inputs" / "data"
    (source / "a b" / "é%20").mkdir(parents=True)
    (source / "a b" / "é%20" / "x.csv").write_bytes(b"\0x")
    (source / "y").write_bytes(b"y")
    for _ in "ab":
        assert fetched(to, f"file://{source}")["files"] == 2
        assert tree(to) == {"a b/é%20/x.csv": b"\0x", "y": b"y"}
    assert fetched(to, f"file:{source}/a%20b/%C3%A9%2520/x.csv")["bytes"] == 2
    assert to.read_bytes() == b"\0x"
    assert list(to.parent.iterdir()) == [to], "something was left beside"


def test_a_digest_is_verified_and_nothing_is_left_where_it_is_not_met(tmp_path: Path) -> None:
    source, to = tmp_path / "x", tmp_path / "to" / "x"
    source.write_bytes(b"x")
    good, bad = f"sha256:{hashlib.sha256(b'x').hexdigest()}", f"sha256:{'0' * 64}"
    assert fetched(to, f"file:{source}", version=good)["version"] == good
    with pytest.raises(Failed, match=f"is {good}, not {bad}"):
        fetched(to, f"file:{source}", version=bad)
    assert list(to.parent.iterdir()) == []
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "x").write_bytes(b"x")
    fetched(to, f"file:{folder}", version=digest_of(folder))
    (folder / "y").write_bytes(b"y")
    with pytest.raises(Failed, match="not sha256:"):
        fetched(to, f"file:{folder}", version=digest_of(to))


def test_what_moves_is_said_as_it_was_read(tmp_path: Path, web: str) -> None:
    (tmp_path / "x").write_bytes(b"x")
    said = fetched(tmp_path / "to", f"file:{tmp_path}/x", version="per-run")
    assert said["read"] == digest_of(tmp_path / "to")
    assert fetched(tmp_path / "to", f"{web}/whole", version="per-run")["read"] == 'etag:"1"'
    assert fetched(tmp_path / "to", f"{web}/chunked", version="per-run")["read"] == digest_of(tmp_path / "to")


def test_the_web_is_read_whole_or_not_at_all(tmp_path: Path, web: str) -> None:
    to = tmp_path / "to"
    for path, body in PAGES.items():
        if path != "/short":
            fetched(to, web + path)
            assert to.read_bytes() == body
    for path, why in (("/short", "3 of 5 bytes"), ("/absent", "404")):
        with pytest.raises(Failed, match=why):
            fetched(to, web + path)
        assert not to.exists()
    with pytest.raises(Failed, match="read only"):
        store.keep(to, f"{web}/whole", {})
    with pytest.raises(Failed, match="cannot be read"):
        fetched(to, "http://127.0.0.1:9/x")


def test_a_folder_that_is_kept_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    source, uri = tmp_path / "out", f"file://{tmp_path}/kept/out"
    source.mkdir()
    (source / "old").write_text("1")
    store.keep(source, uri, {})
    (source / "old").rename(source / "new")
    store.keep(source, uri, {})
    assert tree(tmp_path / "kept") == {"out/new": b"1"}
    store.keep(source / "new", uri, {})
    assert (tmp_path / "kept" / "out").read_text() == "1"


@pytest.mark.parametrize("uri, why", [
    ("ftp://x/y", "nothing here reads ftp: URIs"),
    ("file://elsewhere/x", "is on another machine"),
    ("file:/absent/x", "there is nothing at /absent/x"),
    ("s3:///x", "names no bucket"),
    ("lakefs://repository/main/x", "nothing here reads lakefs: URIs"),
])  # fmt: skip
def test_what_cannot_be_read_is_named(uri: str, why: str, tmp_path: Path) -> None:
    with pytest.raises(Failed, match=why):
        fetched(tmp_path / "to", uri)
    assert list(tmp_path.iterdir()) == []


def test_links_to_folders_and_what_is_no_file_are_refused(tmp_path: Path) -> None:
    (tmp_path / "source" / "sub").mkdir(parents=True)
    (tmp_path / "source" / "sub" / "x").write_text("x")
    (tmp_path / "source" / "loop").symlink_to(tmp_path / "source")
    with pytest.raises(Failed, match="link to a folder"):
        fetched(tmp_path / "to", f"file:{tmp_path}/source")
    (tmp_path / "source" / "loop").unlink()
    (tmp_path / "source" / "gone").symlink_to("nothing")
    with pytest.raises(Failed, match="neither a file nor a folder"):
        fetched(tmp_path / "to", f"file:{tmp_path}/source")


@pytest.mark.parametrize("version", ["s3-version:1", "lakefs:8a6f3c1d", "delta:1"])
def test_a_revision_of_another_system_is_refused(version: str, tmp_path: Path) -> None:
    (tmp_path / "x").write_text("x")
    with pytest.raises(Failed):
        fetched(tmp_path / "to", f"file:{tmp_path}/x", version=version)
    assert not (tmp_path / "to").exists()


@given(st.text(alphabet="a./\\\0é ", max_size=12) | st.text(max_size=20))
def test_no_name_leads_out_of_a_folder(name: str) -> None:
    folder = Path("/inputs/data")
    try:
        path = below(folder, name)
    except Failed:
        return
    assert folder in path.parents
    assert ".." not in path.parts


@pytest.mark.parametrize("name", ["../x", "a/../../x", "/etc/passwd", "..", "a/..", "", "a\0b"])
def test_names_that_lead_out_are_refused(name: str) -> None:
    with pytest.raises(Failed, match="leads out"):
        below(Path("/inputs/data"), name)


def test_a_name_that_is_file_and_folder_is_refused() -> None:
    without_clashes(["a/b", "a/c", "ab"])
    with pytest.raises(Failed, match="a is both a file and a folder"):
        without_clashes(["a/b", "a"])


def test_a_listing_is_another_when_anything_in_it_is() -> None:
    first = Listing(True, (Object("a", 1, '"1"'), Object("b", 2, '"2"')))
    assert first.revision == Listing(True, first.objects[::-1]).revision
    others = [Object("b", 3, '"2"'), Object("b", 2, '"3"'), Object("c", 2, '"2"')]
    assert len({first.revision, *(Listing(True, (first.objects[0], other)).revision for other in others)}) == 4
    assert Listing(True, (Object("a", 1),)).revision is None


def test_what_fails_half_way_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_text("before")

    def half() -> None:
        with replacing(path) as made:
            made.write_text("half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half()
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_values_and_inputs_are_as_many(tmp_path: Path) -> None:
    with pytest.raises(Failed) as problem:
        run({"inputs": [{"to": str(tmp_path / "x")}]}, ("file:a", "file:b"), {})
    assert problem.value.code == 2


def test_an_input_that_cannot_be_brought_leaves_none_of_an_earlier_try(tmp_path: Path) -> None:
    (tmp_path / "second").write_text("stale")
    told = {"inputs": [{"to": str(tmp_path / name)} for name in ("first", "second")]}
    with pytest.raises(Failed):
        run(told, ("file:/absent", "file:/absent"), {})
    assert list(tmp_path.iterdir()) == []


def test_data_can_be_brought_as_the_output_of_a_step_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("x")
    where = {"MLOPS_OUTPUT_TABLE": str(tmp_path / "kept" / "table")}
    run({"inputs": [{"output": "table"}]}, (f"file:{tmp_path}/x",), where)
    assert (tmp_path / "kept" / "table").read_text() == "x"
