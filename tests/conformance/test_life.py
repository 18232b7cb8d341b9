"""The life of the example churn, replayed by its own script: trained here, and from then on commits of a line."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.conformance.conftest import named
from tests.conformance.mlflow_server import served
from tests.conformance.stores import bucket

pytestmark = [pytest.mark.conformance, pytest.mark.xdist_group("run")]

ROOT = Path(__file__).parents[2]


def test_a_life_is_commits_of_a_line(tmp_path: Path) -> None:
    python = str(named("MLOPS_SPEC_RUNTIME_PYTHON"))
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, module in (("mlops-spec", "mlops_spec"), ("mlops-spec-runtime", "mlops_spec.runtime"), ("python", "")):
        (programs / name).write_text(f'#!/bin/sh\nexec "{python}" {f"-m {module}" if module else ""} "$@"\n')
        (programs / name).chmod(0o755)
    (tmp_path / "mlflow").mkdir()
    with served(python, tmp_path / "mlflow") as server, bucket("acme", tmp_path / "moto.log") as store:
        pip = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_"))}
        environment = {
            **pip, **store, "PATH": f"{programs}:{os.environ['PATH']}", "HOME": os.environ.get("HOME", "/"), "PYTHONPATH": str(ROOT),
            "TRACKING": server.uri, "ARTIFACTS": "s3://acme/churn", "BASE": f"sha256:{'4b' * 32}",
        }  # fmt: skip
        script = ROOT / "examples" / "churn" / "life.sh"
        done = subprocess.run(
            ["sh", str(script), str(tmp_path / "churn")], env=environment, capture_output=True, text=True, check=False
        )
    assert done.returncode == 0, done.stdout + done.stderr
    told = [line.removeprefix("life: ").split() for line in done.stdout.splitlines() if line.startswith("life: ")]
    # What was said, how many lines that added to the lock and took from it, and which version is the champion.
    assert [(" ".join(words[:-5]), *map(int, words[-5:-3]), words[-1]) for words in told] == [
        ("Try what was registered last in dev", 5, 0, "none"),
        ("Promote churn to staging", 3, 0, "none"),
        ("Promote churn to prod", 3, 0, "1"),
        ("Try what was registered last in dev", 1, 1, "1"),
        ("Promote churn to staging", 1, 1, "1"),
        ("Promote churn to prod", 1, 1, "1"),
        ("Give the new churn half of the requests in prod", 1, 1, "1"),
        ("Give the new churn all requests in prod", 1, 1, "1"),
        ("Give the new churn its place in prod", 1, 1, "2"),
        ("Roll churn back in prod", 1, 1, "1"),
    ]
