"""``promote`` and ``rollback --pull-request``: over Git's own server, with a program in the place of ``gh`` and ``glab``."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from mlops_spec.live.forge import Place, place_of
from tests.backends.ci.forge import Forge, forge
from tests.cli.conftest import EXAMPLES, Ran
from tests.cli.forge_programs import install, kept
from tests.rollouts import begun

pytestmark = pytest.mark.long
BRANCH = "mlops-spec/churn/promote-churn-7-prod"
LOCK = "mlops.lock.yaml"


class Team:
    """A clone of the example on a forge, in the current folder, of which ``gh`` or ``glab`` is there."""

    def __init__(self, made: Forge, mlops: Any, program: str) -> None:
        self.made, self._mlops, self.program, self.bin = made, mlops, program, made.folder / "programs"
        install(self.bin, program)

    def run(self, *words: str) -> Ran:
        ran: Ran = self._mlops(*words)
        return ran

    def promote(self, *words: str) -> Ran:
        kind = "github" if self.program == "gh" else "gitlab"
        return self.run("promote", "churn", "--to", "prod", "--pull-request", "--forge", kind, *words)

    def told(self) -> dict[str, Any]:
        return kept(self.bin, self.program)

    def pushed(self, branch: str = BRANCH) -> str | None:
        return (
            self.made.git("for-each-ref", "--format=%(objectname)", f"refs/heads/{branch}", at=self.made.bare) or None
        )

    def lock(self, commit: str) -> str:
        return self.made.git("show", f"{commit}:{LOCK}", at=self.made.bare)

    def left(self) -> tuple[str, str]:
        """Return what must not change here: the branches, and what differs from them."""
        return self.made.git("for-each-ref", "refs/heads"), self.made.git("status", "--porcelain")


@contextmanager
def cloned(program: str, tmp_path: Path, mlops: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Team]:
    with forge(tmp_path / "forge", "ada") as made:
        shutil.copytree(EXAMPLES / "churn", made.work, dirs_exist_ok=True)
        made.push({}, "Spec")
        made.git("remote", "set-url", "origin", f"{made.url}.git")
        made.git("config", "user.name", "Ada")
        made.git("config", "user.email", "ada@acme.example")
        for name in [name for name in os.environ if name.startswith("GIT_")]:
            monkeypatch.delenv(name)
        credentials = "!f() { echo username=ada; echo password=$TOKEN; }; f"
        there = Team(made, mlops, program)
        for name, value in {
            "HOME": str(tmp_path), "GIT_CONFIG_NOSYSTEM": "1", "TOKEN": made.token, "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "credential.helper", "GIT_CONFIG_VALUE_0": credentials,
            "PATH": f"{there.bin}:{os.environ['PATH']}",
        }.items():  # fmt: skip
            monkeypatch.setenv(name, value)
        monkeypatch.chdir(made.work)
        yield there


@pytest.fixture(params=["gh", "glab"])
def team(request: Any, tmp_path: Path, mlops: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Team]:
    with cloned(request.param, tmp_path, mlops, monkeypatch) as found:
        yield found


@pytest.fixture
def gh(tmp_path: Path, mlops: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Team]:
    with cloned("gh", tmp_path, mlops, monkeypatch) as found:
        yield found


def text(request: dict[str, Any]) -> str:
    return str(request.get("body") or request["description"])


def test_a_promotion_is_pushed_and_opened_and_nothing_here_moves(team: Team) -> None:
    left, before = team.left(), (team.made.work / LOCK).read_text()
    ran = team.promote()
    assert ran.code == 0, ran.err
    assert team.lock(BRANCH) == begun(before).strip()
    assert (
        team.made.git("log", "--format=%s", f"main..{BRANCH}", at=team.made.bare) == "Promote churn to prod: version 7"
    )
    (opened,) = team.told()["open"]
    assert opened["title"] == "Promote churn to prod: version 7"
    assert {BRANCH, "main"} <= {*map(str, opened.values())}
    assert "`prod` gets version 7 of `churn`, after version 6." in text(opened)
    assert "+++ b/mlops.lock.yaml" in text(opened)
    assert "moves a canary" in text(opened)
    assert "https://forge.acme.example/growth/churn/10" in ran.err
    assert team.left() == left
    assert {host for host, *_ in team.told()["asked"]} == {team.made.url.split("/")[2]}


def test_again_it_is_the_same_branch_and_the_same_request(team: Team) -> None:
    team.promote()
    first = team.pushed()
    ran = team.promote("--format", "json")
    assert ran.code == 0, ran.err
    assert team.pushed() == first
    assert len(team.told()["open"]) == 1
    assert json.loads(ran.out)["pull_request"] == {"number": 10, "url": "https://forge.acme.example/growth/churn/10"}
    assert json.loads(ran.out)["branch"] == BRANCH
    assert [method for _, method, _, _ in team.told()["asked"]] == [
        "GET", "POST", "GET", "PATCH" if team.program == "gh" else "PUT",
    ]  # fmt: skip


def test_it_follows_the_branch_that_it_goes_into(gh: Team) -> None:
    gh.promote()
    moved = gh.made.push({"README.md": "More.\n"})
    ran = gh.promote()
    assert ran.code == 0, ran.err
    assert gh.made.git("rev-parse", f"{BRANCH}^", at=gh.made.bare) == moved
    assert gh.made.git("diff", "--name-only", f"main..{BRANCH}", at=gh.made.bare) == LOCK
    assert len(gh.told()["open"]) == 1


def test_what_is_here_and_nowhere_else_is_no_part_of_it(gh: Team) -> None:
    (gh.made.work / "mlops.yaml").write_text("a: [")
    gh.made.git("commit", "-qam", "Not pushed")
    (gh.made.work / LOCK).write_text("")
    left = gh.left()
    ran = gh.promote()
    assert ran.code == 0, ran.err
    assert gh.made.git("diff", "--name-only", f"main..{BRANCH}", at=gh.made.bare) == LOCK
    assert gh.left() == left


@pytest.mark.parametrize("how", ["commit", "amend", "message"])
def test_what_somebody_else_committed_to_the_branch_stays(gh: Team, how: str) -> None:
    gh.promote()
    gh.made.git("fetch", "--quiet", "origin", BRANCH)
    gh.made.git("checkout", "--quiet", "FETCH_HEAD")
    path = gh.made.work / LOCK
    path.write_text(f"{path.read_text()}# by hand\n")
    more = {"commit": ["-m", "By hand"], "amend": ["--amend", "--no-edit"], "message": ["--amend", "-m", "Mine"]}[how]
    gh.made.git("commit", "-qa", *more)
    gh.made.git("push", "--quiet", "--force", "origin", f"HEAD:{BRANCH}")
    gh.made.git("checkout", "--quiet", "main")
    tip = gh.pushed()
    ran = gh.promote()
    assert (ran.code, ran.out) == (6, "")
    assert "has commits of somebody else, which stay" in ran.err
    assert gh.pushed() == tip
    assert len(gh.told()["open"]) == 1
    other = gh.promote("--branch", "promote")
    assert other.code == 0, other.err
    assert gh.pushed("promote")


def test_a_branch_that_moves_at_that_moment_is_not_pushed_over(gh: Team) -> None:
    install(gh.bin, "gh")
    program = (gh.bin / "gh").read_text()
    pushing = (
        f"import subprocess; subprocess.run(['git', '-C', {str(gh.made.bare)!r}, 'branch', '-f', {BRANCH!r}, 'main'])\n"
    )
    (gh.bin / "gh").write_text(program.replace("github = ", f"{pushing}github = "))
    ran = gh.promote()
    assert (ran.code, ran.out) == (6, "")
    assert f"{BRANCH} of origin moved meanwhile; nothing was changed" in ran.err
    assert gh.pushed() == gh.made.git("rev-parse", "main", at=gh.made.bare)
    assert gh.told()["open"] == []


def test_a_dry_run_asks_and_pushes_nothing(gh: Team) -> None:
    ran = gh.promote("--dry-run")
    assert ran.code == 0, ran.err
    assert f"from {BRANCH}; nothing is pushed, and no pull request is open" in ran.err
    assert gh.pushed() is None
    assert [method for _, method, _, _ in gh.told()["asked"]] == ["GET"]


def test_nothing_is_pushed_where_nobody_is_logged_in(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORGE_OUT", "1")
    ran = team.promote()
    assert (ran.code, ran.out) == (5, "")
    assert "MS524 nothing is pushed:" in ran.err
    assert "auth login" in ran.err
    assert team.pushed() is None


def test_a_branch_that_is_pushed_without_a_request_is_told_of_and_the_next_run_goes_on(
    gh: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORGE_CLOSED", "1")
    ran = gh.promote()
    assert (ran.code, ran.out) == (5, "")
    assert f"{BRANCH} is pushed to origin, but the pull request is not open: gh says: Validation Failed" in ran.err
    assert gh.pushed()
    monkeypatch.delenv("FORGE_CLOSED")
    assert gh.promote().code == 0
    assert len(gh.told()["open"]) == 1


def test_a_program_that_is_missing_is_named_before_anything_is_done(gh: Team) -> None:
    (gh.bin / "gh").rename(gh.bin / "gone")
    ran = gh.promote()
    assert (ran.code, ran.out) == (5, "")
    assert "MS523 origin: gh, the program of GitHub, is not installed" in ran.err
    assert "make a branch with --branch" in ran.err
    assert gh.pushed() is None


def test_a_token_that_opens_nothing_leaves_all_as_it_was(gh: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKEN", "other")
    ran = gh.promote()
    assert (ran.code, ran.out) == (5, "")
    assert "MS522 the remote origin refuses or does not answer: Authentication failed" in ran.err
    assert gh.told()["asked"] == []


def test_a_forge_that_refuses_the_push_says_why(gh: Team) -> None:
    hook = gh.made.bare / "hooks" / "update"
    hook.write_text("#!/bin/sh\necho no >&2\nexit 1\n")
    hook.chmod(0o755)
    ran = gh.promote()
    assert (ran.code, ran.out) == (5, "")
    assert "(hook declined)" in ran.err
    assert gh.told()["open"] == []


@pytest.mark.parametrize(
    "words, told",
    [
        (["--commit"], "--commit is the branch that is checked out, and --pull-request another one"),
        (["--base", "none"], "origin has no branch none"),
        (["--base=--x"], "origin has no branch --x"),
        (["--remote", "none"], "the repository has no remote none: it has origin"),
        (["--branch", "main"], "main is the branch that the pull request goes into"),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(gh: Team, words: list[str], told: str) -> None:
    ran = gh.promote(*words)
    assert (ran.code, ran.out) == (2, "")
    assert told in ran.err
    assert gh.pushed() is None


def test_a_rollback_is_proposed_with_the_history_of_the_remote(gh: Team) -> None:
    before = (gh.made.work / LOCK).read_text()
    gh.made.push({LOCK: begun(before)}, "Promote")
    ran = gh.run("rollback", "churn", "--env", "prod", "--pull-request", "--forge", "github")
    assert ran.code == 0, ran.err
    assert gh.lock("mlops-spec/churn/rollback-churn-6-prod") == before.strip()
    (opened,) = gh.told()["open"]
    assert opened["title"] == "Roll churn back in prod: version 6"


def test_what_the_base_has_already_is_not_proposed(gh: Team) -> None:
    assert gh.promote().code == 0
    gh.made.git("push", "--quiet", "origin", f"{gh.pushed()}:main", at=gh.made.work)
    for _ in range(3):
        gh.made.git("pull", "--quiet", "origin", "main")
        gh.run("rollout", "advance", "--env", "prod")
        gh.made.push({}, "Step")
    asked = len(gh.told()["asked"])
    ran = gh.promote()
    assert ran.code == 0, ran.err
    assert "prod churn is version 7 already" in ran.out
    assert len(gh.told()["asked"]) == asked


@pytest.mark.parametrize(
    "url, place",
    [
        ("https://github.com/growth/churn.git", Place("github.com", "growth/churn")),
        ("https://x-access-token:s3cret@github.com/growth/churn", Place("github.com", "growth/churn")),
        ("git@github.com:growth/churn.git", Place("github.com", "growth/churn")),
        ("ssh://git@ssh.github.com:443/growth/churn.git", Place("github.com", "growth/churn")),
        ("ssh://git@git.acme.example:2222/ml/growth/churn.git", Place("git.acme.example", "ml/growth/churn")),
        ("https://git.acme.example:8443/ml/growth/churn", Place("git.acme.example:8443", "ml/growth/churn")),
        ("/srv/git/churn.git", None),
        ("../churn.git", None),
        ("file:///srv/git/churn.git", None),
        ("https://github.com", None),
    ],
)
def test_the_address_of_a_remote_is_read_without_its_secrets(url: str, place: Place | None) -> None:
    assert place_of(url) == place
