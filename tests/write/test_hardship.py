"""Kills, full disks, read-only folders and rivals: the old tree stands, or the new one, and nothing else is left."""

from __future__ import annotations

import errno
import os
import resource
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from mlops_spec.write import directory, exchange
from mlops_spec.write.failure import WriteFailed
from mlops_spec.write.git import Planned, Repository, publish
from mlops_spec.write.workspace import workspace

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount")


def code_of(call: Callable[[], object]) -> int:
    """The exit code that a call ends with."""
    try:
        call()
    except WriteFailed as failure:
        return failure.exit_code
    return 0


def kill(what: str, folder: Path, count: int) -> None:
    """Kill that many runs in a process of its own, which looks at what they leave."""
    done = subprocess.run(
        [sys.executable, str(HERE / "killing.py"), what, str(folder), str(count)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("count", [40, pytest.param(200, marks=pytest.mark.conformance)])
def test_a_kill_at_any_instant_leaves_the_old_folder_or_the_new(tmp_path, count):
    kill("directory", tmp_path, count)


@pytest.mark.parametrize("count", [12, pytest.param(200, marks=pytest.mark.conformance)])
def test_a_kill_at_any_instant_leaves_all_branches_old_or_new(repo, count):
    repo("branch", "side")
    (repo.top / "staged.py").write_text("1\n")
    repo("add", "staged.py")
    (repo.top / "untracked").write_text("1\n")
    kill("git", repo.top, count)


def test_a_publication_that_was_killed_once_its_branches_moved_is_finished(repo, tree):
    start = repo("rev-parse", "main")
    planned = [Planned("main", "deploy", tree, "Render")]
    done = publish(Repository.require(repo.top), planned)[0]
    # As a kill leaves it: the journal is written, the branch moved, index and files are the old ones but for one.
    repo("read-tree", start)
    for path in tree:
        if path != "dev/kustomization.yaml":
            (repo.top / "deploy" / path).unlink()
    (repo.directory / "mlops-spec-publish.json").write_text(f'[["refs/heads/main", "{start}", "{done.commit}"]]')
    assert publish(Repository.require(repo.top), planned)[0].commit is None
    assert repo("status", "--porcelain") == ""


def test_a_publication_that_was_killed_between_two_branches_is_finished(repo, tree):
    repo("branch", "side")
    start = repo("rev-parse", "main")
    planned = [Planned(branch, "deploy", tree, "Render") for branch in ("main", "side")]
    one, other = publish(Repository.require(repo.top), planned)
    repo("update-ref", "refs/heads/side", start)
    moves = f'[["refs/heads/main", "{start}", "{one.commit}"], ["refs/heads/side", "{start}", "{other.commit}"]]'
    (repo.directory / "mlops-spec-publish.json").write_text(moves)
    assert [done.commit for done in publish(Repository.require(repo.top), planned)] == [None, None]
    assert repo("rev-parse", "side") == other.commit


def test_what_was_edited_since_a_kill_is_not_overwritten_by_the_next_run(repo, tree):
    start = repo("rev-parse", "main")
    done = publish(Repository.require(repo.top), [Planned("main", "deploy", tree, "Render")])[0]
    repo("read-tree", start)
    (repo.top / "deploy/dev/kustomization.yaml").write_text("mine\n")
    (repo.directory / "mlops-spec-publish.json").write_text(f'[["refs/heads/main", "{start}", "{done.commit}"]]')
    publish(Repository.require(repo.top), [Planned("main", "deploy", tree, "Render")])
    assert (repo.top / "deploy/dev/kustomization.yaml").read_text() == "mine\n"
    assert repo("status", "--porcelain") == "M deploy/dev/kustomization.yaml"


@contextmanager
def mounted(folder: Path, options: str) -> Iterator[Path]:
    """A small file system of its own."""
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.conformance
@AS_ROOT
def test_a_disk_that_is_full_at_any_write_leaves_the_old_tree(tmp_path, tree, look):
    codes = set()
    big = {path: text * 200 for path, text in tree.items()}
    with mounted(tmp_path / "disk", "size=256k") as disk:
        directory.write(disk / "deploy", tree, state=disk / "state")
        before = look(disk / "deploy")
        for free in range(0, 40, 2):
            fill(disk, free)
            code = code_of(lambda: directory.write(disk / "deploy", big, state=disk / "state"))
            (disk / "filler").unlink()
            codes.add(code)
            assert sorted(os.listdir(disk)) == ["deploy", "state"]
            if code:
                assert look(disk / "deploy") == before
            else:
                assert {path: (disk / "deploy" / path).read_text() for path in tree} == big
                directory.write(disk / "deploy", tree, state=disk / "state")
                before = look(disk / "deploy")
    assert codes == {0, 5}


def fill(disk: Path, free: int) -> None:
    """Leave so many pages of 4 KiB."""
    with (disk / "filler").open("wb", buffering=0) as stream:
        with suppress(OSError):
            while stream.write(bytes(4096)):
                pass
        stream.truncate(max(0, stream.tell() - 4096 * free))


@pytest.fixture
def small_files() -> Iterator[Callable[[int], None]]:
    """Let no file grow beyond a size: a full disk for those who may not mount one."""
    limits, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    yield lambda size: resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    signal.signal(signal.SIGXFSZ, handler)


@pytest.mark.parametrize("size", [10, 600, 1500])
def test_a_file_that_cannot_be_written_whole_leaves_the_old_tree(tmp_path, tree, look, small_files, size):
    out, state = tmp_path / "deploy", tmp_path / ".mlops-spec"
    directory.write(out, tree, state=state)
    before = look(out)
    small_files(size)
    assert code_of(lambda: directory.write(out, tree | {"prod/big.yaml": "x\n" * 1000}, state=state)) == 5
    small_files(1 << 20)
    assert look(out) == before
    assert sorted(os.listdir(tmp_path)) == [".mlops-spec", "deploy"]


@pytest.mark.parametrize("size", [10, 300, 1500])
def test_a_commit_that_cannot_be_written_whole_moves_nothing(repo, tree, small_files, size):
    before = repo.refs(), (repo.directory / "index").read_bytes()
    noise = "".join(chr(33 + (n * n) % 89) for n in range(4000))
    small_files(size)
    code = code_of(
        lambda: publish(
            Repository.require(repo.top), [Planned("main", "deploy", tree | {"prod/big.yaml": noise}, "Render")]
        )
    )
    small_files(1 << 20)
    assert code in (5, 6)
    assert (repo.refs(), (repo.directory / "index").read_bytes()) == before
    assert repo("status", "--porcelain") == ""


@pytest.mark.conformance
@AS_ROOT
def test_a_read_only_target_is_left_alone_and_may_be_up_to_date(tmp_path, tree, look):
    with mounted(tmp_path / "disk", "size=256k") as disk:
        out = disk / "deploy"
        directory.write(out, tree, state=disk / "state")
        before = look(disk)
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        changed = tree | {"dev/new.yaml": "a: 1\n"}
        assert code_of(lambda: directory.write(out, changed, state=tmp_path / "state")) == 5
        assert code_of(lambda: directory.write(out, tree, state=tmp_path / "state")) == 0
        assert directory.compare(out, changed).missing == ("dev/new.yaml",)
        assert look(disk) == before


@pytest.mark.conformance
@AS_ROOT
def test_a_source_that_is_read_only_is_rendered_all_the_same(tmp_path, tree):
    with mounted(tmp_path / "source", "size=256k,ro") as source:
        directory.write(tmp_path / "deploy", tree, state=source / ".mlops-spec")
    assert (tmp_path / "deploy/dev/kustomization.yaml").exists()


@pytest.mark.conformance
@AS_ROOT
def test_a_file_system_that_is_mounted_in_the_output_is_left_alone(tmp_path, tree):
    out = tmp_path / "deploy"
    directory.write(out, tree, state=tmp_path / "state")
    with mounted(out / "mounted", "size=64k") as disk:
        (disk / "precious").write_text("1\n")
        assert code_of(lambda: directory.write(out, tree | {"dev/new.yaml": ""}, state=tmp_path / "state")) == 6
        assert code_of(lambda: directory.write(disk, tree, state=tmp_path / "state")) == 6
        assert os.listdir(disk) == ["precious"]


@contextmanager
def nobody() -> Iterator[None]:
    """Be someone who may not write everywhere."""
    own = os.geteuid()
    if own == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(own)


def test_a_folder_that_may_not_be_written_to_is_left_alone(tree, look):
    # Not below pytest's own folder, which hides everything from others.
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        out, changed = root / "deploy", tree | {"dev/new.yaml": ""}
        directory.write(out, tree, state=root / "state")
        before = look(root)
        root.chmod(0o555)
        with nobody():
            assert directory.compare(out, changed).missing == ("dev/new.yaml",)
            assert code_of(lambda: directory.write(out, changed, state=root / "state")) == 5
            assert code_of(lambda: directory.write(out, tree, state=root / "state")) == 0
        root.chmod(0o755)
        assert look(root) == before


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="this system has no /proc")
def test_where_no_folder_can_be_made_nobody_is_said_to_be_writing(tmp_path, tree):
    with pytest.raises(WriteFailed) as failed:
        directory.write(Path("/proc/deploy"), tree, state=tmp_path / "state", patience=0.1)
    (problem,) = failed.value.diagnostics
    assert (failed.value.exit_code, problem.code) == (5, "MS155")
    assert "No such file or directory" in problem.message


def test_a_second_run_says_that_another_is_at_work(tmp_path, tree, repo):
    with workspace(str(tmp_path / ".deploy.mlops-spec")):
        write = lambda: directory.write(tmp_path / "deploy", tree, state=tmp_path / "state", patience=0.1)  # noqa: E731
        assert code_of(write) == 6
    with workspace(str(repo.directory / "mlops-spec")):
        planned = [Planned("main", "deploy", tree, "Render")]
        assert code_of(lambda: publish(Repository.require(repo.top), planned, patience=0.1)) == 6
    assert code_of(write) == 0


def test_many_runs_at_once_take_turns(tmp_path):
    program = (
        "import sys; from pathlib import Path; from mlops_spec.write import directory\n"
        "root, version = Path(sys.argv[1]), sys.argv[2]\n"
        "tree = {f'dev/{n}.yaml': f'version: {version}' for n in range(30)}\n"
        "for _ in range(5): directory.write(root / 'deploy', tree, state=root / 'state')\n"
    )
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(tmp_path), str(version)], env={**os.environ, "PYTHONPATH": str(ROOT)}
        )
        for version in range(4)
    ]
    assert [run.wait() for run in runs] == [0, 0, 0, 0]
    assert len({path.read_text() for path in (tmp_path / "deploy/dev").glob("*.yaml")}) == 1
    assert sorted(os.listdir(tmp_path)) == ["deploy", "state"]


def test_a_place_for_work_in_progress_that_is_not_ours_is_left_alone(tmp_path, tree):
    (tmp_path / "precious").mkdir()
    (tmp_path / ".deploy.mlops-spec").symlink_to("precious")
    assert code_of(lambda: directory.write(tmp_path / "deploy", tree, state=tmp_path / "state")) == 5
    assert os.listdir(tmp_path / "precious") == []


@pytest.fixture
def no_exchange(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system that cannot exchange two names."""

    def refuse(one: str, other: str) -> None:
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))

    monkeypatch.setattr(exchange, "_exchange", refuse)


@pytest.mark.usefixtures("no_exchange")
def test_where_names_cannot_be_exchanged_two_renames_do(tmp_path, tree):
    out, state = tmp_path / "deploy", tmp_path / "state"
    directory.write(out, tree, state=state)
    directory.write(out, tree | {"dev/new.yaml": "a: 1\n"}, state=state)
    assert (out / "dev/new.yaml").exists()
    assert sorted(os.listdir(tmp_path)) == ["deploy", "state"]


def test_a_kill_between_two_renames_is_mended_by_the_next_run(tmp_path, tree, look):
    out, state, work = tmp_path / "deploy", tmp_path / "state", tmp_path / ".deploy.mlops-spec"
    directory.write(out, tree, state=state)
    (out / "dev/notes.md").write_text("stray\n")
    before = look(out)
    (work / "tree").mkdir(parents=True)
    out.rename(work / "aside")
    directory.write(out, tree, state=state)
    assert look(out) == before
    assert sorted(os.listdir(tmp_path)) == ["deploy", "state"]


def test_files_and_folders_that_forbid_it_are_kept_all_the_same(tmp_path, tree, look):
    out, state = tmp_path / "deploy", tmp_path / "state"
    directory.write(out, tree, state=state)
    (out / "dev/closed").mkdir()
    (out / "dev/closed/file").write_text("1\n")
    (out / "dev/closed/file").chmod(0o400)
    (out / "dev/closed").chmod(0o500)
    before = look(out / "dev/closed")
    directory.write(out, tree | {"dev/new.yaml": ""}, state=state)
    assert look(out / "dev/closed") == before
    assert oct((out / "dev/closed").stat().st_mode)[-3:] == "500"
