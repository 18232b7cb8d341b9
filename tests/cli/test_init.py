"""``mlops-spec init``: each starter becomes a spec that lints clean, and nothing is ever overwritten."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from mlops_spec import assets
from mlops_spec.cli.starting import STARTERS

ROOT = Path(__file__).parents[2]
ANSWERS = {
    "--name": "churn",
    "--repository": "https://git.acme.example/growth/churn.git",
    "--image": "registry.acme.example/growth/churn",
    "--store": "s3://acme-ml/churn",
}
TOLD = {"MS130", "MS131", "MS140", "MS146"}
Mlops = Callable[..., Any]


def begun(mlops: Mlops, *arguments: str, **changed: str) -> Any:
    answers = {**ANSWERS, **{f"--{key}": value for key, value in changed.items()}}
    return mlops("init", *arguments, "--yes", *(word for pair in answers.items() for word in pair))


def test_the_starters_are_the_files() -> None:
    assert {path.stem for path in assets.STARTERS.iterdir()} == set(STARTERS)


@pytest.mark.parametrize("name", STARTERS)
def test_a_starter_is_short_and_says_what_is_to_be_decided(name: str) -> None:
    lines = (assets.STARTERS / f"{name}.yaml").read_text().splitlines()
    assert 10 <= len([line for line in lines if line and not line.startswith("#")]) <= 50
    assert sum("#" in line for line in lines) >= 8
    assert max(map(len, lines)) <= 140


@pytest.mark.parametrize("name", STARTERS)
def test_what_a_starter_becomes_lints_clean_and_renders(name: str, here: Path, mlops: Mlops) -> None:
    assert begun(mlops, "--template", name).code == 0
    code, out, _ = mlops("lint", "--format", "json")
    assert code == 0
    assert {problem["code"] for problem in json.loads(out)["diagnostics"]} <= TOLD
    assert mlops("render", "--out", "deploy").code == 0
    assert (here / "deploy" / "dev" / "kustomization.yaml").is_file()


@pytest.mark.parametrize("name", STARTERS)
def test_the_answers_stand_in_the_spec_and_nothing_is_left_open(name: str, here: Path, mlops: Mlops) -> None:
    begun(mlops, "--template", name, name="credit-risk")
    text = (here / "mlops.yaml").read_text()
    assert not re.search(r"__[A-Z]+__", text)
    data = yaml.safe_load(text)
    assert data["project"] == {"name": "credit-risk", "repository": ANSWERS["--repository"]}
    assert list(data["models"]) == ["credit-risk"]


@pytest.mark.parametrize("folder", [".", "ml/churn risk"])
def test_it_ends_with_three_commands_that_work(folder: str, here: Path, mlops: Mlops) -> None:
    _, out, err = begun(mlops, folder)
    assert err == ""
    first, then, *commands = out.splitlines()
    assert first.startswith("wrote ")
    assert then == "next:"
    assert len(commands) == 3
    for command in commands:
        line = command.replace("mlops-spec", f'"{sys.executable}" -m mlops_spec', 1)
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        assert (
            subprocess.run(line, shell=True, cwd=here, env=environment, capture_output=True, check=False).returncode
            == 0
        ), line


@pytest.mark.parametrize("name", STARTERS)
@pytest.mark.parametrize("folder, path", [(".", None), ("teams/risk", "teams/risk/deploy"), ("ml/churn risk", None)])
def test_a_spec_below_the_root_has_a_folder_of_its_own(
    name: str, folder: str, path: str | None, here: Path, mlops: Mlops
) -> None:
    subprocess.run(["git", "init", "-q", str(here)], check=True)
    begun(mlops, folder, "--template", name)
    data = yaml.safe_load((here / folder / "mlops.yaml").read_text())
    assert data.get("platform", {}).get("delivery") == ({"path": path} if path else None)
    assert mlops("fmt", folder, "--check").code == 0


def test_json_says_what_was_written_and_what_comes_next(here: Path, mlops: Mlops) -> None:
    told = json.loads(begun(mlops, "--format", "json").out)
    assert told["written"] == ["mlops.yaml", ".gitignore"]
    assert told["next"][0] == "mlops-spec lint"


@pytest.mark.parametrize(
    "before, after",
    [
        (None, ".mlops-spec/\n"),
        ("*.pyc", "*.pyc\n.mlops-spec/\n"),
        ("*.pyc\n", "*.pyc\n.mlops-spec/\n"),
        ("", ".mlops-spec/\n"),
        ("dist/\n.mlops-spec/\n*.pyc\n", "dist/\n.mlops-spec/\n*.pyc\n"),
    ],
)
def test_gitignore_gets_its_line_once(before: str | None, after: str, here: Path, mlops: Mlops) -> None:
    if before is not None:
        (here / ".gitignore").write_text(before)
    assert begun(mlops).code == 0
    assert (here / ".gitignore").read_text() == after


@pytest.mark.parametrize("kind", ["file", "symlink", "folder"])
def test_what_is_there_is_never_overwritten(kind: str, here: Path, mlops: Mlops) -> None:
    spec = here / "mlops.yaml"
    {"file": lambda: spec.write_text("mine"), "symlink": lambda: spec.symlink_to("x"), "folder": spec.mkdir}[kind]()
    before = spec.lstat()
    code, out, err = begun(mlops)
    assert (code, out) == (6, "")
    assert "MS197 mlops.yaml is there already, and is not overwritten\nhelp: begin in another folder" in err
    assert spec.lstat() == before
    assert os.listdir(here) == ["mlops.yaml"]


def test_a_folder_that_cannot_be_made_is_said(here: Path, mlops: Mlops) -> None:
    (here / "file").write_text("")
    code, _, err = begun(mlops, "file/churn")
    assert code == 5
    assert "MS155" in err


def test_the_name_is_that_of_the_folder_and_the_repository_its_origin(mlops: Mlops, git: Any, here: Path) -> None:
    git("remote", "add", "origin", "https://ada:hunter2@git.acme.example/growth/churn.git")
    answers = ["--store", "s3://acme-ml/churn", "--image", "registry.acme.example/growth/churn"]
    assert mlops("init", "2 Churn_Risk", "--yes", *answers).code == 0
    text = (here / "2 Churn_Risk" / "mlops.yaml").read_text()
    assert yaml.safe_load(text)["project"] == {
        "name": "churn-risk", "repository": "https://git.acme.example/growth/churn.git",
    }  # fmt: skip
    assert "hunter2" not in text


@pytest.mark.parametrize(
    "missing", [["--repository"], ["--image"], ["--store"], ["--repository", "--image", "--store"]]
)
def test_where_nobody_can_be_asked_all_that_is_missing_is_named(missing: list[str], here: Path, mlops: Mlops) -> None:
    answers = [word for key, value in ANSWERS.items() if key not in missing for word in (key, value)]
    code, out, err = mlops("init", *answers)
    assert (code, out) == (2, "")
    names = " or the ".join(key.removeprefix("--") for key in missing)
    examples = " ".join(f"{key} {ANSWERS[key]}" for key in missing)
    assert f"nothing says the {names}; give it, such as {examples}\n" in err
    assert os.listdir(here) == []


@pytest.mark.parametrize(
    "key, answer, told",
    [
        ("name", "Churn", "is not a name of lower-case letters"),
        ("repository", "growth/churn", "is not the address of a Git repository"),
        ("image", "Registry/Churn", "is not an image's registry and name"),
        ("store", "acme-ml", "is not a URI"),
        ("store", "s3://a{b}, c: d", "holds a character that YAML would need quotes for"),
        ("store", "s3://a/${{ run.id }}", "holds a character that YAML would need quotes for"),
    ],
)
def test_an_answer_that_its_field_cannot_hold_is_refused(
    key: str, answer: str, told: str, here: Path, mlops: Mlops
) -> None:
    code, out, err = begun(mlops, **{key: answer})
    assert (code, out) == (2, "")
    assert f"--{key}: " in err
    assert told in err
    assert os.listdir(here) == []


def test_a_name_too_long_for_what_is_made_of_it_is_refused_before_anything_is_written(here: Path, mlops: Mlops) -> None:
    code, _, err = begun(mlops, name="a" * 60)
    assert code == 1
    assert "is longer than 63 characters" in err
    assert os.listdir(here) == []


def test_on_a_terminal_it_asks_again_until_the_answer_fits(here: Path) -> None:
    ours, theirs = pty.openpty()
    typed = ["monitor", "", "growth/churn", ANSWERS["--repository"], ANSWERS["--store"]]
    os.write(ours, "".join(f"{line}\n" for line in typed).encode())
    command = [sys.executable, "-m", "mlops_spec", "init", "churn"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, cwd=here, env=environment, stdin=theirs, capture_output=True, text=True, timeout=60, check=False
    )
    os.close(theirs)
    os.close(ours)
    assert done.returncode == 0, done.stderr
    assert "is not the address of a Git repository" in done.stderr
    data = yaml.safe_load((here / "churn" / "mlops.yaml").read_text())
    assert data["project"] == {"name": "churn", "repository": ANSWERS["--repository"]}
    assert list(data["monitors"]) == ["churn-quality"]
