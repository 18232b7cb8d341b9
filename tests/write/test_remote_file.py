"""A file of another repository, read from Git's own server over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mlops_spec.write import remote_file
from mlops_spec.write.remote_file import NoFile, Unreachable
from tests.backends.ci.forge import Forge, forge

MOST = 1000
OPENED = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "credential.helper"}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forge]:
    with forge(tmp_path_factory.mktemp("forge"), "ada") as made:
        made.push({"base.mlops.yaml": "one\n", "folder/file": "x", "large": "x" * (MOST + 1)})
        made.git("tag", "v1")
        made.git("push", "--quiet", "origin", "v1")
        (made.work / "link").symlink_to("base.mlops.yaml")
        made.push({"base.mlops.yaml": "two\n"})
        yield made


@pytest.fixture
def opened(served: Forge, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Forge:
    """The server, and a user whose credential helper opens it, as on a runner of a CI."""
    monkeypatch.setenv("HOME", str(tmp_path))
    helper = f"!f() {{ echo username=ada; echo password={served.token}; }}; f"
    for name, value in {**OPENED, "GIT_CONFIG_VALUE_0": helper}.items():
        monkeypatch.setenv(name, value)
    return served


def test_a_ref_is_a_tag_a_branch_or_a_commit(opened: Forge) -> None:
    commit = opened.git("rev-parse", "v1")
    read = [remote_file.read(opened.url, ref, "base.mlops.yaml", MOST) for ref in ("", "main", "v1", commit)]
    assert read == [b"two\n", b"two\n", b"one\n", b"one\n"]


@pytest.mark.parametrize(
    "ref, path, said",
    [
        ("v2", "base.mlops.yaml", "it has no branch, tag or commit v2"),
        ("", "base.yaml", "it has no file base.yaml"),
        ("", "folder", "folder is no file there"),
        ("", "link", "link is no file there"),
        ("", "large", "large has more than the 1000 bytes"),
    ],
)
def test_what_is_no_file_is_told(ref: str, path: str, said: str, opened: Forge) -> None:
    with pytest.raises(NoFile, match=said):
        remote_file.read(opened.url, ref, path, MOST)


def test_a_server_that_lets_nobody_in_is_told_without_asking(
    served: Forge, opened: Forge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GIT_CONFIG_COUNT")
    with pytest.raises(Unreachable, match=r"could not read Username|Authentication failed|terminal prompts disabled"):
        remote_file.read(served.url, "", "base.mlops.yaml", MOST)
    with pytest.raises(Unreachable, match=r"Failed to connect|Couldn't connect|not connect"):
        remote_file.read("http://127.0.0.1:1/a", "", "b", MOST)


@pytest.mark.parametrize("url", ["ext::sh -c touch% /tmp/x", "file:///tmp", "/tmp"])
def test_no_other_way_is_taken(url: str) -> None:
    with pytest.raises(Unreachable, match="not allowed"):
        remote_file.read(url, "", "b", MOST)
