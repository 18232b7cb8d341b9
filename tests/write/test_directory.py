"""A tree reaches a folder whole, over files of ours only."""

from __future__ import annotations

import os
import signal
import stat
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops_spec.write import directory
from mlops_spec.write.failure import WriteFailed

INVENTORY = ".mlops-spec-inventory"
TRAIN = "prod/pipelines/workflowtemplate-train.yaml"


@pytest.fixture
def out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to write to, in a current directory that is otherwise empty."""
    monkeypatch.chdir(tmp_path)
    return Path("deploy")


@pytest.fixture
def write(tmp_path: Path, out: Path) -> Callable[..., directory.Written]:
    return partial(directory.write, out, state=tmp_path / ".mlops-spec")


def refused(code: int, call: Callable[[], Any]) -> list[str]:
    """Expect a refusal with an exit code; return its messages."""
    with pytest.raises(WriteFailed) as caught:
        call()
    assert caught.value.exit_code == code
    assert all(d.hint for d in caught.value.diagnostics)
    return [f"{d.code} {d.message}" for d in caught.value.diagnostics]


def test_every_top_level_folder_holds_its_files_and_their_inventory(write, out, tree):
    done = write(tree)
    assert {path: (out / path).read_text() for path in tree} == tree
    lines = (out / "prod" / INVENTORY).read_text().splitlines()
    assert lines[0].startswith("# ")
    assert lines[1:] == sorted(path.removeprefix("prod/") for path in tree if path.startswith("prod/"))
    assert set(done.written) == {*tree, *(f"{e}/{INVENTORY}" for e in ("dev", "prod", "project"))}


def test_nothing_is_left_beside_the_output_but_what_is_remembered(write, out, tree, tmp_path):
    write(tree)
    assert sorted(os.listdir(tmp_path)) == [".mlops-spec", "deploy"]
    assert (tmp_path / ".mlops-spec" / ".gitignore").read_text() == "*\n"


def test_where_nothing_changed_nothing_is_touched(write, out, tree, tmp_path, stamp):
    write(tree)
    before = stamp(tmp_path)
    assert write(tree) == ((), ())
    assert stamp(tmp_path) == before


def test_a_changed_file_alone_is_another_file(write, out, tree, stamp):
    write(tree)
    before = stamp(out)
    done = write(tree | {TRAIN: "kind: Other\n"})
    assert done.written == (TRAIN,)
    after = stamp(out)
    files = [path for path in before if Path(path).is_file()]
    assert [path for path in files if before[path] != after[path]] == [str(out / TRAIN)]
    assert (out / TRAIN).read_text() == "kind: Other\n"


def test_the_folder_for_work_in_progress_is_private(write, out, tree, tmp_path):
    write(tree)
    seen = []

    def head(path: str) -> bytes:
        seen.append(stat.S_IMODE((tmp_path / ".deploy.mlops-spec").stat().st_mode))
        return (out / path).read_bytes()

    (out / TRAIN).write_text("edited and committed\n")
    write(tree, head=head)
    assert seen == [0o700]


def test_a_stray_file_and_a_link_and_an_empty_folder_are_kept_as_they_are(write, out, tree, look):
    write(tree)
    (out / "prod/pipelines/notes.md").write_text("ours to keep\n")
    (out / "prod/run.sh").write_text("#!/bin/sh\n")
    (out / "prod/run.sh").chmod(0o750)
    (out / "prod/link").symlink_to("/nowhere/at/all")
    (out / "README").write_text("hello\n")
    (out / "empty").mkdir(mode=0o750)
    os.mkfifo(out / "prod/fifo")
    (out / "dev").chmod(0o2775)
    before = look(out)
    write({path: text for path, text in tree.items() if path != TRAIN})
    after = look(out)
    assert before.keys() - after.keys() == {TRAIN}
    assert {path for path in after if after[path] != before[path]} == {f"prod/{INVENTORY}"}


def test_a_file_edited_by_hand_is_named_and_everything_stays(write, out, tree, look):
    write(tree)
    (out / TRAIN).write_text("kind: WorkflowTemplate # patched in a hurry\n")
    before = look(out)
    told = refused(1, lambda: write(tree | {"dev/kustomization.yaml": "new\n"}))
    assert told == [f"MS150 deploy/{TRAIN} was edited by hand since it was rendered; it is kept"]
    assert look(out) == before


def test_a_file_edited_by_hand_is_not_deleted_either(write, out, tree, look):
    write(tree)
    (out / TRAIN).write_text("edited\n")
    before = look(out)
    refused(1, lambda: write({path: text for path, text in tree.items() if path != TRAIN}))
    assert look(out) == before


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_what_head_has_is_ours_in_a_fresh_clone_that_remembers_nothing(write, out, tree, tmp_path, ending):
    write(tree)
    committed = {path: (out / path).read_bytes() for path in tree}
    (out / TRAIN).write_bytes(committed[TRAIN].replace(b"\n", ending.encode()))
    for memory in (tmp_path / ".mlops-spec/written").iterdir():
        memory.unlink()
    write(tree | {TRAIN: "kind: Newer\n"}, head=committed.get)
    assert (out / TRAIN).read_text() == "kind: Newer\n"


def test_a_broken_memory_remembers_nothing(write, out, tree, tmp_path):
    write(tree)
    for memory in (tmp_path / ".mlops-spec/written").iterdir():
        memory.write_text('["not what we wrote"]')
    refused(1, lambda: write(tree | {TRAIN: "kind: Newer\n"}, head=lambda path: None))


def test_an_edit_that_says_what_is_rendered_now_is_no_drift(write, out, tree):
    write(tree)
    (out / TRAIN).write_text("kind: Newer\n")
    assert write(tree | {TRAIN: "kind: Newer\n"}).written == ()


def test_a_stray_file_where_ours_should_go_is_kept_and_named(write, out, tree, look):
    write({path: text for path, text in tree.items() if path != TRAIN})
    (out / TRAIN).write_text("somebody else's\n")
    before = look(out)
    assert f"MS151 deploy/{TRAIN} is not ours" in refused(6, lambda: write(tree))[0]
    assert look(out) == before


@pytest.mark.parametrize(
    "place, make", [(TRAIN, os.mkdir), (TRAIN, os.mkfifo), (f"{TRAIN}/file", os.mknod), ("prod", os.mknod)]
)
def test_a_stray_thing_in_the_way_is_kept_and_named(write, out, tree, look, place, make):
    (out / place).parent.mkdir(parents=True)
    make(out / place)
    before = look(out)
    assert "is not ours" in refused(6, lambda: write(tree))[0]
    assert look(out) == before


def test_an_empty_folder_on_the_way_is_used(write, out, tree):
    (out / "prod/pipelines").mkdir(parents=True)
    write(tree)
    assert (out / TRAIN).exists()


def test_a_stray_file_that_says_the_same_becomes_ours(write, out, tree):
    (out / TRAIN).parent.mkdir(parents=True)
    (out / TRAIN).write_text(tree[TRAIN])
    write(tree)
    write(tree | {TRAIN: "kind: Newer\n"})
    assert (out / TRAIN).read_text() == "kind: Newer\n"


def test_a_file_may_become_a_folder_and_a_folder_a_file(write, out):
    write({"dev/a": "1\n", "dev/b/c": "2\n"})
    write({"dev/a/x": "3\n", "dev/b": "4\n"})
    assert (out / "dev/a/x").read_text() == "3\n"
    assert (out / "dev/b").read_text() == "4\n"


def _link_output(out: Path) -> Path:
    out.rename("real")
    out.symlink_to("real")
    return out


def _link_parent(out: Path) -> Path:
    Path("real").mkdir()
    out.rename("real/deploy")
    Path("link").symlink_to("real")
    return Path("link/deploy")


def _link(path: str) -> Callable[[Path], Path]:
    def link(out: Path) -> Path:
        (out / path).rename("elsewhere")
        (out / path).symlink_to(Path("elsewhere").absolute())
        return out

    return link


@pytest.mark.parametrize("arrange", [_link_output, _link_parent, _link("prod"), _link("prod/pipelines"), _link(TRAIN)])
@pytest.mark.parametrize("absolute", [False, True])
def test_a_symlink_on_the_way_is_refused_and_nothing_touched(write, out, tree, tmp_path, look, arrange, absolute):
    write(tree)
    place = arrange(out)
    place = place.absolute() if absolute else place
    before = look(tmp_path)
    changed = tree | {TRAIN: "kind: Newer\n"}
    told = refused(5, lambda: directory.write(place, changed, state=tmp_path / ".mlops-spec"))
    assert all(line.startswith("MS154") for line in told)
    assert look(tmp_path) == before


def test_a_symlink_where_a_deleted_file_was_is_refused(write, out, tree, look):
    write(tree)
    _link(TRAIN)(out)
    before = look(out)
    refused(5, lambda: write({path: text for path, text in tree.items() if path != TRAIN}))
    assert look(out) == before


def test_a_memory_that_is_a_symlink_is_refused(write, out, tree, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / ".mlops-spec").symlink_to("elsewhere")
    refused(5, lambda: write(tree))
    assert not out.exists()
    assert not os.listdir(tmp_path / "elsewhere")


@pytest.mark.parametrize(
    "count, deleted, allowed", [(40, 10, True), (40, 11, False), (100, 20, True), (100, 21, False)]
)
def test_more_deletions_than_the_budget_are_asked_for(write, out, look, count, deleted, allowed):
    files = {f"dev/{number}.yaml": "a: 1\n" for number in range(count)}
    fewer = dict(list(files.items())[deleted:])
    write(files)
    before = look(out)
    if not allowed:
        assert f"{deleted} of {count} files" in refused(6, lambda: write(fewer))[0]
        assert look(out) == before
    assert len(write(fewer, allow_prune=not allowed).deleted) == deleted


def test_what_another_project_renders_is_not_taken_over_unasked(write, out, tree, look):
    write(tree, project="churn")
    assert (out / "dev" / INVENTORY).read_text().splitlines()[1] == "# Project: churn"
    before = look(out)
    told = refused(6, lambda: write(dict.fromkeys(tree, "a: 1\n"), project="fraud"))
    assert [each.partition(" is what ")[0] for each in told] == [
        f"MS604 deploy/{e}" for e in ("dev", "prod", "project")
    ]
    assert look(out) == before
    assert write(tree, project="fraud", allow_prune=True).written
    write(tree, project="fraud")


@pytest.mark.parametrize("line", ["", "# Project: churn\n# Project: fraud\n"])
def test_an_inventory_that_names_no_one_project_is_anybody_s(write, out, tree, line):
    write(tree)
    path = out / "dev" / INVENTORY
    path.write_text(line + path.read_text())
    write(tree, project="fraud")
    assert path.read_text().splitlines()[1] == "# Project: fraud"


@pytest.mark.parametrize("environments", [None, ["dev", "prod"]])
def test_an_empty_render_never_prunes(write, out, tree, look, environments):
    write(tree)
    before = look(out)
    told = refused(6, lambda: write({}, allow_prune=True, environments=environments))
    assert told[0].startswith("MS153 nothing was rendered")
    assert look(out) == before


def test_an_empty_render_of_nothing_is_fine(write, out):
    assert write({}) == ((), ())
    assert not out.exists()


def test_environments_that_are_not_rendered_stay_untouched(write, out, tree, stamp, look):
    write(tree)
    (out / "prod/kustomization.yaml").write_text("edited, but nobody asked about prod\n")
    before, times = look(out / "prod"), {path: time for path, (_, time) in stamp(out / "prod").items()}
    write({"dev/kustomization.yaml": "changed\n"}, environments=["dev"])
    assert look(out / "prod") == before
    assert {path: time for path, (_, time) in stamp(out / "prod").items()} == times
    assert not (out / "dev/pipelines").exists()


def test_an_environment_that_is_no_more_is_deleted_but_for_what_is_not_ours(write, out, tree):
    write(tree)
    (out / "prod/notes.md").write_text("keep\n")
    write({path: text for path, text in tree.items() if not path.startswith(("prod/", "project/"))})
    assert sorted(os.listdir(out)) == ["dev", "prod"]
    assert os.listdir(out / "prod") == ["notes.md"]


def test_an_inventory_lists_nothing_outside_its_folder(write, out, tree, tmp_path):
    write(tree)
    (tmp_path / "precious").write_text("1\n")
    (out / "precious").write_text("1\n")
    with (out / "dev" / INVENTORY).open("a") as stream:
        stream.write("../precious\n../../precious\n/etc/hostname\n./x\n<<<<<<< HEAD\n.git/config\n")
    write(tree, head=lambda path: b"1\n")
    assert (tmp_path / "precious").exists()
    assert (out / "precious").exists()


@pytest.mark.parametrize(
    "path", ["a.yaml", "dev/../x", "/dev/x", "dev//x", "dev/.git/config", f"dev/{INVENTORY}", "dev/a\nb"]
)
def test_a_tree_with_a_path_that_is_none_is_our_own_mistake(write, path):
    with pytest.raises(ValueError, match="not a path"):
        write({path: ""})


def test_a_check_says_what_a_write_would_do_and_does_nothing(write, out, tree, look, tmp_path):
    write(tree)
    (out / "dev/kustomization.yaml").write_bytes(b"old \xff")
    wanted = {path: text for path, text in tree.items() if path != TRAIN} | {"prod/new.yaml": "a: 1\n"}
    before = look(tmp_path)
    changes = directory.compare(out, wanted)
    assert look(tmp_path) == before
    assert changes.missing == ("prod/new.yaml",)
    assert changes.stale == ("dev/kustomization.yaml", f"prod/{INVENTORY}")
    assert changes.surplus == (TRAIN,)
    assert (
        "--- a/dev/kustomization.yaml\n+++ b/dev/kustomization.yaml\n@@ -1 +1 @@\n-old \\xff\n\\ No newline"
        in changes.diff
    )
    assert f"--- a/{TRAIN}\n+++ /dev/null\n@@ -1 +0,0 @@\n-kind: WorkflowTemplate\n" in changes.diff
    assert "--- /dev/null\n+++ b/prod/new.yaml\n" in changes.diff
    assert not changes.up_to_date


def test_a_check_of_a_fresh_folder_is_content(write, out, tree):
    assert not directory.compare(out, tree).up_to_date
    write(tree)
    assert directory.compare(out, tree) == ((), (), (), "")


def test_a_repository_s_root_and_the_current_directory_are_not_replaced(write, out, tree, tmp_path, monkeypatch):
    (out / ".git").mkdir(parents=True)
    assert "root of a repository" in refused(6, lambda: write(tree))[0]
    (out / ".git").rmdir()
    monkeypatch.chdir(out)
    assert "current directory" in refused(6, lambda: directory.write(Path(), tree, state=tmp_path / "state"))[0]


def test_an_output_that_is_a_file_is_refused(write, out, tree):
    out.write_text("precious\n")
    refused(5, lambda: write(tree))
    assert out.read_text() == "precious\n"


def test_folders_made_for_nothing_are_removed_again(tree, tmp_path, out):
    (tmp_path / "state").symlink_to(".")
    refused(5, lambda: directory.write(Path("a/b/c"), tree, state=tmp_path / "state"))
    assert os.listdir(tmp_path) == ["state"]
    directory.write(Path("a/b/c"), tree, state=tmp_path / ".mlops-spec")
    assert (tmp_path / "a/b/c" / TRAIN).exists()


def test_a_stray_file_that_comes_while_writing_is_kept(write, out, tree, look):
    write(tree)
    (out / TRAIN).write_text("committed\n")

    def head(path: str) -> bytes:
        (out / "prod/late.md").write_text("just now\n")
        return b"committed\n"

    assert "changed by someone else" in refused(6, lambda: write(tree, head=head))[0]
    assert (out / "prod/late.md").read_text() == "just now\n"
    assert (out / TRAIN).read_text() == "committed\n"
    write(tree, head=lambda path: b"committed\n")
    assert (out / "prod/late.md").read_text() == "just now\n"


@pytest.fixture
def _heeded() -> Iterator[None]:
    before = signal.signal(signal.SIGTERM, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.mark.usefixtures("_heeded")
@pytest.mark.parametrize("number, code", [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_while_writing_leaves_all_as_it_was(write, out, tree, tmp_path, look, number, code):
    write(tree)
    (out / TRAIN).write_text("committed\n")
    before = look(tmp_path / "deploy")

    def head(path: str) -> bytes:
        signal.raise_signal(number)
        return b"committed\n"

    with pytest.raises(SystemExit) as caught:
        write(tree, head=head)
    assert caught.value.code == code
    assert look(out) == before
    assert sorted(os.listdir(tmp_path)) == [".mlops-spec", "deploy"]


_NAMES = st.sampled_from(["a.yaml", "b.yaml", "c/d.yaml", "c/e.yaml"])
_TREES = st.dictionaries(st.builds("{}/{}".format, st.sampled_from(["dev", "prod"]), _NAMES), st.text("xy"), min_size=1)


@given(trees=st.lists(_TREES, min_size=1, max_size=4), stray=st.sampled_from(["dev/s", "prod/c/s", "s", "c/s"]))
@settings(max_examples=25)
def test_after_any_renders_the_folder_is_the_last_one_and_what_is_not_ours(trees, stray, tmp_path_factory):
    root = tmp_path_factory.mktemp("any")
    out = root / "deploy"
    (out / stray).parent.mkdir(parents=True)
    (out / stray).write_text("stray")
    for tree in trees:
        directory.write(out, tree, state=root / "state")
        files = {str(path.relative_to(out)) for path in out.rglob("*") if path.is_file()}
        assert files == {*tree, stray, *(f"{path.split('/')[0]}/{INVENTORY}" for path in tree)}
        assert {path: (out / path).read_text() for path in tree} == tree
