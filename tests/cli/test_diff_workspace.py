"""``mlops-spec diff`` of many specs: one report, of those that differ and of those that came and went."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlops_spec.cli import diffing
from tests.cli.conftest import IMAGES, Command, team

Git = Callable[..., str]
A, B, C = (f"teams/{name}/mlops.yaml" for name in "abc")


def edit(path: str, old: str, new: str) -> None:
    text = Path(path).read_text()
    assert old in text
    Path(path).write_text(text.replace(old, new))


def changed(mlops: Command, *words: str) -> dict[str, set[str]]:
    ran = mlops("diff", "--format", "json", "--spec", "teams/*", *words)
    assert ran.code == 0, ran.err
    found: dict[str, set[str]] = {}
    for each in json.loads(ran.out)["objects"]:
        found.setdefault(each["spec"], set()).add(each["verb"])
    return found


def test_one_report_has_every_spec_that_differs(teams: Path, mlops: Command) -> None:
    edit(A, "6h", "7h")
    ran = mlops("diff", "--spec", "teams/*")
    assert ran.code == 0
    assert ran.out.startswith(f"## {A}\n{A}:7:5: pipelines.train.timeout: 6h -> 7h\n")
    assert "## " + B not in ran.out
    assert ran.err == "2 specs: 1 changed, 1 unchanged\n"
    assert mlops("diff", "--spec", "teams/a", "--spec", "teams/b") == ran
    markdown = mlops("diff", "--spec", "teams/*", "--format", "markdown").out
    assert "| `teams/a` | `default` | 1 |" in markdown
    assert mlops("diff", "--spec", "teams/*", "--exit-code").code == 1
    assert mlops("diff", "--spec", "teams/b*", "--exit-code").code == 0


def test_one_spec_by_its_name_is_as_ever(teams: Path, mlops: Command) -> None:
    edit(A, "6h", "7h")
    ran = mlops("diff", "--spec", "teams/a")
    assert ran.out.startswith(f"{A}:7:5: ")
    assert ran.err == ""


def test_a_layer_that_many_lie_on_is_one_cause(teams: Path, mlops: Command) -> None:
    (teams / "platform/images.yaml").write_text(IMAGES.replace("/hello", "/other"))
    assert changed(mlops) == {A: {"update"}, B: {"update"}}
    markdown = mlops("diff", "--spec", "teams/*", "--format", "markdown").out
    assert markdown.count("| `platform/images.yaml:2:11` |") == 1


@pytest.mark.long
def test_specs_come_and_go(teams: Path, mlops: Command, git: Git) -> None:
    shutil.rmtree(teams / "teams/b")
    (teams / "teams/c").mkdir()
    (teams / C).write_text(team("c"))
    assert changed(mlops) == {B: {"delete"}, C: {"create"}}
    git("add", "-A")
    git("commit", "-qm", "Other teams")
    assert changed(mlops) == {}
    assert changed(mlops, "HEAD~", "HEAD") == {B: {"delete"}, C: {"create"}}
    assert changed(mlops, "HEAD..HEAD~") == {B: {"create"}, C: {"delete"}}
    assert mlops("diff", "--spec", "teams/b*").code == 2
    edit(A, "6h", "7h")
    assert changed(mlops, "HEAD~") == {A: {"update"}, B: {"delete"}, C: {"create"}}


def test_only_specs_of_which_a_file_differs_are_compiled(
    teams: Path, mlops: Command, git: Git, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled: list[str] = []
    whole = diffing.compile_located

    def noted(located: Any, *arguments: Any, **options: Any) -> Any:
        compiled.append(located.root.name)
        return whole(located, *arguments, **options)

    monkeypatch.setattr(diffing, "compile_located", noted)
    edit("teams/a/mlops.lock.yaml", "4be1c7a0", "5be1c7a0")
    assert changed(mlops) == {A: {"update"}}
    assert compiled == ["a", "a"]
    git("commit", "-qam", "Lock")
    assert changed(mlops, "HEAD~...HEAD") == {A: {"update"}}
    assert compiled == ["a"] * 4
    assert changed(mlops, "HEAD~...HEAD", "--spec", "teams/b") == {A: {"update"}}
    assert compiled == ["a"] * 6


def test_a_spec_with_errors_holds_up_no_other(teams: Path, mlops: Command, git: Git) -> None:
    edit(A, "6h", "7h")
    edit(B, "{name: b}", "{name: -b}")
    ran = mlops("diff", "--spec", "teams/*")
    assert ran.code == 1
    assert ran.out.startswith(f"## {A}\n")
    assert f"{B}:2:17: error" in ran.err
    assert ran.err.endswith("2 specs: 1 changed, 1 with errors\n")
    git("commit", "-qam", "Broken")
    edit(B, "{name: -b}", "{name: b}")
    ran = mlops("diff", "--spec", "teams/*")
    assert ran.code == 1
    assert f"HEAD:{B}:2:17: error" in ran.err


def test_a_glob_in_a_folder_of_the_repository(
    teams: Path, mlops: Command, git: Git, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.rmtree(teams / "teams/b")
    edit(A, "6h", "7h")
    monkeypatch.chdir(teams / "teams")
    ran = mlops("diff", "--spec", "*", "--format", "json")
    assert {each["spec"] for each in json.loads(ran.out)["objects"]} == {"a/mlops.yaml", "b/mlops.yaml"}


def test_an_environment_that_none_of_them_has_is_said(teams: Path, mlops: Command) -> None:
    edit(A, "6h", "7h")
    ran = mlops("diff", "--spec", "teams/*", "--env", "prod")
    assert (ran.code, ran.out) == (2, "")
    assert "MS191" in ran.err
