"""Same input, same bytes, whatever the process is started with."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

OTHERS: dict[str, dict[str, str]] = {
    "hash seed": {"PYTHONHASHSEED": "4711"},
    "locale": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "time zone": {"TZ": "Pacific/Kiritimati"},
}


@pytest.fixture
def stream(hello: Path, process: Callable[..., Any]) -> tuple[bytes, bytes]:
    """What a process prints about a spec that has more than ASCII in it."""
    text = (hello / "mlops.yaml").read_text().replace("{name: hello}", "{name: hello, description: Grüße, 你好}")
    (hello / "mlops.yaml").write_text(text, encoding="utf-8")
    return rendered(process, hello)


def rendered(process: Callable[..., Any], cwd: Path, path: str = ".", **variables: str) -> tuple[bytes, bytes]:
    stream = process("render", path, "--out", "-", cwd=cwd, **variables)
    values = process("show", path, "--resolved", "--format", "json", "project", cwd=cwd, **variables)
    assert (stream.returncode, values.returncode) == (0, 0), stream.stderr
    return stream.stdout, values.stdout


@pytest.mark.parametrize("what", OTHERS)
def test_the_environment_changes_nothing(
    what: str, hello: Path, stream: tuple[bytes, bytes], process: Callable[..., Any]
) -> None:
    assert rendered(process, hello, **OTHERS[what]) == stream


def test_the_current_folder_changes_no_manifest(
    hello: Path, stream: tuple[bytes, bytes], process: Callable[..., Any]
) -> None:
    assert b"mlops-spec.dev/source: mlops.yaml#" in stream[0] or b'source: "mlops.yaml#' in stream[0]
    assert rendered(process, hello.parent, "here")[0] == stream[0]
    assert rendered(process, Path("/"), str(hello))[0] == stream[0]


def test_where_the_spec_lies_changes_no_manifest(
    hello: Path, stream: tuple[bytes, bytes], process: Callable[..., Any]
) -> None:
    moved = hello.parent / "else where"
    shutil.move(hello, moved)
    assert rendered(process, moved)[0] == stream[0]
