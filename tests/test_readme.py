"""The README's tour: each command block is executed, and its output compared.

``MLOPS_SPEC_UPDATE=1`` writes what came out into the README instead.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
BLOCK = re.compile(r"```console\n(.*?)```", re.DOTALL)
HASH = re.compile(r"\b[0-9a-f]{10}\b")


def run(command: str, folder: Path) -> str:
    environment = {
        "PATH": f"{folder / 'bin'}:{os.environ['PATH']}", "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1",
        "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8",
    }  # fmt: skip
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    return HASH.sub("0" * 10, done.stdout)


def clone(folder: Path) -> None:
    """Make a repository with the examples in it, and the command on the path."""
    shutil.copytree(ROOT / "examples", folder / "examples")
    (folder / "bin").mkdir()
    command = folder / "bin" / "mlops-spec"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m mlops_spec "$@"\n')
    command.chmod(0o755)
    setup = "git init -q -b main && git config user.name Ada && git config user.email ada@acme.example && git add examples && git commit -qm Start"
    assert run(setup, folder) == ""


def played(block: str, folder: Path) -> str:
    """Run a block's commands; return the block with what they print."""
    commands = [line for line in block.splitlines() if line.startswith("$ ")]
    return "".join(f"{command}\n{run(command[2:], folder)}" for command in commands)


def test_the_tour_is_true(tmp_path: Path) -> None:
    clone(tmp_path)
    text = README.read_text("utf-8")
    new = BLOCK.sub(lambda found: f"```console\n{played(found.group(1), tmp_path)}```", text)
    if os.environ.get("MLOPS_SPEC_UPDATE"):
        README.write_text(new, "utf-8")
    assert new == text


def test_what_is_said_of_the_minimal_example_is_true() -> None:
    text = README.read_text("utf-8")
    from tests.golden_trees import compiled

    tree = compiled(ROOT / "examples" / "minimal").tree
    shown = text.split("```\ndefault/", 1)[1].split("```", 1)[0]
    assert sorted(Path(path).name for path in tree) == sorted(re.findall(r"[A-Za-z0-9.-]+\.(?:yaml|md)", shown))
