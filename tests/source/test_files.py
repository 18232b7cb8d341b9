"""Only regular files below the root are read, and a refusal shows nothing of what is elsewhere."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mlops_spec.diagnostic import Place
from mlops_spec.source.characters import MAX_BYTES
from mlops_spec.source.files import Edited, Files, Folder, Memory

PLACE = Place("mlops.yaml", 3, 11)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "repository"
    (root / "platform").mkdir(parents=True)
    (root / "mlops.yaml").write_bytes(b"a: 1\n")
    (root / "platform" / "base.mlops.yaml").write_bytes(b"b: 1\n")
    (tmp_path / "secret").write_bytes(b"hunter2")
    return root


@pytest.fixture(params=["folder", "memory"])
def files(request: pytest.FixtureRequest, root: Path) -> Files:
    if request.param == "folder":
        return Folder(root)
    return Memory({"mlops.yaml": b"a: 1\n", "platform/base.mlops.yaml": b"b: 1\n"})


def refused(files: Files, path: str) -> tuple[str, str]:
    raw, (problem,) = files.read(path, PLACE)
    assert raw is None
    assert problem.place == PLACE
    assert problem.hint
    assert "hunter2" not in problem.message + problem.hint
    return problem.code, problem.hint


@pytest.mark.parametrize("path", ["platform/base.mlops.yaml", "./platform//base.mlops.yaml"])
def test_a_file_below_the_root_is_read(files: Files, path: str) -> None:
    assert files.read(path, PLACE) == (b"b: 1\n", [])


@pytest.mark.parametrize(
    "path",
    ["", "/etc/passwd", "~/x", "C:/x", "platform/../mlops.yaml", "a\\b", "a\0b", "a\nb", "s3://acme/x"],
)
def test_a_path_that_is_not_plainly_relative_is_refused(files: Files, path: str) -> None:
    assert refused(files, path)[0] == "MS030"


def test_in_no_repository_nothing_above_the_root_is_read(files: Files) -> None:
    assert refused(files, "../secret")[0] == "MS031"


@pytest.fixture(params=["folder", "memory"])
def team(request: pytest.FixtureRequest, tmp_path: Path) -> Files:
    """The folder of a spec, two levels below the root of its repository."""
    repository = tmp_path / "repository"
    (tmp_path / "secret").write_text("s: 1\n")
    for path in (".git/config", "platform/base.mlops.yaml", "teams/a/mlops.yaml", "mlops.yaml"):
        (repository / path).parent.mkdir(parents=True, exist_ok=True)
        (repository / path).write_text(f"{path}\n")
    if request.param == "folder":
        return Folder(repository / "teams" / "a")
    tracked = ("platform/base.mlops.yaml", "teams/a/mlops.yaml", "mlops.yaml")
    return Memory({"mlops.yaml": b"teams/a/mlops.yaml\n"}, lambda: {p: f"{p}\n".encode() for p in tracked}, "teams/a")


def test_a_file_of_the_repository_is_read_from_any_folder_of_it(team: Files) -> None:
    assert team.read("mlops.yaml", PLACE) == (b"teams/a/mlops.yaml\n", [])
    assert team.read("../../mlops.yaml", PLACE) == (b"mlops.yaml\n", [])
    assert team.read("../../platform/base.mlops.yaml", PLACE) == (b"platform/base.mlops.yaml\n", [])
    assert team.has("../../mlops.yaml")
    assert not team.has("../mlops.yaml")


@pytest.mark.parametrize(
    "path, code",
    [
        ("../../../secret", "MS031"),
        ("../../.git/config", "MS031"),
        ("../../platform/../mlops.yaml", "MS030"),
        ("./../../mlops.yaml/..", "MS030"),
        ("../../nowhere.yaml", "MS032"),
        ("../../platform/", "MS033"),
    ],
)
def test_nothing_above_the_repository_and_nothing_of_git_is_read(team: Files, path: str, code: str) -> None:
    if path.endswith("/") and isinstance(team, Memory):
        code = "MS032"  # of a commit only files are known above the spec's folder
    if ".git" in path and isinstance(team, Memory):
        code = "MS032"  # and a commit has no such file
    assert refused(team, path)[0] == code


def test_no_symlink_leads_out_of_the_repository(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s: 1\n")
    root = tmp_path / "repository" / "teams"
    root.mkdir(parents=True)
    (tmp_path / "repository" / ".git").mkdir()
    (tmp_path / "repository" / "link.yaml").symlink_to("../secret")
    (tmp_path / "repository" / "inside.yaml").symlink_to("teams/mlops.yaml")
    (root / "mlops.yaml").write_text("a: 1\n")
    assert refused(Folder(root), "../link.yaml")[0] == "MS031"
    assert Folder(root).read("../inside.yaml", PLACE) == (b"a: 1\n", [])


def test_a_missing_file_names_the_nearest(files: Files) -> None:
    code, hint = refused(files, "platform/bases.mlops.yaml")
    assert (code, "platform/base.mlops.yaml" in hint) == ("MS032", True)
    assert refused(files, "platforms/other.yaml")[0] == "MS032"
    assert refused(files, "mlops.yaml/x")[0] == "MS032"


def test_what_is_there_is_told_of_what_is_not_whatever_it_is(files: Files) -> None:
    assert all(files.has(path) for path in ("mlops.yaml", "platform", "./platform/base.mlops.yaml"))
    assert not any(files.has(path) for path in ("mlops.lock.yaml", "mlops.yaml/x", "a\0b"))


def test_a_symlink_that_leads_nowhere_is_there_but_cannot_be_read(root: Path) -> None:
    (root / "mlops.lock.yaml").symlink_to("nowhere")
    assert Folder(root).has("mlops.lock.yaml")
    assert refused(Folder(root), "mlops.lock.yaml")[0] == "MS032"


def test_a_folder_is_no_file_and_a_file_no_folder(files: Files) -> None:
    assert refused(files, "platform")[0] == "MS033"
    assert [p.code for p in files.check("mlops.yaml", PLACE, "folder")] == ["MS033"]
    assert [p.code for p in files.check("nowhere", PLACE, "folder")] == ["MS032"]
    assert files.check("platform", PLACE, "folder") == files.check(".", PLACE, "folder") == []
    assert files.check("mlops.yaml", PLACE) == []


@pytest.mark.parametrize("target", ["../../secret", "/etc/passwd", "../.."])
def test_a_symlink_may_not_lead_out(root: Path, target: str) -> None:
    (root / "platform" / "link").symlink_to(target)
    assert refused(Folder(root), "platform/link")[0] == "MS031"
    assert [p.code for p in Folder(root).check("platform/link", PLACE, "folder")] == ["MS031"]


def test_nothing_outside_is_named_through_a_symlink(root: Path) -> None:
    (root / "out").symlink_to("..")
    code, hint = refused(Folder(root), "out/secrets")
    assert (code, "did you mean" in hint) == ("MS031", False)


def test_a_symlink_within_the_root_is_followed(root: Path) -> None:
    (root / "link").symlink_to("mlops.yaml")
    assert Folder(root).read("link", PLACE) == (b"a: 1\n", [])


def test_the_root_itself_may_be_reached_through_a_symlink(root: Path, tmp_path: Path) -> None:
    (tmp_path / "here").symlink_to(root)
    assert Folder(tmp_path / "here").read("mlops.yaml", PLACE) == (b"a: 1\n", [])


def test_symlinks_in_a_circle_are_refused(root: Path) -> None:
    (root / "a").symlink_to("b")
    (root / "b").symlink_to("a")
    assert refused(Folder(root), "a")[0] in ("MS033", "MS034")


def test_a_pipe_is_refused_and_does_not_block(root: Path) -> None:
    os.mkfifo(root / "pipe")
    assert refused(Folder(root), "pipe")[0] == "MS033"


def test_a_name_that_the_system_refuses_is_a_problem(root: Path) -> None:
    assert refused(Folder(root), "x" * 300)[0] == "MS034"


def test_a_file_that_cannot_be_read_is_a_problem() -> None:
    # A regular file that the system refuses to read from its start, to root too.
    assert refused(Folder(Path("/proc/self")), "mem")[0] == "MS034"


def test_no_more_is_read_than_shows_that_it_is_too_much(root: Path) -> None:
    (root / "big").write_bytes(b"x" * (MAX_BYTES + 10))
    raw, problems = Folder(root).read("big", PLACE)
    assert (raw is not None and len(raw), problems) == (MAX_BYTES + 1, [])


def test_edited_files_have_the_new_content_under_the_old_conditions(files: Files) -> None:
    edited = Edited(files, {"mlops.yaml": b"a: 2\n", "not/yet.yaml": b"c: 1\n", "../out.yaml": b"c: 1\n"})
    assert edited.read("mlops.yaml", None) == (b"a: 2\n", [])
    assert edited.read("platform/base.mlops.yaml", None) == files.read("platform/base.mlops.yaml", None)
    assert edited.has("mlops.yaml")
    assert edited.has("not/yet.yaml")
    assert edited.read("not/yet.yaml", None) == (b"c: 1\n", [])
    assert refused(edited, "../out.yaml")[0] == "MS031"
    assert edited.check("not/yet.yaml", None, "folder")[0].code == "MS033"
