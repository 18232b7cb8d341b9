"""A wrapped command finds its inputs, leaves outputs that are kept, and is otherwise as if nobody wrapped it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PYTHON = sys.executable
PROGRAM = (PYTHON, "-m", "mlops_spec.runtime", "step")


def environment() -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "OWN": "a $(b) {{c}}"}


def told(**lists: list[dict[str, Any]]) -> str:
    return json.dumps({"inputs": [], "outputs": [], **lists})


def step(configuration: str, *words: str | bytes, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = (*PROGRAM, configuration, *words)
    return subprocess.run(command, env=environment(), input=stdin, capture_output=True, check=False)


def said(done: subprocess.CompletedProcess[bytes]) -> dict[str, Any]:
    """Return what we said: the last line of stderr."""
    found: dict[str, Any] = json.loads(done.stderr.splitlines()[-1])
    assert found.pop("program") == "step"
    return found


def python(code: str, *words: str) -> tuple[str, ...]:
    return ("--", PYTHON, "-c", code, *words)


def test_inputs_are_brought_and_outputs_kept_and_a_retry_takes_their_place(tmp_path: Path) -> None:
    (tmp_path / "table").write_bytes(b"1,2\n")
    inputs, outputs = tmp_path / "in", tmp_path / "out"
    configuration = told(
        inputs=[{"to": f"{inputs}/table"}, {"to": f"{inputs}/regions", "content": True}],
        outputs=[{"from": f"{outputs}/model"}, {"from": f"{outputs}/metrics"}],
    )
    values = (
        f"file:{tmp_path}/table",
        '["s3://a","--"]\n\r\n',
        f"file:{tmp_path}/kept/model",
        f"file:{tmp_path}/kept/m",
    )
    code = f"""
import pathlib, sys
table = pathlib.Path("{inputs}/table").read_bytes() + pathlib.Path("{inputs}/regions").read_bytes()
folder = pathlib.Path("{outputs}/model")
folder.mkdir()
(folder / sys.argv[1]).write_bytes(table)
pathlib.Path("{outputs}/metrics").write_text("{{}}")
"""
    for name in ("first", "second"):
        done = step(configuration, *values, *python(code, name))
        assert done.returncode == 0, done.stderr
        found = said(done)
        assert [one["uri"] for one in found["outputs"]] == list(values[2:])
        assert found["inputs"][0] == {"to": f"{inputs}/table", "uri": values[0], "files": 1, "bytes": 4}
        assert [path.name for path in (tmp_path / "kept" / "model").iterdir()] == [name]
        assert (tmp_path / "kept" / "model" / name).read_bytes() == b'1,2\n["s3://a","--"]\n\r\n'
    assert (tmp_path / "kept" / "m").read_text() == "{}"


def test_streams_words_and_variables_are_the_commands_own(tmp_path: Path) -> None:
    code = """
import os, sys
sys.stdout.buffer.write(sys.stdin.buffer.read() + os.environb[b"OWN"] + b"|".join(map(os.fsencode, sys.argv[1:])))
sys.stderr.write("heard\\n")
"""
    words = ("--", "--config", "", "$(x)", "é\n")
    done = step(told(), *python(code, *words), stdin=b"\xffin")
    assert (done.returncode, done.stdout) == (0, b"\xffin" + b"a $(b) {{c}}" + "--|--config||$(x)|é\n".encode())
    assert done.stderr.startswith(b"heard\n")
    assert len(done.stderr.splitlines()) == 2


def test_a_value_may_be_any_text(tmp_path: Path) -> None:
    for text in ("--", "-x", "--config", "", "{{a}}", "é"):
        done = step(
            told(inputs=[{"to": f"{tmp_path}/x", "content": True}]),
            text,
            *python(f"print(open('{tmp_path}/x').read())"),
        )
        assert (done.returncode, done.stdout) == (0, f"{text}\n".encode())
    raw = b"\xff\xfe"
    done = step(told(inputs=[{"to": f"{tmp_path}/x", "content": True}]), raw, "--", "cat", f"{tmp_path}/x")
    assert done.stdout == raw


@pytest.mark.parametrize("command, code, error", [
    (("--", "sh", "-c", "exit 41"), 41, "the command ended with 41"),
    (("--", "sh", "-c", "kill -9 $$"), 137, "the command ended with 137"),
    (("--", "no-such-command"), 127, "there is no command no-such-command"),
    (("--", "/"), 126, "the command / cannot be started"),
    (("--",), 2, "need as many values"),
    ((), 2, "need as many values"),
    (("true",), 2, "need as many values"),
    (("surplus", "--", "true"), 2, "need as many values"),
])  # fmt: skip
def test_the_exit_code_is_the_commands_own(command: tuple[str, ...], code: int, error: str) -> None:
    done = step(told(), *command)
    assert (done.returncode, done.stdout) == (code, b"")
    assert error in said(done)["error"]


def test_nothing_is_kept_of_a_command_that_fails_or_leaves_less_than_it_should(tmp_path: Path) -> None:
    configuration = told(outputs=[{"from": f"{tmp_path}/{name}"} for name in ("a", "b", "c")])
    values = [f"file:{tmp_path}/kept/{name}" for name in "abc"]
    (tmp_path / "b").write_text("of an earlier try")
    done = step(configuration, *values, "--", "sh", "-c", f"echo > {tmp_path}/a; mkdir {tmp_path}/c")
    assert done.returncode == 1
    assert said(done)["missing"] == [f"{tmp_path}/b", f"{tmp_path}/c"]
    done = step(configuration, *values, "--", "sh", "-c", f"echo > {tmp_path}/a; echo > {tmp_path}/b; exit 3")
    assert done.returncode == 3
    assert not (tmp_path / "kept").exists()


def test_a_command_does_not_run_without_its_inputs(tmp_path: Path) -> None:
    configuration = told(inputs=[{"to": f"{tmp_path}/x"}])
    (tmp_path / "x").write_text("of an earlier try")
    done = step(configuration, f"file:{tmp_path}/absent", "--", "touch", f"{tmp_path}/ran")
    assert done.returncode == 1
    assert "there is nothing at" in said(done)["error"]
    assert list(tmp_path.iterdir()) == []


def test_an_output_that_cannot_be_kept_fails_the_step(tmp_path: Path) -> None:
    done = step(told(outputs=[{"from": f"{tmp_path}/x"}]), "http://127.0.0.1:9/x", "--", "touch", f"{tmp_path}/x")
    assert done.returncode == 1
    assert f"{tmp_path}/x cannot be kept" in said(done)["error"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGUSR1])
def test_signals_reach_the_command(number: signal.Signals, tmp_path: Path) -> None:
    code = f"""
import signal, sys, time
signal.signal({int(number)}, lambda *_: sys.exit(7))
print("ready", flush=True)
while True: time.sleep(0.05)
"""
    with subprocess.Popen(
        (*PROGRAM, told(), *python(code)), env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == b"ready\n"
        running.send_signal(number)
        _, heard = running.communicate()
    assert running.returncode == 7
    assert json.loads(heard)["error"] == "the command ended with 7"


def test_a_signal_while_inputs_are_brought_ends_it_with_nothing_half_there(tmp_path: Path) -> None:
    source = "http://127.0.0.1:{port}/x"
    server = subprocess.Popen(
        (PYTHON, "-c", "import socket; s=socket.create_server(('127.0.0.1',0)); print(s.getsockname()[1], flush=True);"
         "c,_=s.accept(); print('asked', flush=True); s.accept()"), stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert server.stdout is not None
    uri = source.format(port=server.stdout.readline().strip())
    configuration = told(inputs=[{"to": f"{tmp_path}/in/x"}])
    running = subprocess.Popen(
        (*PROGRAM, configuration, uri, "--", "touch", f"{tmp_path}/ran"), env=environment(), stderr=subprocess.PIPE
    )
    try:
        assert server.stdout.readline() == "asked\n"
        running.send_signal(signal.SIGTERM)
        _, heard = running.communicate()
    finally:
        server.kill()
        server.communicate()
    assert running.returncode == 128 + signal.SIGTERM
    assert json.loads(heard)["error"] == "stopped by SIGTERM"
    assert list((tmp_path / "in").iterdir()) == []
    assert not (tmp_path / "ran").exists()


def test_as_the_first_process_it_reaps_what_others_leave_and_obeys_signals(tmp_path: Path) -> None:
    """A process namespace of its own, as a container has one: there the kernel ignores signals without a handler."""
    apart = ("unshare", "--fork", "--pid", "--mount-proc")
    if subprocess.run((*apart, "true"), capture_output=True, check=False).returncode != 0:
        pytest.skip("this machine lets nobody have processes apart")
    orphan = "(sleep 0.2 &) ; sleep 1; ps -eo stat= | grep -c ^Z; exit 0"
    done = subprocess.run(
        (*apart, *PROGRAM, told(), "--", "sh", "-c", orphan), env=environment(), capture_output=True, check=False
    )
    assert done.stdout.split() == [b"0"], done.stderr
    waiting = "trap 'exit 9' TERM; echo ready; while :; do sleep 0.05; done"
    with subprocess.Popen(
        (*apart, *PROGRAM, told(), "--", "sh", "-c", waiting),
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == b"ready\n"
        # The signal comes from outside of the namespace, as the kubelet's does.
        children = Path(f"/proc/{running.pid}/task/{running.pid}/children").read_text().split()
        os.kill(int(children[0]), signal.SIGTERM)
        running.communicate()
    assert running.returncode == 9
