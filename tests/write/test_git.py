"""Rendered trees become commits, and nobody's work is touched."""

from __future__ import annotations

import json
import os
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlops_spec.write import directory
from mlops_spec.write.failure import WriteFailed
from mlops_spec.write.git import Planned, Repository, publish

INVENTORY = ".mlops-spec-inventory"
TRAIN = "prod/pipelines/workflowtemplate-train.yaml"


def put(git: Any, tree: dict[str, str], branch: str = "main", **options: Any) -> Any:
    """Publish one tree to ``deploy`` on a branch."""
    allow_prune = options.pop("allow_prune", False)
    planned = Planned(branch, "deploy", tree, "Render", **options)
    return publish(Repository.require(git.top), [planned], allow_prune=allow_prune, patience=0.2)[0]


def state(git: Any) -> Any:
    """All that a refused publication must leave as it is."""
    index = git.directory / "index"
    files = {
        str(path): (path.lstat().st_mtime_ns, os.readlink(path) if path.is_symlink() else path.read_bytes())
        for path in git.top.rglob("*")
        if ".git" not in path.parts and (path.is_symlink() or path.is_file())
    }
    return git.refs(), index.read_bytes() if index.exists() else None, files


def refused(git: Any, code: str, call: Callable[[], Any], exit_code: int = 6) -> str:
    """Expect a refusal that changes nothing; return its message."""
    before = state(git)
    with pytest.raises(WriteFailed) as caught:
        call()
    assert state(git) == before
    assert not list(git.directory.glob("mlops-spec*"))
    assert (caught.value.exit_code, caught.value.diagnostics[0].code) == (exit_code, code)
    assert caught.value.diagnostics[0].hint
    return caught.value.diagnostics[0].message


def test_a_tree_becomes_one_commit_on_top_with_its_inventories(repo, tree):
    start = repo("rev-parse", "HEAD")
    done = put(repo, tree)
    assert repo("rev-parse", "main") == done.commit
    assert repo("rev-parse", "main^") == start
    inventories = {f"{folder}/{INVENTORY}" for folder in ("dev", "prod", "project")}
    assert set(done.changed) == {*tree, *inventories}
    assert repo.paths("main") == sorted([*(f"deploy/{path}" for path in done.changed), "mlops.yaml"])
    assert repo.show("main", f"deploy/{TRAIN}") == tree[TRAIN].strip()
    assert repo("log", "-1", "--format=%s|%an|%ce") == "Render|Ada Lovelace|ada@acme.example"
    assert repo("fsck", "--strict") == ""


def test_a_checked_out_branch_takes_files_and_index_along(repo, tree):
    put(repo, tree)
    assert repo("status", "--porcelain") == ""
    assert (repo.top / "deploy" / TRAIN).read_text() == tree[TRAIN]
    put(repo, {path: text for path, text in tree.items() if path != TRAIN} | {"dev/new.yaml": "a: 1\n"})
    assert repo("status", "--porcelain") == ""
    assert not (repo.top / "deploy" / TRAIN).exists()


def test_no_change_makes_no_commit(repo, tree):
    put(repo, tree)
    before = state(repo)
    assert put(repo, tree) == ("main", None, (), ())
    assert state(repo) == before


def test_both_branches_move_and_prod_has_its_own(repo, tree):
    start = repo("rev-parse", "HEAD")
    rest = {path: text for path, text in tree.items() if not path.startswith("prod/")}
    prod = {path: text for path, text in tree.items() if path.startswith("prod/")}
    commits = [
        Planned("main", "deploy", rest, "Render"),
        Planned("main-prod", "deploy", prod, "Render prod", environments=["prod"]),
    ]
    publish(Repository.require(repo.top), commits)
    assert repo("rev-parse", "main^") == repo("rev-parse", "main-prod^") == start
    assert [path for path in repo.paths("main") if "prod/" in path] == []
    assert [path for path in repo.paths("main-prod") if "/dev/" in path] == []
    assert [done.commit for done in publish(Repository.require(repo.top), commits)] == [None, None]


def test_a_branch_that_is_not_checked_out_moves_alone(repo, tree):
    before = state(repo)
    put(repo, tree, "other")
    refs, index, files = state(repo)
    assert (index, files) == before[1:]
    assert refs.keys() - before[0].keys() == {"refs/heads/other"}


def test_a_new_branch_with_nothing_to_change_is_made_all_the_same(repo, tree):
    head = put(repo, tree).commit
    assert put(repo, tree, "other") == ("other", head, (), ())


def test_two_trees_for_one_branch_are_two_commits(repo, tree):
    ci = {".github/workflows/mlops.yaml": "on: [push]\n"}
    commits = [Planned("main", "deploy", tree, "One"), Planned("main", "", ci, "Two")]
    one, two = publish(Repository.require(repo.top), commits)
    assert repo("log", "--format=%s") == "Two\nOne\nStart"
    assert repo("rev-parse", "main^") == one.commit
    assert repo("rev-parse", "main") == two.commit
    assert repo("status", "--porcelain") == ""


def test_a_branch_that_only_a_remote_has_goes_on_from_there(repo, tree, clone, tmp_path):
    put(repo, tree, "main-prod")
    repo("clone", "-q", ".", str(tmp_path / "copy"))
    copy = clone(tmp_path / "copy")
    copy("config", "user.name", "Ada")
    copy("config", "user.email", "ada@acme.example")
    put(copy, tree | {TRAIN: "kind: Newer\n"}, "main-prod")
    assert copy("rev-parse", "main-prod^") == copy("rev-parse", "origin/main-prod")


def test_staged_work_and_untracked_files_stay(repo, tree):
    put(repo, tree)
    (repo.top / "staged.py").write_text("1\n")
    (repo.top / "mlops.yaml").write_text("staged\n")
    repo("add", "staged.py", "mlops.yaml")
    (repo.top / "mlops.yaml").write_text("and edited\n")
    (repo.top / ".env").write_text("SECRET=1\n")
    before = repo("status", "--porcelain"), repo("diff", "--cached"), repo("diff")
    put(repo, tree | {TRAIN: "kind: Newer\n"})
    assert (repo("status", "--porcelain"), repo("diff", "--cached"), repo("diff")) == before
    assert repo.paths("main").count("staged.py") == 0
    assert (repo.top / ".env").read_text() == "SECRET=1\n"


def test_a_rendered_folder_is_no_local_edit(repo, tree):
    put(repo, tree)
    newer = {path: text for path, text in tree.items() if path != "dev/kustomization.yaml"} | {TRAIN: "kind: Newer\n"}
    head = Repository.require(repo.top).head(repo.top / "deploy")
    directory.write(repo.top / "deploy", newer, state=repo.top / ".mlops-spec", head=head)
    repo("add", f"deploy/{TRAIN}")
    put(repo, newer)
    assert repo("status", "--porcelain") == ""


def test_head_tells_what_was_committed_below_a_folder(repo, tree):
    put(repo, tree)
    repository = Repository.require(repo.top / "deploy/dev")
    assert repository.head(repo.top / "deploy")(TRAIN) == tree[TRAIN].encode()
    assert repository.head(repo.top / "deploy")("prod/none") is None
    assert repository.head(repo.top)("mlops.yaml") == b"apiVersion: mlops-spec/v1\n"
    assert repository.head(repo.top / "none")(TRAIN) is None
    assert repository.head(repo.top.parent)(TRAIN) is None


def test_there_need_be_no_repository_to_render(tmp_path):
    assert Repository.find(tmp_path / "not/there") is None
    with pytest.raises(WriteFailed) as caught:
        Repository.require(tmp_path)
    assert (caught.value.exit_code, caught.value.diagnostics[0].code) == (6, "MS160")


# Ownership


def test_stray_files_in_the_branch_are_kept(repo, tree):
    put(repo, tree)
    repo.commit(**{"deploy/prod/notes.md": "keep\n", "deploy/README": "keep\n"})
    put(repo, {path: text for path, text in tree.items() if not path.startswith("prod/")})
    assert [path for path in repo.paths("main") if "prod/" in path] == ["deploy/prod/notes.md"]
    assert (repo.top / "deploy/prod/notes.md").exists()


@pytest.mark.parametrize("place", [TRAIN, f"{TRAIN}/file", "prod"])
def test_a_stray_file_in_the_way_is_refused(repo, tree, place):
    (repo.top / "deploy" / place).parent.mkdir(parents=True)
    repo.commit(**{f"deploy/{place}": "stray\n"})
    refused(repo, "MS151", lambda: put(repo, tree))


def test_a_file_where_the_folder_should_be_is_refused(repo, tree):
    repo.commit(deploy="a file\n")
    refused(repo, "MS151", lambda: put(repo, tree))


def test_many_deletions_are_asked_for(repo):
    files = {f"dev/{number}.yaml": "a: 1\n" for number in range(40)}
    fewer = dict(list(files.items())[11:])
    put(repo, files)
    assert "11 of 40 files" in refused(repo, "MS152", lambda: put(repo, fewer))
    assert len(put(repo, fewer, allow_prune=True).removed) == 11


def test_an_empty_tree_prunes_nothing(repo, tree):
    put(repo, tree)
    refused(repo, "MS153", lambda: put(repo, {}, allow_prune=True))


def test_what_another_project_renders_is_not_taken_over_unasked(repo, tree):
    put(repo, tree, project="churn")
    other = dict.fromkeys(tree, "a: 1\n")
    told = refused(repo, "MS604", lambda: put(repo, other, project="fraud"))
    assert "deploy/dev is what the project churn renders, and fraud would delete that" in told
    (env,) = {path.partition("/")[0] for path in tree if path.startswith("dev/")}
    refused(repo, "MS604", lambda: put(repo, {"dev/a.yaml": ""}, project="fraud", environments=[env]))
    assert put(repo, {"test/a.yaml": ""}, project="fraud", environments=["test"]).commit
    assert put(repo, {**other, "test/a.yaml": ""}, project="fraud", allow_prune=True).commit
    assert put(repo, {**other, "test/a.yaml": ""}, project="fraud").commit is None


# Where the repository is


def test_a_linked_worktree_publishes_and_follows(repo, tree, clone):
    repo("worktree", "add", "-q", "../linked", "-b", "side")
    linked = clone(repo.top.parent / "linked")
    put(linked, tree, "main")
    put(linked, tree, "side")
    for git in (repo, linked):
        assert git("status", "--porcelain") == ""
        assert (git.top / "deploy" / TRAIN).exists()


def test_a_worktree_that_is_gone_is_no_matter(repo, tree):
    repo("worktree", "add", "-q", "../linked", "-b", "side")
    (repo.top.parent / "linked").rename(repo.top.parent / "moved")
    assert put(repo, tree, "side").commit


def test_a_submodule_publishes_to_itself(repo, tree, make_git, clone):
    inner = make_git("inner")
    inner.commit("Start", spec="1\n")
    repo("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(inner.top), "sub")
    sub = clone(repo.top / "sub")
    sub("config", "user.name", "Ada")
    sub("config", "user.email", "ada@acme.example")
    put(sub, tree)
    assert sub("status", "--porcelain") == ""
    assert (sub.top / "deploy" / TRAIN).exists()


@pytest.mark.parametrize("options", [["--depth", "1"], ["--bare"], ["--separate-git-dir", "../apart"]])
def test_a_shallow_a_bare_and_a_separated_clone_publish(repo, tree, clone, tmp_path, options):
    repo.commit("More", more="1\n")
    repo("clone", "-q", *options, f"file://{repo.top}", str(tmp_path / "copy"))
    copy = clone(tmp_path / "copy")
    copy("config", "user.name", "Ada")
    copy("config", "user.email", "ada@acme.example")
    put(copy, tree)
    assert copy.show("main", f"deploy/{TRAIN}") == tree[TRAIN].strip()
    if "--bare" not in options:
        assert copy("status", "--porcelain") == ""


def test_a_repository_of_long_hashes_publishes(tree, clone, tmp_path):
    subprocess.run(["git", "init", "-q", "-b", "main", "--object-format=sha256", str(tmp_path / "long")], check=True)
    git = clone(tmp_path / "long")
    git("config", "user.name", "Ada")
    git("config", "user.email", "ada@acme.example")
    git.commit(spec="1\n")
    assert len(put(git, tree).commit) == 64
    assert git("status", "--porcelain") == ""


def test_a_sparse_checkout_stays_sparse(repo, tree):
    put(repo, tree)
    (repo.top / "src").mkdir()
    repo.commit(**{"src/a.py": "1\n"})
    repo("sparse-checkout", "set", "src")
    put(repo, tree | {TRAIN: "kind: Newer\n"})
    assert repo("status", "--porcelain") == ""
    assert not (repo.top / "deploy").exists()


# What is not run, and not obeyed


def test_no_hook_filter_or_monitor_runs(repo, tree, tmp_path):
    marker = tmp_path / "ran"
    script = tmp_path / "script"
    script.write_text(f"#!/bin/sh\necho $0 >> {marker}\ncat\n")
    script.chmod(0o755)
    hooks = ("pre-commit", "post-commit", "commit-msg", "reference-transaction", "post-index-change", "post-checkout")
    for hook in hooks:
        (repo.directory / "hooks" / hook).unlink(missing_ok=True)
        (repo.directory / "hooks" / hook).symlink_to(script)
    (repo.directory / "info/attributes").write_text("* filter=spy text eol=crlf ident\n")
    for key in ("filter.spy.clean", "filter.spy.smudge", "core.fsmonitor", "gpg.program"):
        repo("config", key, str(script))
    repo("config", "filter.spy.required", "true")
    repo("config", "core.autocrlf", "true")
    repo("config", "commit.gpgSign", "true")
    marker.unlink(missing_ok=True)
    put(repo, tree | {TRAIN: "id: $Id$\n"})
    assert not marker.exists()
    assert (repo.top / "deploy" / TRAIN).read_bytes() == b"id: $Id$\n"
    assert repo.show("main", f"deploy/{TRAIN}") == "id: $Id$"


def test_inherited_variables_are_not_obeyed(repo, tree, make_git, monkeypatch, tmp_path):
    decoy = make_git("decoy")
    decoy.commit(x="1\n")
    before = state(decoy)
    monkeypatch.setenv("GIT_DIR", str(decoy.directory))
    monkeypatch.setenv("GIT_WORK_TREE", str(decoy.top))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "index"))
    monkeypatch.setenv("GIT_OBJECT_DIRECTORY", str(tmp_path / "objects"))
    monkeypatch.setenv("GIT_NAMESPACE", "elsewhere")
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "user.name")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "Mallory")
    put(repo, tree)
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    assert repo("log", "-1", "--format=%s %an") == "Render Ada Lovelace"
    assert repo("status", "--porcelain") == ""
    assert state(decoy) == before
    assert not (tmp_path / "index").exists()


def test_the_identity_of_the_environment_is_taken(repo, tree, monkeypatch):
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "Robot")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "robot@acme.example")
        monkeypatch.setenv(f"GIT_{who}_DATE", "2001-02-03T04:05:06Z")
    put(repo, tree)
    assert repo("log", "-1", "--format=%an %ce %aI") == "Robot robot@acme.example 2001-02-03T04:05:06+00:00"


def test_without_an_identity_the_message_says_how_to_set_it(repo, tree):
    repo("config", "user.name", "")
    with pytest.raises(WriteFailed) as caught:
        put(repo, tree)
    assert "git config user.name" in caught.value.diagnostics[0].hint
    refused(repo, "MS169", lambda: put(repo, tree))


# What is refused


@pytest.mark.parametrize("name", ["a..b", "-x", "a b", "@{-1}", "", "x.lock", "a\nb"])
def test_a_name_that_git_refuses_is_a_mistake_of_usage(repo, tree, name):
    refused(repo, "MS161", lambda: put(repo, tree, name), exit_code=2)


def test_detached_the_own_branch_is_refused_and_a_named_one_written(repo, tree):
    put(repo, tree, "HEAD")
    repo("checkout", "-q", "--detach")
    changed = tree | {TRAIN: "kind: Newer\n"}
    refused(repo, "MS163", lambda: put(repo, changed, "HEAD"))
    put(repo, changed, "main")
    assert repo.show("main", f"deploy/{TRAIN}") == "kind: Newer"
    assert repo.show("HEAD", f"deploy/{TRAIN}") == tree[TRAIN].strip()


def test_an_unborn_branch_is_refused(make_git, tree):
    git = make_git("empty")
    for branch in ("main", "other", "HEAD"):
        refused(git, "MS162", lambda branch=branch: put(git, tree, branch))


def _conflict(repo: Any) -> None:
    repo("checkout", "-q", "-b", "side")
    repo.commit("Side", **{"mlops.yaml": "side\n"})
    repo("checkout", "-q", "main")
    repo.commit("Main", **{"mlops.yaml": "main\n"})


@pytest.mark.parametrize("command", ["merge", "rebase", "cherry-pick", "revert"])
def test_in_the_middle_of_something_nothing_is_published(repo, tree, command):
    _conflict(repo)
    repo(command, "main^" if command == "revert" else "side", check=False)
    if command == "revert":
        (repo.directory / "REVERT_HEAD").write_text(repo("rev-parse", "main") + "\n")
    assert command in refused(repo, "MS164", lambda: put(repo, tree, "other"))


def test_a_branch_that_another_worktree_rebases_is_left_alone(repo, tree, clone):
    _conflict(repo)
    repo("worktree", "add", "-q", "../linked", "side")
    clone(repo.top.parent / "linked")("rebase", "main", check=False)
    refused(repo, "MS164", lambda: put(repo, tree, "side"))
    assert put(repo, tree, "main").commit


def test_a_locked_index_is_refused(repo, tree):
    (repo.directory / "index.lock").touch()
    assert "index.lock" in refused(repo, "MS165", lambda: put(repo, tree))


@pytest.mark.parametrize("path", ["deploy", "deploy/prod", f"deploy/{TRAIN}"])
def test_a_submodule_at_the_output_is_refused(repo, tree, make_git, path):
    inner = make_git("inner")
    inner.commit(x="1\n")
    repo("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(inner.top), path)
    refused(repo, "MS168", lambda: put(repo, tree))
    repo("commit", "-qm", "Add a submodule")
    refused(repo, "MS166", lambda: put(repo, tree))


def test_a_repository_within_the_output_is_refused(repo, tree):
    repo("init", "-q", "deploy/prod")
    refused(repo, "MS168", lambda: put(repo, tree))


@pytest.mark.parametrize("path", ["deploy", "deploy/prod", f"deploy/{TRAIN}"])
def test_a_symlink_in_the_branch_is_refused(repo, tree, path):
    (repo.top / path).parent.mkdir(parents=True, exist_ok=True)
    (repo.top / path).symlink_to("/etc")
    repo.commit()
    refused(repo, "MS171", lambda: put(repo, tree))


@pytest.mark.parametrize("path", ["deploy", "deploy/prod"])
def test_a_symlink_in_the_work_tree_is_not_followed(repo, tree, path, tmp_path):
    put(repo, tree)
    (repo.top / path).rename(tmp_path / "elsewhere")
    (repo.top / path).symlink_to(tmp_path / "elsewhere")
    refused(repo, "MS168", lambda: put(repo, tree | {TRAIN: "kind: Newer\n"}))


@pytest.mark.parametrize("rule", ["deploy/", "*.yaml", "prod"])
def test_an_ignored_output_is_refused(repo, tree, rule):
    repo.commit(**{".gitignore": f"{rule}\n"})
    assert f".gitignore:1 says {rule}" in refused(repo, "MS167", lambda: put(repo, tree))


def test_an_output_that_is_excepted_from_a_rule_is_published(repo, tree):
    repo.commit(**{".gitignore": "*.yaml\n!deploy/**\n"})
    assert put(repo, tree).commit


def _edit(repo: Any) -> None:
    (repo.top / "deploy" / TRAIN).write_text("mine\n")


def _stage(repo: Any) -> None:
    _edit(repo)
    repo("add", "deploy")
    repo("restore", "--source=HEAD", "--worktree", "deploy")


def _delete(repo: Any) -> None:
    (repo.top / "deploy" / TRAIN).unlink()


def _untracked(repo: Any) -> None:
    (repo.top / "deploy/prod/new.yaml").write_text("mine\n")


def _folder(repo: Any) -> None:
    (repo.top / "deploy/prod/new.yaml").mkdir()


@pytest.mark.parametrize("edit", [_edit, _stage, _delete, _untracked, _folder])
def test_local_changes_are_never_overwritten(repo, tree, edit):
    put(repo, tree)
    edit(repo)
    changed = tree | {TRAIN: "kind: Newer\n", "prod/new.yaml": "a: 1\n"}
    refused(repo, "MS168", lambda: put(repo, changed))
    assert put(repo, changed, "other").commit


def test_local_changes_elsewhere_do_not_matter(repo, tree):
    put(repo, tree)
    _edit(repo)
    put(repo, tree | {"dev/kustomization.yaml": "changed\n"})
    assert repo("status", "--porcelain") == f"M deploy/{TRAIN}"


def test_a_branch_that_moves_meanwhile_stops_all_of_them(repo, tree, tmp_path, monkeypatch):
    repo("branch", "side")
    real = shutil.which("git")
    moving = tmp_path / "bin/git"
    moving.parent.mkdir()
    moving.write_text(
        "#!/bin/sh\n"
        f'case "$*" in *"update-ref -m"*) {real} -C {repo.top} branch -f side $({real} -C {repo.top} commit-tree '
        f'-p main -m Race main^{{tree}}) ;; esac\nexec {real} "$@"\n'
    )
    moving.chmod(0o755)
    start = repo("rev-parse", "main")
    monkeypatch.setenv("PATH", f"{moving.parent}:{os.environ['PATH']}")
    with pytest.raises(WriteFailed) as caught:
        publish(
            Repository.require(repo.top),
            [Planned("main", "deploy", tree, "Render"), Planned("side", "deploy", tree, "Render")],
        )
    assert [d.code for d in caught.value.diagnostics] == ["MS170"]
    assert repo("rev-parse", "main") == start
    assert repo("log", "-1", "--format=%s", "side") == "Race"
    assert repo("status", "--porcelain") == ""


@pytest.mark.parametrize("number, code", [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_before_the_branches_move_leaves_all_as_it_was(repo, tree, tmp_path, number, code):
    real = shutil.which("git")
    stopping = tmp_path / "bin/git"
    stopping.parent.mkdir()
    stopping.write_text(f'#!/bin/sh\ncase "$*" in *write-tree*) kill -{number:d} $PPID ;; esac\nexec {real} "$@"\n')
    stopping.chmod(0o755)
    before = state(repo)
    program = (
        "import json, sys; from pathlib import Path; from mlops_spec.write.git import Planned, Repository, publish\n"
        "planned = Planned('main', 'deploy', json.loads(sys.argv[2]), 'Render')\n"
        "publish(Repository.require(Path(sys.argv[1])), [planned])"
    )
    environment = {
        **os.environ,
        "PATH": f"{stopping.parent}:{os.environ['PATH']}",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    done = subprocess.run([sys.executable, "-c", program, repo.top, json.dumps(tree)], env=environment, check=False)
    assert done.returncode == code
    assert state(repo) == before
    assert not list(repo.directory.glob("mlops-spec*"))


def test_without_git_the_message_says_so(repo, tree, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(WriteFailed) as caught:
        put(repo, tree)
    assert caught.value.diagnostics[0].code == "MS160"


def test_published_files_may_be_read_by_others(repo, tree):
    put(repo, tree)
    mode = stat.S_IMODE((repo.top / "deploy" / TRAIN).stat().st_mode)
    assert mode == 0o666 & ~_umask()


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current


def test_a_path_that_leaves_the_repository_is_our_own_mistake(repo, tree):
    for path in ("../x", "/x"):
        with pytest.raises(ValueError, match="not a folder"):
            publish(Repository.require(repo.top), [Planned("main", path, tree, "Render")])
    assert not list(Path(repo.directory).glob("mlops-spec*"))
