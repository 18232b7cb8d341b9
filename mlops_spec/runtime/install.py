"""``install``: copies the runtime into a folder that another image shares, so that ``step`` can wrap its commands."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from mlops_spec.blueprint.contract import RUNTIME
from mlops_spec.runtime.program import Failed
from mlops_spec.runtime.whole import remove

_LONGEST = 120  # a kernel reads no more of a script's first line
_OURS = ".mlops-spec-runtime"
_LAUNCHER = """\
#!{python} -I
from mlops_spec.runtime.command import main

main(prog_name="{name}")
"""
_NEEDED = "import mlops_spec.runtime.step, mlops_spec.runtime.command, jsonschema_rs, obstore.store"


def install(folder: Path, source: Path | None = None) -> dict[str, Any]:
    """Copy the interpreter that is under this one, with what ``step`` needs, to a folder; tried before it counts.

    That interpreter (``sys.base_prefix``) runs wherever it is put. The program in the folder is
    ``bin/mlops-spec-runtime``, which works at this very path. What an earlier try left there is replaced.
    Raises Failed, also for a folder with anything else in it.
    """
    source = source or Path(sys.base_prefix)
    folder = Path(os.path.abspath(folder))
    python, launcher, ours = folder / "bin" / "python3", folder / "bin" / RUNTIME, folder / _OURS
    if len(str(python)) > _LONGEST or any(letter.isspace() or not letter.isprintable() for letter in str(python)):
        raise Failed(f"the path {folder} is too long, or has spaces: no script can name an interpreter in it")
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()) and not ours.is_file():
        raise Failed(f"the folder {folder} holds something that is not ours")
    ours.touch()
    for path in folder.iterdir():
        if path != ours:
            remove(path)
    try:
        shutil.copytree(source, folder, symlinks=True, dirs_exist_ok=True)
    except shutil.Error as problem:
        raise Failed(f"{source} cannot be copied to {folder}: {problem}") from None
    _tried(python)
    launcher.write_text(_LAUNCHER.format(python=python, name=RUNTIME), encoding="utf-8")
    launcher.chmod(0o755)
    return {"folder": str(folder), "command": str(launcher)}


def _tried(python: Path) -> None:
    """Raise Failed unless the copy runs by itself, with nothing of this machine's environment."""
    asked = [str(python), "-I", "-c", f"{_NEEDED}, json, sys; print(json.dumps(sys.prefix))"]
    done = subprocess.run(asked, env={}, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        why = done.stderr.strip().rpartition("\n")[2] or f"exit code {done.returncode}"
        raise Failed(f"the copy at {python} does not run: {why}")
    if Path(json.loads(done.stdout)).resolve() != python.parents[1].resolve():
        raise Failed(f"the copy at {python} is not one: it runs as {done.stdout.strip()}")
