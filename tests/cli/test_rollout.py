"""``mlops-spec rollout``: the lock moved a step further or back, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.rollouts import begun

Mlops = Callable[..., Any]
LOCK = "mlops.lock.yaml"
LINE = f"{LOCK}:15:401"


@pytest.fixture
def before(churn: Path) -> str:
    """The example's lock as it was before the rollout that is under way in the current folder's production."""
    text = (churn / LOCK).read_text()
    (churn / LOCK).write_text(begun(text))
    return text


@pytest.fixture
def lock(churn: Path, before: str) -> Path:
    """The lock with the rollout."""
    return churn / LOCK


def changed(one: str, other: str) -> int:
    lines, others = one.splitlines(), other.splitlines()
    assert len(lines) == len(others)
    return sum(line != other for line, other in zip(lines, others))


def test_a_rollout_is_walked_line_by_line_to_its_end(lock: Path, before: str, mlops: Mlops) -> None:
    told = [
        "prod churn: step 2 of 3: version 7 gets 50 of 100 requests, 6 the others; next: 100 after 30m",
        "prod churn: step 3 of 3: version 7 gets 100 of 100 requests, 6 the others; next: done",
        "prod churn: version 7 is live",
    ]
    for line in told:
        was = lock.read_text()
        assert mlops("rollout", "advance", "--env", "prod") == (
            0,
            f"{LOCK}: {line}\n",
            "commit it; `mlops-spec publish` renders it\n",
        )
        assert changed(was, lock.read_text()) == 1
    assert changed(before, lock.read_text()) == 1
    assert "rollout" not in lock.read_text()


@pytest.mark.parametrize("steps", range(3))
def test_an_abort_restores_the_lock_byte_for_byte(steps: int, lock: Path, before: str, mlops: Mlops) -> None:
    for _ in range(steps):
        assert mlops("rollout", "advance", "churn", "--env", "prod").code == 0
    ran = mlops("rollout", "abort", "churn", "--env", "prod")
    assert (ran.code, ran.out) == (0, f"{LOCK}: prod churn: version 6 is live\n")
    assert lock.read_text() == before


def test_status_says_where_each_rollout_stands(lock: Path, mlops: Mlops) -> None:
    said = "prod churn: step 1 of 3: version 7 gets 10 of 100 requests, 6 the others; next: 50 after 10m"
    assert mlops("rollout", "status") == (0, f"{LINE}: {said}\n", "")
    assert mlops("rollout", "status", "churn", "--env", "prod", "--env", "dev").out == f"{LINE}: {said}\n"
    assert mlops("rollout", "status", "--env", "staging") == (0, "", "no rollout is under way\n")
    (found,) = json.loads(mlops("rollout", "status", "--format", "json").out)["rollouts"]
    assert found == {
        "environment": "prod",
        "model": "churn",
        "version": 7,
        "before": 6,
        "step": 0,
        "place": LINE,
        "steps": [{"weight": 10, "pause": "10m"}, {"weight": 50, "pause": "30m"}, {"weight": 100, "pause": None}],
    }


def test_the_spec_may_lie_elsewhere(lock: Path, mlops: Mlops, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(lock.parent.parent)
    ran = mlops("rollout", "advance", "--env", "prod", "--spec", "here")
    assert (ran.code, ran.out.partition(":")[0]) == (0, f"here/{LOCK}")
    assert "step: 1" in lock.read_text()


def test_a_dry_run_prints_the_diff_and_writes_nothing(lock: Path, mlops: Mlops) -> None:
    was = lock.read_text()
    code, out, err = mlops("rollout", "advance", "--env", "prod", "--dry-run")
    assert (code, err) == (
        0,
        "prod churn: step 2 of 3: version 7 gets 50 of 100 requests, 6 the others; next: 100 after 30m; nothing is written\n",
    )
    assert out.startswith(f"--- a/{LOCK}\n+++ b/{LOCK}\n@@ ")
    signs = [line[0] for line in out.splitlines()[3:]]
    assert sorted(signs) == [" ", " ", " ", "+", "-"]
    assert lock.read_text() == was


def test_json_says_what_it_is_now(lock: Path, mlops: Mlops) -> None:
    told = json.loads(mlops("rollout", "abort", "--env", "prod", "--dry-run", "--format", "json").out)
    assert {**told, "diff": ""} == {
        "environment": "prod",
        "model": "churn",
        "version": 6,
        "rollout": None,
        "file": LOCK,
        "written": False,
        "diff": "",
    }
    told = json.loads(mlops("rollout", "advance", "--env", "prod", "--format", "json").out)
    assert (told["written"], told["version"], told["rollout"]["step"]) == (True, 7, 1)
    assert told["diff"].count("\n-") == told["diff"].count("\n+") - 1 == 1


@pytest.mark.parametrize("command", ["advance", "abort"])
def test_where_nothing_is_under_way_nothing_is_moved(command: str, churn: Path, mlops: Mlops) -> None:
    code, out, err = mlops("rollout", command, "churn", "--env", "prod")
    assert (code, out) == (6, "")
    assert err.startswith(f"{LOCK}:15:7: error MS198 no rollout of churn is under way in prod\n")
    assert "rollout: {step: 0, from: {version: …, …}}" in err
    (churn / LOCK).unlink()
    assert "error MS198 no rollout is under way in dev" in mlops("rollout", command, "--env", "dev").err


def test_of_several_rollouts_one_is_named(lock: Path, mlops: Mlops) -> None:
    text = lock.read_text()
    line = text.splitlines()[-1]
    lock.write_text(f"{text}{line.replace('churn:', 'uplift:', 1)}\n")
    code, out, err = mlops("rollout", "abort", "--env", "prod")
    assert (code, out) == (2, "")
    assert (
        f"{LOCK}:14:5: error MS198 several rollouts are under way in prod\nhelp: name one of them: churn, uplift" in err
    )
    assert mlops("rollout", "abort", "uplift", "--env", "prod").code == 0
    assert lock.read_text().startswith(text)


@pytest.mark.parametrize("command", ["status", "advance", "abort"])
def test_a_name_that_is_none_offers_the_right_one(command: str, lock: Path, mlops: Mlops) -> None:
    assert (
        "MS193 models has no `chrun`\nhelp: did you mean churn?"
        in mlops("rollout", command, "chrun", "--env", "prod").err
    )
    assert (
        "MS191 no environment is named prd\nhelp: did you mean prod?" in mlops("rollout", command, "--env", "prd").err
    )


def test_a_fault_of_the_lock_is_said_at_its_line(lock: Path, mlops: Mlops) -> None:
    lock.write_text(lock.read_text().replace("step: 0", "step: first"))
    for command in ("status", "advance", "abort"):
        code, out, err = mlops("rollout", command, "--env", "prod")
        assert (code, out.strip()) == (1, "")
        assert f"{LOCK}:15:417: error MS1" in err


def test_a_running_test_holds_a_rollout_but_not_its_end(lock: Path, before: str, mlops: Mlops) -> None:
    spec = lock.parent / "mlops.yaml"
    spec.write_text(spec.read_text().replace("state: planned", "state: running"))
    was = lock.read_text()
    code, out, err = mlops("rollout", "advance", "--env", "prod")
    assert (code, out) == (1, "")
    assert "error MS148 a canary and a running test would both split the requests of one model" in err
    assert lock.read_text() == was
    assert mlops("rollout", "abort", "--env", "prod").code == 0
    assert lock.read_text() == before


def test_a_step_that_the_spec_lacks_can_only_be_left(lock: Path, before: str, mlops: Mlops) -> None:
    lock.write_text(lock.read_text().replace("step: 0", "step: 3"))
    code, out, err = mlops("rollout", "status")
    assert code == 1
    assert out == f"{LINE}: prod churn: step 4, which the spec lacks: version 7 takes over from 6\n"
    assert "error MS147" in err
    assert mlops("rollout", "advance", "--env", "prod").code == 1
    assert mlops("rollout", "abort", "--env", "prod").code == 0
    assert lock.read_text() == before


def test_a_line_that_stands_for_several_is_not_edited(lock: Path, mlops: Mlops) -> None:
    lock.write_text(was := lock.read_text().replace("rollout: {", "rollout: &here {"))
    code, out, err = mlops("rollout", "advance", "--env", "prod")
    assert (code, out) == (1, "")
    assert f"{LOCK}:15:410: error MS199 an anchor or alias stands here" in err
    assert lock.read_text() == was


def test_a_symlink_is_not_written_through(lock: Path, mlops: Mlops) -> None:
    real = lock.rename(lock.parent / "real.lock.yaml")
    lock.symlink_to(real.name)
    was = real.read_text()
    assert mlops("rollout", "advance", "--env", "prod").code == 5
    assert real.read_text() == was


@pytest.mark.parametrize("command", ["status", "advance", "abort"])
def test_every_subcommand_has_help_with_an_example(command: str, mlops: Mlops) -> None:
    assert f"Examples:\n    mlops-spec rollout {command}" in mlops("rollout", command, "--help").out
