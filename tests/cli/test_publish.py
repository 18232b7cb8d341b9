"""``mlops-spec publish``: which trees go to which branches."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def committed(churn: Path, git: Callable[..., str]) -> Path:
    """The example, committed to main."""
    git("add", "-A")
    git("commit", "-qm", "Spec")
    return churn


def folders(git: Callable[..., str], branch: str) -> set[str]:
    return {path.split("/")[1] for path in git("ls-tree", "-r", "--name-only", branch, "deploy/").splitlines()}


def test_prod_goes_to_a_branch_of_its_own_and_the_rest_to_main(
    committed: Path, git: Callable[..., str], mlops: Callable[..., Any]
) -> None:
    code, out, _ = mlops("publish")
    assert code == 0
    assert folders(git, "main") == {"dev", "staging", "project"}
    assert folders(git, "main-prod") == {"prod"}
    main, prod = out.splitlines()
    assert main.startswith(f"main: {git('rev-parse', 'main')[:10]}, ")
    assert prod.startswith(f"main-prod: {git('rev-parse', 'main-prod')[:10]}, ")
    assert main.endswith(" written, 0 deleted")
    assert git("log", "-1", "--format=%s", "main") == "Render dev, project, staging of churn"
    assert git("log", "-1", "--format=%s", "main-prod") == "Render prod of churn"


def test_a_branch_may_be_named(committed: Path, git: Callable[..., str], mlops: Callable[..., Any]) -> None:
    before = git("rev-parse", "main")
    assert mlops("publish", "--branch", "preview").code == 0
    assert folders(git, "preview") == {"dev", "staging", "project"}
    assert folders(git, "preview-prod") == {"prod"}
    assert git("rev-parse", "main") == before


def test_publishing_again_says_that_all_is_up_to_date(
    committed: Path, git: Callable[..., str], mlops: Callable[..., Any]
) -> None:
    mlops("publish")
    assert mlops("publish").out == "main: up to date\nmain-prod: up to date\n"


def test_one_environment_leaves_the_others_as_they_are(
    committed: Path, git: Callable[..., str], mlops: Callable[..., Any]
) -> None:
    mlops("publish")
    spec = committed / "mlops.yaml"
    spec.write_text(spec.read_text().replace("timeout: 6h", "timeout: 7h"))
    _, out, _ = mlops("publish", "--env", "dev")
    assert out.endswith(", 1 written, 0 deleted\n")
    changed = git("diff", "--name-only", "main~1", "main")
    assert changed == "deploy/dev/pipelines/workflowtemplate-train.yaml"


def test_the_tree_is_that_of_render(committed: Path, git: Callable[..., str], mlops: Callable[..., Any]) -> None:
    mlops("publish")
    mlops("render", "--out", "../out")
    for path in (committed.parent / "out" / "prod").rglob("*.yaml"):
        there = path.relative_to(committed.parent / "out")
        assert git("show", f"main-prod:deploy/{there}") == path.read_text().strip()


def test_a_spec_in_a_folder_is_published_to_the_root_of_its_repository(
    hello: Path, git: Callable[..., str], mlops: Callable[..., Any]
) -> None:
    (hello / "team").mkdir()
    (hello / "mlops.yaml").rename(hello / "team/mlops.yaml")
    git("add", "-A")
    git("commit", "-qm", "Spec")
    assert mlops("publish", "team").code == 0
    assert "default" in folders(git, "main")


def test_without_a_repository_nothing_is_published(hello: Path, mlops: Callable[..., Any]) -> None:
    code, out, err = mlops("publish")
    assert (code, out) == (6, "")
    assert "there is no Git repository to publish to" in err


def test_json_has_the_whole_commit(committed: Path, git: Callable[..., str], mlops: Callable[..., Any]) -> None:
    _, out, _ = mlops("publish", "--format", "json")
    main, prod = json.loads(out)
    assert (main["branch"], main["commit"]) == ("main", git("rev-parse", "main"))
    assert (prod["branch"], prod["commit"]) == ("main-prod", git("rev-parse", "main-prod"))
