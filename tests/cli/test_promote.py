"""``mlops-spec promote`` and ``rollback``: a version moves by an edit of its line in the lock, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.changed import changed
from tests.rollouts import begun

Git = Callable[..., str]
Mlops = Callable[..., Any]
SPEC, LOCK = Path("mlops.yaml"), Path("mlops.lock.yaml")


@pytest.fixture
def committed(churn: Path, git: Git) -> Path:
    """The example, committed to main: staging has version 7, prod 6."""
    git("add", "-A")
    git("commit", "-qm", "Spec")
    return churn


def lines(before: str, after: str) -> list[int]:
    """Return which lines differ."""
    one, other = before.splitlines(), after.splitlines()
    assert len(one) == len(other)
    return [number for number, (a, b) in enumerate(zip(one, other), 1) if a != b]


def edit(file: Path, old: str, new: str) -> None:
    file.write_text(changed(file.read_text(), (old, new)))


def test_prod_gets_the_version_of_staging_and_its_canary_begins(committed: Path, mlops: Mlops) -> None:
    before = LOCK.read_text()
    ran = mlops("promote", "churn", "--to", "prod")
    assert ran.code == 0
    assert "moves a canary" in ran.out
    assert lines(before, LOCK.read_text()) == [15]
    assert LOCK.read_text() == begun(before)
    assert mlops("lint").code == 0


@pytest.mark.long
def test_a_version_walks_from_staging_to_prod_and_back_by_one_line_each(
    committed: Path, mlops: Mlops, git: Git
) -> None:
    start = LOCK.read_text()
    mlops("promote", "churn", "--to", "prod", "--commit")
    for _ in range(3):
        mlops("rollout", "advance", "--env", "prod")
        git("commit", "-qam", "Step")
    live = LOCK.read_text()
    assert "rollout" not in live
    ran = mlops("rollback", "churn", "--env", "prod", "--commit")
    assert (ran.code, LOCK.read_text()) == (0, start)
    assert "restarts pods" in ran.out
    assert git("log", "-1", "--format=%s") == "Roll churn back in prod"
    assert (
        git("diff", "--stat", "HEAD~1")
        .splitlines()[-1]
        .strip()
        .startswith("1 file changed, 1 insertion(+), 1 deletion(-)")
    )
    assert mlops("rollback", "churn", "--env", "prod", "--to", "7").code == 0
    assert LOCK.read_text() == live


@pytest.mark.long
def test_a_rollback_during_a_rollout_ends_it_with_the_version_before(committed: Path, mlops: Mlops) -> None:
    start = LOCK.read_text()
    mlops("promote", "churn", "--to", "prod")
    assert mlops("rollback", "churn", "--env", "prod").code == 0
    assert LOCK.read_text() == start


def test_a_dry_run_says_all_and_writes_nothing(committed: Path, mlops: Mlops, git: Git) -> None:
    before = LOCK.read_text()
    ran = mlops("promote", "churn", "--to", "prod", "--dry-run", "--commit", "--format", "json")
    assert LOCK.read_text() == before
    assert git("status", "--porcelain") == ""
    told = json.loads(ran.out)
    assert (told["version"], told["written"], told["commit"]) == (7, False, None)
    assert {each["effect"] for each in told["changes"]["objects"]} >= {"canary"}


@pytest.mark.long
def test_a_commit_holds_the_lock_alone_and_leaves_other_work_where_it_is(
    committed: Path, mlops: Mlops, git: Git
) -> None:
    edit(SPEC, "timeout: 6h", "timeout: 7h")
    Path("staged").write_text("staged")
    git("add", "staged")
    assert mlops("promote", "churn", "--to", "prod", "--commit").code == 0
    assert git("show", "--format=%s", "--name-only") == "Promote churn to prod\n\nmlops.lock.yaml"
    assert sorted(git("status", "--porcelain").split()) == ["A", "M", "mlops.yaml", "staged"]


@pytest.mark.long
def test_a_branch_of_its_own_leaves_the_work_tree_alone(committed: Path, mlops: Mlops, git: Git) -> None:
    before = LOCK.read_text()
    assert mlops("promote", "churn", "--to", "prod", "--branch", "promote-churn").code == 0
    assert LOCK.read_text() == before
    assert git("show", "promote-churn:mlops.lock.yaml") == begun(before).strip()
    assert git("status", "--porcelain") == ""
    again = mlops("promote", "churn", "--to", "prod", "--branch", "promote-churn")
    assert again.code == 0
    assert git("rev-list", "--count", "main..promote-churn") == "1"


@pytest.mark.long
def test_a_branch_whose_lock_is_another_is_not_written_over(committed: Path, mlops: Mlops, git: Git) -> None:
    git("checkout", "-qb", "other")
    edit(LOCK, "# What can only", "# What may only")
    git("commit", "-qam", "Other")
    git("checkout", "-q", "main")
    tip = git("rev-parse", "other")
    ran = mlops("promote", "churn", "--to", "prod", "--branch", "other")
    assert (ran.code, ran.out) == (6, "")
    assert "mlops.lock.yaml has another content on other than the one that was edited" in ran.err
    assert git("rev-parse", "other") == tip


def test_what_is_there_already_changes_nothing(committed: Path, mlops: Mlops) -> None:
    edit(SPEC, "promotes_from: staging", "promotes_from: dev")
    ran = mlops("rollback", "churn", "--env", "staging", "--to", "7")
    assert ran.code == 6
    edit(LOCK, LOCK.read_text().splitlines()[14], LOCK.read_text().splitlines()[8])
    before = LOCK.read_text()
    ran = mlops("promote", "churn", "--to", "prod")
    assert (ran.code, LOCK.read_text()) == (0, before)
    assert "prod churn is version 8 already" in ran.out


@pytest.mark.parametrize(
    "file, old, new, arguments, code, words",
    [
        (SPEC, "", "", ["promote", "churn", "--to", "dev"], 2, "dev promotes from no environment"),
        (SPEC, "", "", ["promote", "chrun", "--to", "prod"], 2, "did you mean churn?"),
        (SPEC, "", "", ["promote", "churn", "--to", "pord"], 2, "did you mean prod?"),
        (
            SPEC,
            "state: planned",
            "state: running",
            ["promote", "churn", "--to", "prod"],
            6,
            "a test of churn is running in prod",
        ),
        (LOCK, "m-7", "m-7", ["rollback", "churn", "--env", "prod"], 6, "no commit here had another version than 6"),
        (LOCK, "m-7", "m-7", ["rollback", "churn", "--env", "prod", "--to", "5"], 6, "no commit here had version 5"),
    ],
)
def test_what_cannot_move_is_said_and_nothing_written(
    committed: Path, mlops: Mlops, file: Path, old: str, new: str, arguments: list[str], code: int, words: str
) -> None:
    if old:
        edit(file, old, new)
    before = LOCK.read_text()
    ran = mlops(*arguments)
    assert (ran.code, ran.out, LOCK.read_text()) == (code, "", before)
    assert words in ran.err


@pytest.mark.long
@pytest.mark.parametrize("environment", ["staging", "prod"])
def test_nothing_is_promoted_over_or_out_of_a_rollout(committed: Path, mlops: Mlops, environment: str) -> None:
    mlops("promote", "churn", "--to", "prod")
    if environment == "staging":
        text = LOCK.read_text()
        Path(LOCK).write_text(
            text.replace("  prod:", "  x:", 1).replace("  staging:", "  prod:", 1).replace("  x:", "  staging:", 1)
        )
    before = LOCK.read_text()
    ran = mlops("promote", "churn", "--to", "prod")
    assert (ran.code, ran.out, LOCK.read_text()) == (6, "", before)
    assert f"a rollout of churn is under way in {environment}" in ran.err


@pytest.mark.long
def test_a_first_version_comes_without_a_rollout(committed: Path, mlops: Mlops) -> None:
    lock = LOCK.read_text()
    LOCK.write_text(lock[: lock.index("  prod:\n")])
    ran = mlops("promote", "churn", "--to", "prod")
    assert ran.code == 0, ran.err
    assert "rollout" not in LOCK.read_text()
    assert "creates" in ran.out
    assert mlops("lint", "--env", "prod").code == 0


def test_a_version_that_would_bring_an_error_is_not_written(committed: Path, mlops: Mlops) -> None:
    edit(LOCK, '"s3://acme-ml/artifacts/1/models/m-7/artifacts"', '"mlflow-artifacts:/1/models/m-7/artifacts"')
    before = LOCK.read_text()
    ran = mlops("promote", "churn", "--to", "prod")
    assert (ran.code, ran.out, LOCK.read_text()) == (1, "", before)
    assert "nothing is written: the spec would have these errors with that version" in ran.err
