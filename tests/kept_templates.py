"""Compiled templates, kept for a whole run of the tests as a user's folder keeps them: they are most of a small compile.

What compiles them is tried with no folder, and with one of its own, in ``tests/render``; from there on only what they
print matters.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from mlops_spec import compiler
from mlops_spec.render.environment import Templates

_CACHE = "MLOPS_SPEC_TESTS_CACHE"
"""The workers of a run have the variable from the process that started them, and so share one folder."""


def cache() -> Path:
    """Return the folder that a process is given as XDG_CACHE_HOME."""
    return Path(os.environ[_CACHE])


def templates() -> Path:
    """Return the folder below it that commands keep compiled templates in."""
    return cache() / "mlops-spec" / "templates"


class _Kept(Templates):
    def __init__(
        self, folders: Sequence[Path] | Mapping[str, str], *, traced: bool = False, cache: Path | None = None
    ) -> None:
        super().__init__(folders, traced=traced, cache=cache or templates())


def pytest_configure(config: pytest.Config) -> None:
    """Let every compile of this run, whatever its options, take templates from the one folder."""
    if not hasattr(config, "workerinput"):
        folder = tempfile.TemporaryDirectory(prefix="mlops-spec-tests-")
        os.environ[_CACHE] = folder.name
        config.add_cleanup(folder.cleanup)
    compiler.Templates = _Kept  # type: ignore[misc]
