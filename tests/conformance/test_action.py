"""The action of this repository, as GitHub's schema takes it, and its script run as a runner does with the environment it makes."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.conftest import HELLO
from tests.conformance.conftest import named

pytestmark = pytest.mark.conformance
ROOT = Path(__file__).parents[2]
ACTION = ROOT / "action.yml"


class Workspace:
    """What a runner gives an action: a checkout, a folder for its work, and a file for its outputs."""

    def __init__(self, folder: Path) -> None:
        self.here, self.temporary = folder / "workspace", folder / "temporary"
        for each in (self.here, self.temporary):
            each.mkdir()
        (self.here / "mlops.yaml").write_text(HELLO)
        self.git("init", "--quiet")
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "Begin")

    def git(self, *words: str) -> None:
        me = {
            f"GIT_{role}_{what}": "ada@acme.example" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
        }
        subprocess.run(["git", *words], cwd=self.here, env={**os.environ, **me}, check=True)

    def run(self, **inputs: str) -> tuple[int, str, dict[str, str]]:
        """Run its steps; return how they ended, what they printed, and the outputs."""
        action: dict[str, Any] = yaml.safe_load(ACTION.read_text())
        given = {name: inputs.pop(name, str(said["default"])) for name, said in action["inputs"].items()}
        assert not inputs
        output = self.temporary / "output"
        output.write_text("")
        (step,) = action["runs"]["steps"]
        values = {
            name: given[text.removeprefix("${{ inputs.").removesuffix(" }}")] for name, text in step["env"].items()
        }
        environment = {
            **{name: os.environ[name] for name in ("PATH", "HOME", "PIP_INDEX_URL", "MLOPS_SPEC_CACHE") if name in os.environ},
            "GITHUB_ACTION_PATH": str(ROOT), "GITHUB_OUTPUT": str(output), "RUNNER_TEMP": str(self.temporary), **values,
        }  # fmt: skip
        command = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step["run"]]
        done = subprocess.run(command, cwd=self.here, env=environment, capture_output=True, text=True, check=False)
        told = dict(line.split("=", 1) for line in output.read_text().splitlines())
        return done.returncode, done.stdout + done.stderr, told


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path)


def test_the_published_schema_takes_it() -> None:
    check = named("MLOPS_SPEC_CI_PYTHON").with_name("check-jsonschema")
    command = [str(check), "--builtin-schema", "vendor.github-actions", str(ACTION)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_shellcheck_has_nothing_to_say() -> None:
    command = [str(named("MLOPS_SPEC_SHELLCHECK")), "-x", "--source-path=SCRIPTDIR", str(ROOT / ".ci" / "action")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_inputs_are_variables_and_no_part_of_a_script() -> None:
    action = yaml.safe_load(ACTION.read_text())
    (step,) = action["runs"]["steps"]
    assert "${{" not in step["run"]
    used = {re.fullmatch(r"\$\{\{ inputs\.([\w-]+) \}\}", text)[1] for text in step["env"].values()}  # type: ignore[index]
    assert used == {*action["inputs"]}


def test_lint_takes_what_is_right_and_annotates_what_is_not(workspace: Workspace) -> None:
    code, printed, told = workspace.run()
    assert (code, told["exit-code"]) == (0, "0"), printed
    (workspace.here / "mlops.yaml").write_text(f"{HELLO}wrong: 1\n")
    code, printed, told = workspace.run()
    assert (code, told["exit-code"]) == (1, "1")
    assert "\n::error file=mlops.yaml,line=" in f"\n{printed}"
    code, printed, told = workspace.run(format="sarif", path="mlops.yaml")
    assert json.loads(Path(told["report"]).read_text())["runs"]


def test_a_folder_is_rendered_and_then_checked(workspace: Workspace) -> None:
    code, printed, _ = workspace.run(command="check", out="a b")
    assert code == 1, printed
    code, printed, _ = workspace.run(command="render", out="a b", environments="default")
    assert code == 0, printed
    assert [path.name for path in (workspace.here / "a b").iterdir()] == ["default"]
    code, printed, _ = workspace.run(command="check", out="a b", environments="default")
    assert code == 0, printed


def test_a_diff_is_a_comment_in_a_file(workspace: Workspace) -> None:
    (workspace.here / "mlops.yaml").write_text(HELLO.replace("6h", "7h"))
    code, printed, told = workspace.run(command="diff")
    assert code == 0, printed
    assert "`pipelines.train.timeout`" in Path(told["report"]).read_text()
    assert "::stop-commands::" in printed


def test_nothing_that_is_checked_out_runs_or_is_a_command(workspace: Workspace) -> None:
    for name in ("yaml", "click", "venv", "pip", "mlops_spec", "sitecustomize", "json"):
        (workspace.here / f"{name}.py").write_text("raise SystemExit('evil')\n")
    hostile = "$(touch evil); `touch evil`"
    for inputs in (
        {},
        {"path": hostile},
        {"command": hostile},
        {"out": f"x{hostile}", "command": "check"},
        {"base": hostile, "command": "diff"},
        {"environments": f"{hostile} *"},
        {"path": "--help"},
    ):
        _, printed, _ = workspace.run(**inputs)
        assert "evil\n" not in printed.replace(hostile, "")
    assert not (workspace.here / "evil").exists()
    assert workspace.run(command="publish")[0] == 2
