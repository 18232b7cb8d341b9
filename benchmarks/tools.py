"""The other tools: built once from their Go modules, or taken from where the user has them."""

from __future__ import annotations

import os
import shutil
import subprocess

from benchmarks.measure import CHECKOUT

_MODULES = {"helm": "benchmarks/tools", "kustomize": "tests/conformance/tools"}


def find() -> dict[str, str]:
    """Return the tools that can be had, by name: those that ``MLOPS_SPEC_<NAME>`` names, and what ``go`` can build."""
    given = {name: path for name in _MODULES if (path := os.environ.get(f"MLOPS_SPEC_{name.upper()}"))}
    if shutil.which("go") is None:
        return given
    return {name: given.get(name) or _built(name, folder) for name, folder in _MODULES.items()}


def _built(name: str, folder: str) -> str:
    command = ["bash", "-c", 'source .ci/environment; go_tools "$1" "$2"', "bash", name, folder]
    done = subprocess.run(command, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True, check=True)
    return f"{done.stdout.strip()}/{name}"
