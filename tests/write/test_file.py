"""One file of a user's own: the old content stands, or the new, and nothing else is left."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mlops_spec.write import file
from mlops_spec.write.failure import WriteFailed
from mlops_spec.write.file import put

ROOT = Path(__file__).parents[2]
STOPPED = """
import os, signal, sys
from pathlib import Path
from mlops_spec.write.file import put
from mlops_spec.write.interrupt import deferred

with deferred():
    os.kill(os.getpid(), signal.SIGTERM)
    put(Path(sys.argv[1]), b"one", None)
"""
FOR_EVER = """
import itertools, sys
from pathlib import Path
from mlops_spec.write.file import put

path, texts = Path(sys.argv[1]), (b"a" * 100_000, b"b" * 100_000)
print("ready", flush=True)
for turn in itertools.count():
    put(path, texts[(turn + 1) % 2], texts[turn % 2])
"""


def failure(path: Path, content: bytes, before: bytes | None) -> tuple[int, str]:
    with pytest.raises(WriteFailed) as raised:
        put(path, content, before)
    return raised.value.exit_code, raised.value.diagnostics[0].code


def test_a_file_is_made_and_replaced(tmp_path: Path) -> None:
    path = tmp_path / "mlops.yaml"
    put(path, b"one", None)
    put(path, b"two", b"one")
    assert path.read_bytes() == b"two"
    assert os.listdir(tmp_path) == ["mlops.yaml"]


def test_its_mode_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "mlops.yaml"
    path.write_bytes(b"one")
    path.chmod(0o640)
    put(path, b"two", b"one")
    assert path.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("before", [None, b"another"])
def test_what_changed_meanwhile_is_kept(tmp_path: Path, before: bytes | None) -> None:
    path = tmp_path / "mlops.yaml"
    path.write_bytes(b"mine")
    assert failure(path, b"new", before) == (6, "MS159")
    assert path.read_bytes() == b"mine"
    assert os.listdir(tmp_path) == ["mlops.yaml"]


def test_a_symlink_is_not_followed(tmp_path: Path) -> None:
    path = tmp_path / "mlops.yaml"
    (tmp_path / "elsewhere").write_bytes(b"mine")
    path.symlink_to("elsewhere")
    assert failure(path, b"new", b"mine") == (5, "MS154")
    assert (tmp_path / "elsewhere").read_bytes() == b"mine"


def test_a_folder_in_its_place_is_said(tmp_path: Path) -> None:
    (tmp_path / "mlops.yaml").mkdir()
    assert failure(tmp_path / "mlops.yaml", b"new", None) == (5, "MS155")


def test_a_full_disk_leaves_it_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, os.strerror(28))

    path = tmp_path / "mlops.yaml"
    path.write_bytes(b"one")
    monkeypatch.setattr(file.os, "fsync", full)
    assert failure(path, b"two", b"one") == (5, "MS155")
    assert path.read_bytes() == b"one"
    assert os.listdir(tmp_path) == ["mlops.yaml"]


def test_a_signal_before_the_end_leaves_it_as_it_was(tmp_path: Path) -> None:
    command = [sys.executable, "-c", STOPPED, str(tmp_path / "mlops.yaml")]
    done = subprocess.run(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (143, b"")
    assert os.listdir(tmp_path) == []


def test_a_kill_at_any_instant_leaves_the_old_content_or_the_new(tmp_path: Path) -> None:
    path = tmp_path / "mlops.yaml"
    path.write_bytes(b"a" * 100_000)
    for round_ in range(8):
        path.write_bytes(b"a" * 100_000)
        command = [sys.executable, "-c", FOR_EVER, str(path)]
        with subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE) as run:
            assert run.stdout is not None
            run.stdout.readline()
            with pytest.raises(subprocess.TimeoutExpired):
                run.wait(0.003 * round_ + 0.001)
            run.kill()
        assert path.read_bytes() in (b"a" * 100_000, b"b" * 100_000)
    content = path.read_bytes()
    put(path, b"at last", content)
    assert os.listdir(tmp_path) == ["mlops.yaml"]
