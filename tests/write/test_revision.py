"""The files of a commit are read as those of a folder are, with nothing checked out."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from mlops_spec.source.characters import MAX_BYTES
from mlops_spec.source.files import Memory
from mlops_spec.write.repository import Repository
from mlops_spec.write.revision import Revision


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """A repository with one commit, whose files are gone from the disk."""
    files = {"spec/mlops.yaml": b"a: 1\n", "spec/parts/b.yaml": b"b: 2\n", "secret.yaml": b"s: 3\n"}
    for path, content in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(content)
    (tmp_path / "spec" / "large.yaml").write_bytes(b"x" * (MAX_BYTES + 100))
    for name, target in {
        "near": "parts/b.yaml",
        "out": "../secret.yaml",
        "circle": "circle",
        "nowhere": "nothing",
    }.items():
        (tmp_path / "spec" / name).symlink_to(target)
    for words in (["init", "-q"], ["add", "-A"], ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "x"]):
        subprocess.run(["git", *words], cwd=tmp_path, check=True)
    subprocess.run("rm -r spec secret.yaml", shell=True, cwd=tmp_path, check=True)
    return Repository.require(tmp_path)


def test_files_are_read_relative_to_the_folder(repository: Repository) -> None:
    files = Memory(Revision(repository, "HEAD", "spec"))
    assert files.read("mlops.yaml", None) == (b"a: 1\n", [])
    assert files.read("parts/b.yaml", None) == (b"b: 2\n", [])
    assert Memory(Revision(repository, "HEAD", ".")).read("secret.yaml", None) == (b"s: 3\n", [])


def test_a_link_stands_for_what_it_leads_to_within_the_folder_alone(repository: Repository) -> None:
    files = Memory(Revision(repository, "HEAD", "spec"))
    assert files.read("near", None) == (b"b: 2\n", [])
    for name in ("out", "circle", "nowhere"):
        assert not files.has(name)
        assert files.read(name, None)[0] is None


def test_a_file_larger_than_any_spec_is_not_read(repository: Repository) -> None:
    (read, problems) = Memory(Revision(repository, "HEAD", "spec")).read("large.yaml", None)
    assert problems == []
    assert read is not None
    assert len(read) == MAX_BYTES + 1


def test_a_folder_can_be_written_elsewhere(repository: Repository, tmp_path: Path) -> None:
    target = tmp_path / "there"
    Revision(repository, "HEAD", "spec").check_out("parts", target)
    assert [str(path.relative_to(target)) for path in target.rglob("*") if path.is_file()] == ["parts/b.yaml"]


def test_a_folder_that_the_commit_lacks_has_no_files(repository: Repository) -> None:
    assert dict(Revision(repository, "HEAD", "elsewhere")) == {}
