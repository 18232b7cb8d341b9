"""The runtime's Dockerfile, as Docker's own parser and a linter of such files read it; nothing here can build it."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.conformance

ROOT = Path(__file__).parents[2]
FILE = ROOT / "images" / "runtime" / "Dockerfile"
READ = (
    "import dockerfile, json, sys; print(json.dumps([line._asdict() for line in dockerfile.parse_file(sys.argv[1])]))"
)


@pytest.fixture(scope="module")
def python() -> Path:
    found = os.environ.get("MLOPS_SPEC_DOCKERFILE_PYTHON")
    if not found:
        pytest.skip("MLOPS_SPEC_DOCKERFILE_PYTHON names no Python")
    return Path(found)


@pytest.fixture(scope="module")
def lines(python: Path) -> list[dict[str, Any]]:
    done = subprocess.run([str(python), "-c", READ, str(FILE)], capture_output=True, text=True, check=True)
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def said(lines: list[dict[str, Any]], instruction: str) -> list[str]:
    return [" ".join(line["value"]) for line in lines if line["cmd"].lower() == instruction]


def test_a_linter_has_nothing_to_say(python: Path) -> None:
    done = subprocess.run([str(python.with_name("hadolint")), str(FILE)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_nothing_is_built_on_what_nobody_named(lines: list[dict[str, Any]]) -> None:
    arguments = said(lines, "arg")
    assert {"BASE", "PYTHON_URL", "PYTHON_SHA256"} == set(arguments), "an argument with a default has a = in it"
    assert {image.split()[0] for image in said(lines, "from")} == {"${BASE}"}
    assert any('"${BASE}" in *@sha256:*' in command for command in said(lines, "run"))
    (added,) = [line for line in lines if line["cmd"].lower() == "add"]
    assert added["flags"] == ["--checksum=sha256:${PYTHON_SHA256}"]


def test_all_packages_are_locked_and_no_cache_stays(lines: list[dict[str, Any]]) -> None:
    installs = [part for command in said(lines, "run") for part in re.split("&&", command) if "pip install" in part]
    assert len(installs) == 4
    for install in installs:
        assert "--no-cache-dir" in install
        assert "--no-deps" in install
        assert "--require-hashes" in install or "--no-index" in install


def test_what_is_copied_exists_and_who_runs_is_not_root(lines: list[dict[str, Any]]) -> None:
    for line in (line for line in lines if line["cmd"].lower() == "copy" and not line["flags"]):
        for source in line["value"][:-1]:
            assert source.startswith("dist/") or (ROOT / source).is_file(), source
    (user,) = said(lines, "user")
    assert int(user.split(":")[0]) > 0
    assert lines[-1]["value"] == ["mlops-spec-runtime"]
