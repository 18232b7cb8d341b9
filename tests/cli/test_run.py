"""``run``: the steps of a pipeline as processes of this machine, and what of them is not run again."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from mlops_spec.live.local.attempt import Attempt, Begun
from mlops_spec.live.local.plan import Task
from tests.cli.conftest import EXAMPLES, Command

IMAGE = "registry.acme.example/x@sha256:" + "4b" * 32
Spec = Callable[..., None]

# What steps of these tests do, as programs of their own: arguments follow.
WRITE = "import sys; open(sys.argv[1], 'w').write(' '.join(sys.argv[2:]))"
COPY = "import sys; open(sys.argv[2], 'w').write(open(sys.argv[1]).read() + '+')"


@pytest.fixture(autouse=True)
def unrecorded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run as where MLflow is not installed: recording is proven where it is."""
    monkeypatch.setattr("mlops_spec.cli.running.find_spec", lambda name: None)


@pytest.fixture
def spec(here: Path) -> Spec:
    """Write a spec with one pipeline, ``train``, of these steps; what they say is JSON, so that any text can be in it."""

    def write(steps: dict[str, Any], local: dict[str, Any] | None = None, **pipeline: Any) -> None:
        document: dict[str, Any] = {
            "apiVersion": "mlops-spec/v1",
            "project": {"name": "x"},
            "pipelines": {
                "train": {"timeout": "1h", **pipeline, "steps": {n: {"image": IMAGE, **s} for n, s in steps.items()}}
            },
            **(local or {}),
        }
        (here / "mlops.yaml").write_text(dumped(document))

    return write


def dumped(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False).replace("\u2028", "\\u2028")


def python(program: str, *arguments: str) -> list[str]:
    return ["python", "-c", program, *arguments]


def chain(here: Path) -> dict[str, Any]:
    """Two steps, of which the second takes what the first leaves."""
    return {
        "first": {"command": python(WRITE, "${{ outputs.a }}", "1"), "outputs": {"a": {"type": "file"}}},
        "second": {
            "command": python(COPY, "${{ inputs.a }}", "${{ outputs.b }}"),
            "inputs": {"a": "steps.first.outputs.a"},
            "outputs": {"b": {"type": "file"}},
        },
    }


def left(here: Path, step: str, output: str) -> str:
    """What a step has left in the last run, where its URI says."""
    run = (here / ".mlops-spec/runs/latest").resolve().name
    return (here / ".mlops-spec/artifacts/x/local/train" / run / step / output).read_text()


def test_steps_run_in_their_order_and_hand_on_what_they_leave(spec: Spec, here: Path, mlops: Command) -> None:
    spec(chain(here))
    ran = mlops("run", "train")
    assert ran.code == 0, ran.err
    assert ran.out.splitlines() == [
        "first: runs: it has not run before",
        "first: done",
        "second: runs: it has not run before",
        "second: done",
        "train: done: 2 ran",
    ]
    assert left(here, "second", "b") == "1+"
    assert (here / ".mlops-spec/.gitignore").read_text() == "*\n"


def test_without_mlflow_it_says_that_nothing_is_recorded(spec: Spec, here: Path, mlops: Command) -> None:
    spec(chain(here))
    assert 'pip install "mlops-spec[runtime]"' in mlops("run", "train").err


def test_what_judges_is_not_run_without_mlflow(spec: Spec, here: Path, mlops: Command) -> None:
    steps = chain(here)
    steps["first"]["outputs"]["a"]["type"] = "metrics"
    steps["good"] = {"gate": {"metrics": "steps.first.outputs.a", "require": {"auc": "> 0"}}}
    spec(steps)
    document = json.loads((here / "mlops.yaml").read_text())
    del document["pipelines"]["train"]["steps"]["good"]["image"]
    (here / "mlops.yaml").write_text(dumped(document))
    ran = mlops("run", "train")
    assert (ran.code, ran.out) == (2, "")
    assert "MS175" in ran.err
    assert 'pip install "mlops-spec[runtime]"' in ran.err
    assert not (here / ".mlops-spec").exists()


def test_what_is_unchanged_is_not_run_again_but_is_there_for_the_run(spec: Spec, here: Path, mlops: Command) -> None:
    spec(chain(here))
    mlops("run", "train")
    ran = mlops("run", "train")
    assert ran.out.splitlines() == ["first: unchanged", "second: unchanged", "train: done: 2 unchanged"]
    assert left(here, "second", "b") == "1+"


def test_a_change_runs_what_it_reaches_again_and_nothing_else(spec: Spec, here: Path, mlops: Command) -> None:
    steps = chain(here)
    steps["first"]["command"] = python(WRITE, "${{ outputs.a }}", "${{ parameters.p }}")
    steps["third"] = {"command": python("")}
    spec(steps, parameters={"p": 1})
    mlops("run", "train")
    ran = mlops("run", "train", "--param", "p=2")
    told = ran.out.splitlines()
    assert "first: runs: the parameter p changed" in told
    assert "second: runs: the input a changed" in told
    assert "third: unchanged" in told
    assert left(here, "second", "b") == "2+"
    assert "train: done: 3 unchanged" in mlops("run", "train", "--param", "p=2").out
    assert "train: done: 3 unchanged" in mlops("run", "train").out, "what was left with the first value is still known"


def test_an_input_that_comes_out_the_same_runs_nothing_behind_it(spec: Spec, here: Path, mlops: Command) -> None:
    steps = chain(here)
    spec(steps)
    mlops("run", "train")
    steps["first"]["command"].append("")
    steps["first"]["command"][2] = "import sys; open(sys.argv[1], 'w').write(sys.argv[2])"
    spec(steps)
    told = mlops("run", "train").out.splitlines()
    assert "first: runs: the command changed" in told
    assert "second: unchanged" in told


def test_from_runs_a_step_and_all_behind_it_again(spec: Spec, here: Path, mlops: Command) -> None:
    steps = chain(here)
    steps["third"] = {"command": python(""), "after": ["second"]}
    spec(steps)
    mlops("run", "train")
    told = mlops("run", "train", "--from", "second").out.splitlines()
    assert told[0] == "first: unchanged"
    assert "second: runs: asked for by --from" in told
    assert "third: runs: asked for by --from" in told


HOSTILE = (
    "a'b\"c", "line\nline", "{{workflow.uid}}", "$(MLOPS_RUN) $$ ${HOME} `id`", "'''\"\"\"", "%s {0} {run}", "\\n \\0 \\",
    " ", "*", "~", "-x", "--", "é€😀\u2028", "\x1b[31m\t\r", "{\"run\":\"\"}", "parameter:p", "$${{ run.id }}",
)  # fmt: skip


def test_any_text_arrives_byte_for_byte(spec: Spec, here: Path, mlops: Command) -> None:
    dump = "import json,os,sys; json.dump([sys.argv[2:], dict(os.environ)], open(sys.argv[1], 'w'))"
    steps = {
        "show": {
            "command": [*python(dump, "${{ outputs.seen }}", "${{ parameters.p }}"), *HOSTILE],
            "env": {f"V{number}": text for number, text in enumerate(HOSTILE)},
            "outputs": {"seen": {"type": "file"}},
        },
        "items": {
            "foreach": {"text": [*HOSTILE]},
            "command": python(dump, "${{ outputs.seen }}", "a${{ item.text }}b"),
            "outputs": {"seen": {"type": "file"}},
        },
    }
    spec(steps, parameters={"p": "x"})
    parameter = "".join(HOSTILE)
    ran = mlops("run", "train", "--param", f"p={parameter}")
    assert ran.code == 0, ran.out + ran.err
    meant = [text.replace("$${{", "${{") for text in HOSTILE]
    arguments, variables = json.loads(left(here, "show", "seen"))
    assert arguments == [parameter, *meant]
    assert [variables[f"V{number}"] for number in range(len(HOSTILE))] == meant
    assert variables["MLOPS_PIPELINE"] == "train"
    for index, text in enumerate(meant):
        assert json.loads(left(here, "items", f"{index}/seen"))[0] == [f"a{text}b"]


def test_a_step_sees_the_contract_and_little_of_this_machine(
    spec: Spec, here: Path, mlops: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://elsewhere")
    monkeypatch.setenv("SOMETHING", "of mine")
    monkeypatch.setenv("PYTHONPATH", "/of/mine")
    dump = "import json,os; json.dump([dict(os.environ), os.getcwd()], open(os.environ['MLOPS_OUTPUT_SEEN'], 'w'))"
    spec({"show": {"command": python(dump), "outputs": {"seen": {"type": "file"}}}})
    mlops("run", "train")
    variables, folder = json.loads(left(here, "show", "seen"))
    assert variables.keys() & {"MLFLOW_TRACKING_URI", "SOMETHING", "PYTHONPATH"} == set()
    assert variables["MLOPS_RUN"] == (here / ".mlops-spec/runs/latest").resolve().name
    assert (variables["MLOPS_ENVIRONMENT"], variables["MLOPS_STEP"]) == ("local", "show")
    assert folder.startswith(str(here / ".mlops-spec/runs"))


MEET = """
import os, pathlib, sys, time
folder, me, other = pathlib.Path(sys.argv[1]), *sys.argv[2:]
(folder / me).touch()
while not (folder / other).exists():
    time.sleep(0.01)
"""
ALONE = """
import os, sys, time
held = os.open(sys.argv[1], os.O_CREAT | os.O_EXCL)
time.sleep(0.2)
os.unlink(sys.argv[1])
"""


def test_steps_that_wait_for_nothing_run_at_the_same_time(spec: Spec, here: Path, mlops: Command) -> None:
    spec(
        {
            "one": {"command": python(MEET, str(here), "left", "right"), "timeout": "1m"},
            "other": {"command": python(MEET, str(here), "right", "left"), "timeout": "1m"},
        }
    )
    assert mlops("run", "train", "--jobs", "2").code == 0


def test_no_more_run_at_once_than_jobs(spec: Spec, here: Path, mlops: Command) -> None:
    spec({f"s{n}": {"command": python(ALONE, str(here / "held"))} for n in range(4)})
    assert mlops("run", "train", "--jobs", "1").code == 0


def test_items_run_each_by_itself_and_are_collected_as_uris(spec: Spec, here: Path, mlops: Command) -> None:
    read = "import json,sys; print(*(open(uri[7:]).read() for uri in json.load(open(sys.argv[1]))))"
    spec(
        {
            "each": {
                "foreach": {"region": ["eu", "us"]},
                "command": python(WRITE, "${{ outputs.a }}", "${{ item.region }}"),
                "outputs": {"a": {"type": "file"}},
            },
            "all": {"command": python(read, "${{ inputs.list }}"), "inputs": {"list": "steps.each.outputs.a"}},
        }
    )
    assert mlops("run", "train").code == 0
    assert (here / ".mlops-spec/runs/latest/all.log").read_text() == "eu us\n"


def test_a_condition_leaves_a_step_out_and_those_behind_it_run(spec: Spec, here: Path, mlops: Command) -> None:
    spec(
        {
            "maybe": {"command": python(""), "when": {"parameter": "mode", "is": True}},
            "then": {"command": python(""), "after": ["maybe"]},
        },
        parameters={"mode": False},
    )
    assert mlops("run", "train").out.splitlines() == [
        "maybe: left out: mode is not true",
        "then: runs: it has not run before",
        "then: done",
        "train: done: 1 left out, 1 ran",
    ]
    assert "maybe: done" in mlops("run", "train", "--param", "mode=true").out


TWICE = "import os,sys; open(sys.argv[1], 'a').write('x'); sys.exit(len(open(sys.argv[1]).read()) < 2)"


def test_a_step_that_failed_is_tried_again(spec: Spec, here: Path, mlops: Command) -> None:
    spec({"fit": {"command": python(TWICE, str(here / "tries")), "retries": {"limit": 3, "backoff": "1s"}}})
    ran = mlops("run", "train")
    assert ran.code == 0
    assert "fit: tries again in 1s: it ended with 1" in ran.out
    assert (here / "tries").read_text() == "xx"


def test_a_failure_ends_the_run_and_says_why(spec: Spec, here: Path, mlops: Command) -> None:
    steps = chain(here)
    steps["first"]["command"] = python("print('of the step'); 1 / 0")
    spec(steps)
    ran = mlops("run", "train")
    assert ran.code == 1
    assert "first: failed: it ended with 1" in ran.out
    assert "  | of the step" in ran.out
    assert "  | ZeroDivisionError: division by zero" in ran.out
    assert "first: its log is .mlops-spec/runs/latest/first.log" in ran.out
    assert ran.out.splitlines()[-1] == "train: failed: 1 failed, 1 did not run"


@pytest.mark.parametrize("command, why", [(["no-such-program"], "127"), (["/"], "126")])
def test_a_command_that_cannot_run_is_a_failure(
    spec: Spec, here: Path, mlops: Command, command: list[str], why: str
) -> None:
    spec({"fit": {"command": command}})
    ran = mlops("run", "train")
    assert (ran.code, f"fit: failed: it ended with {why}" in ran.out) == (1, True)


def test_an_output_that_is_missing_is_a_failure(spec: Spec, here: Path, mlops: Command) -> None:
    spec({"fit": {"command": python(""), "outputs": {"model": {"type": "model"}}}})
    assert "fit: failed: it left no model" in mlops("run", "train").out


def test_a_step_whose_time_is_up_is_ended_with_what_it_has_started(spec: Spec, here: Path, mlops: Command) -> None:
    start = (
        f"import subprocess,sys,time; subprocess.Popen([sys.executable, '-c', {WAIT!r}, sys.argv[1]]); time.sleep(600)"
    )
    spec({"fit": {"command": python(start, str(here / "child")), "timeout": "2s"}})
    ran = mlops("run", "train")
    assert (ran.code, "fit: failed: it took longer than 2s" in ran.out) == (1, True)
    assert gone(int((here / "child").read_text()))


def test_a_run_whose_time_is_up_is_ended(spec: Spec, here: Path, mlops: Command) -> None:
    spec({"fit": {"command": python("import time; time.sleep(600)")}}, timeout="1s")
    ran = mlops("run", "train")
    assert (ran.code, "train: its time was up" in ran.out) == (1, True)


WAIT = "import os,sys,time; open(sys.argv[1] + '.part', 'w').write(str(os.getpid())); os.rename(sys.argv[1] + '.part', sys.argv[1]); time.sleep(600)"


def gone(process: int) -> bool:
    """Wait until a process has ended."""
    for _ in range(6000):
        try:
            state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return True
        if state == "Z":
            return True
        time.sleep(0.01)
    return False


def working(here: Path) -> list[int]:
    """Return the processes that were given a path below a folder."""
    found = []
    for command in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            found += [int(command.parent.name)] if os.fsencode(here) in command.read_bytes() else []
    return found


def started(here: Path, *arguments: str) -> subprocess.Popen[bytes]:
    """Start a run as a process of its own."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(here.parent), "PYTHONPATH": str(EXAMPLES.parent)}
    command = [sys.executable, "-m", "mlops_spec", "run", "train", *arguments]
    return subprocess.Popen(command, cwd=here, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def number_in(path: Path, process: subprocess.Popen[bytes]) -> int:
    """Wait for a file with a process's id."""
    for _ in range(6000):
        if path.exists():
            return int(path.read_text())
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    raise AssertionError(f"{path} never came")


@pytest.mark.parametrize("number, code", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_lets_steps_end(spec: Spec, here: Path, number: int, code: int) -> None:
    graceful = (
        "import pathlib,signal,sys\n"
        "def end(*_): pathlib.Path(sys.argv[1] + '.ended').touch(); sys.exit(0)\n"
        "signal.signal(signal.SIGTERM, end)\n"
    )
    spec(
        {
            "fit": {"command": python(graceful + WAIT, str(here / "fit"))},
            "then": {"command": python(""), "after": ["fit"]},
        }
    )
    run = started(here)
    step = number_in(here / "fit", run)
    run.send_signal(number)
    out, _ = run.communicate()
    assert run.returncode == code
    assert (here / "fit.ended").exists()
    assert gone(step)
    assert out.decode().splitlines()[-2:] == ["fit: stopped", "train: stopped: 2 did not run"]


def test_a_second_signal_ends_steps_that_will_not(spec: Spec, here: Path) -> None:
    deaf = (
        "import pathlib,signal,sys\n"
        "signal.signal(signal.SIGTERM, lambda *_: pathlib.Path(sys.argv[1] + '.asked').touch())\n"
    )
    loop = WAIT.replace("time.sleep(600)", "exec('while True: time.sleep(1)')")
    spec({"fit": {"command": python(deaf + loop, str(here / "fit"))}})
    run = started(here)
    step = number_in(here / "fit", run)
    run.send_signal(signal.SIGINT)
    while not (here / "fit.asked").exists():
        time.sleep(0.01)
    run.send_signal(signal.SIGINT)
    run.communicate()
    assert run.returncode == 130
    assert gone(step)


def test_a_killed_run_is_taken_up_where_it_was(spec: Spec, here: Path, mlops: Command) -> None:
    steps = chain(here)
    half = "import sys; open(sys.argv[2], 'w').write('half');" + WAIT.replace("sys.argv[1]", "sys.argv[3]")
    steps["second"]["command"] = python(
        f"import os,sys\nif os.path.exists(sys.argv[3]): {COPY}\nelse:\n exec({half!r})",
        "${{ inputs.a }}", "${{ outputs.b }}", str(here / "second"),
    )  # fmt: skip
    spec(steps)
    run = started(here)
    step = number_in(here / "second", run)
    run.kill()
    run.communicate()
    told = mlops("run", "train").out.splitlines()
    os.kill(step, signal.SIGKILL)
    assert told[:2] == ["first: unchanged", "second: runs: it has not run before"]
    assert left(here, "second", "b") == "1+"


@pytest.mark.long
def test_after_a_kill_at_any_instant_the_next_run_is_right(spec: Spec, here: Path, mlops: Command) -> None:
    many = "import pathlib,sys; p = pathlib.Path(sys.argv[1]); p.mkdir(); [(p / str(n)).write_text(sys.argv[2] * 1000) for n in range(50)]"
    sums = "import pathlib,sys; open(sys.argv[2], 'w').write(str(sum(len(p.read_text()) for p in pathlib.Path(sys.argv[1]).iterdir())))"
    spec(
        {
            "make": {"command": python(many, "${{ outputs.many }}", "${{ parameters.p }}"), "outputs": {"many": {"type": "dataset"}}},
            "sum": {"command": python(sums, "${{ inputs.many }}", "${{ outputs.sum }}"), "inputs": {"many": "steps.make.outputs.many"}, "outputs": {"sum": {"type": "file"}}},
        },
        parameters={"p": "x"},
    )  # fmt: skip
    begin = time.monotonic()
    started(here, "--param", "p=0").communicate()
    span = time.monotonic() - begin
    for count in range(1, 9):
        run = started(here, "--param", f"p={'x' * count}")
        time.sleep(span * (0.3 + 0.08 * count))
        run.kill()
        run.communicate()
        ran = mlops("run", "train", "--param", f"p={'x' * count}")
        assert ran.code == 0, ran.out
        assert left(here, "sum", "sum") == str(50 * 1000 * count)
    # Steps outlive a runner that is killed; what they leave once they have ended is swept by the next run.
    assert all(gone(process) for process in working(here))
    assert mlops("run", "train", "--param", "p=x").code == 0
    assert [*(here / ".mlops-spec").rglob("*.part")] == []
    assert [*(here / ".mlops-spec/runs").glob("*/work/*")] == []


def test_a_step_that_changes_its_input_spoils_nothing(spec: Spec, here: Path, mlops: Command) -> None:
    steps = chain(here)
    steps["second"]["command"] = python(
        "import sys; open(sys.argv[1], 'a').write('spoilt');" + COPY, "${{ inputs.a }}", "${{ outputs.b }}"
    )
    spec(steps)
    mlops("run", "train")
    assert left(here, "first", "a") == "1"
    mlops("run", "train", "--from", "second")
    assert left(here, "second", "b") == "1spoilt+"


def test_what_was_changed_in_the_store_is_made_again(spec: Spec, here: Path, mlops: Command) -> None:
    spec(chain(here))
    mlops("run", "train")
    for path in (here / ".mlops-spec/store").rglob("*"):
        if path.is_file():
            path.chmod(0o600)
            path.write_text("spoilt")
    told = mlops("run", "train").out.splitlines()
    assert "first: runs: what it left is gone" in told
    assert left(here, "second", "b") == "1+"


def test_what_a_step_leaves_is_read_only_at_its_uri(spec: Spec, here: Path, mlops: Command) -> None:
    spec(chain(here))
    mlops("run", "train")
    run = (here / ".mlops-spec/runs/latest").resolve().name
    assert (here / ".mlops-spec/artifacts/x/local/train" / run / "first/a").stat().st_mode & 0o222 == 0


def test_data_of_this_machine_is_brought_and_its_change_seen(spec: Spec, here: Path, mlops: Command) -> None:
    (here / "data").mkdir()
    (here / "data/customers.csv").write_text("1")
    steps = {
        "fit": {
            "command": python(COPY, "${{ inputs.c }}", "${{ outputs.b }}"),
            "inputs": {"c": "datasets.customers"},
            "outputs": {"b": {"type": "file"}},
        }
    }
    mirror = {"uri": "file:data/customers.csv", "version": None}
    spec(
        steps,
        {
            "datasets": {"customers": {"uri": "s3://acme/customers.csv", "version": "dvc:1"}},
            "environments": {"dev": {}, "local": {"overrides": {"datasets": {"customers": mirror}}}},
        },
    )
    ran = mlops("run", "train")
    assert ran.code == 0, ran.out + ran.err
    assert left(here, "fit", "b") == "1+"
    assert "fit: unchanged" in mlops("run", "train").out
    (here / "data/customers.csv").write_text("2")
    assert "fit: runs: the input c changed" in mlops("run", "train").out
    (here / "data/customers.csv").unlink()
    ran = mlops("run", "train")
    assert (ran.code, f"there is nothing at {here / 'data/customers.csv'}" in ran.out) == (1, True)


SECRET = {"secrets": {"api": {"path": "ml/api", "keys": ["token"]}}}


def test_secrets_come_from_a_file_that_git_ignores(spec: Spec, here: Path, mlops: Command) -> None:
    show = "import os; assert os.environ['TOKEN'] == 's3' + 'cr3t'"
    spec({"fit": {"command": python(show), "env": {"TOKEN": "${{ secrets.api.token }}"}}}, SECRET)
    ran = mlops("run", "train")
    assert ran.code == 1
    assert "MS174 nobody has given the secrets api.token" in ran.err
    assert '.mlops-spec/secrets.yaml, which Git ignores: `api: {token: "…"}`' in ran.err
    (here / ".mlops-spec/secrets.yaml").write_text('api: {token: "s3cr3t"}\n')
    ran = mlops("run", "train", "--format", "json")
    assert ran.code == 0, ran.out
    assert "s3cr3t" not in ran.out + ran.err
    kept = [p.read_bytes() for p in (here / ".mlops-spec").rglob("*") if p.is_file() and p.name != "secrets.yaml"]
    assert not any(b"s3cr3t" in content for content in kept)


def test_a_dry_run_says_what_would_run_and_does_nothing(spec: Spec, here: Path, mlops: Command) -> None:
    spec(chain(here))
    ran = mlops("run", "train", "--dry-run")
    assert ran.out.splitlines() == [
        "first: runs: it has not run before",
        "second: runs if first leaves anything else than before",
    ]
    assert not (here / ".mlops-spec").exists()
    mlops("run", "train")
    assert mlops("run", "train", "--dry-run").out.splitlines() == ["first: unchanged", "second: unchanged"]
    assert (
        mlops("run", "train", "--dry-run", "--from", "second").out.splitlines()[1]
        == "second: runs: asked for by --from"
    )


def test_what_happens_can_be_read_as_json(spec: Spec, here: Path, mlops: Command) -> None:
    spec(chain(here))
    events = [json.loads(line) for line in mlops("run", "train", "--format", "json").out.splitlines()]
    assert [(e["event"], e.get("step")) for e in events] == [
        ("run", None), ("start", "first"), ("done", "first"), ("start", "second"), ("done", "second"), ("end", None),
    ]  # fmt: skip
    assert events[-1]["how"] == "done"


@pytest.mark.parametrize(
    "arguments, said",
    [
        (("trian",), "did you mean train?"),
        (("train", "--param", "mdoe=x"), "did you mean mode?"),
        (("train", "--from", "frist"), "did you mean first?"),
        (("train", "--param", "mode"), "give a name and a value"),
        (("train", "--env", "prod"), "'prod' is not 'local'"),
    ],
)
def test_what_there_is_not_is_refused(
    spec: Spec, here: Path, mlops: Command, arguments: tuple[str, ...], said: str
) -> None:
    spec(chain(here), parameters={"mode": "x"})
    ran = mlops("run", *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err


@pytest.mark.parametrize(
    "words, said",
    [
        (("--tracking-uri", "http://localhost:1"), "give --tracking-uri and --artifacts-uri, or neither"),
        (("--artifacts-uri", "s3://acme"), "give --tracking-uri and --artifacts-uri, or neither"),
        (("--tracking-uri", "http://localhost:1", "--artifacts-uri", "data"), "--artifacts-uri is s3://"),
    ],
)
def test_a_server_and_a_store_are_said_together(
    words: tuple[str, ...], said: str, spec: Spec, here: Path, mlops: Command
) -> None:
    spec(chain(here))
    ran = mlops("run", "train", *words)
    assert (ran.code, said in " ".join(ran.err.split())) == (2, True), ran


def test_a_server_needs_mlflow(spec: Spec, here: Path, mlops: Command) -> None:
    spec(chain(here))
    ran = mlops("run", "train", "--tracking-uri", "http://localhost:1", "--artifacts-uri", "s3://acme")
    assert (ran.code, "MS175" in ran.err) == (2, True)


@pytest.mark.parametrize("elsewhere", [True, False])
def test_what_opens_a_server_is_seen_where_there_is_one(elsewhere: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "secret")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://another.example")
    step: Any = SimpleNamespace(workload=SimpleNamespace(env=()))
    plan: Any = SimpleNamespace(recorded_elsewhere=elsewhere)
    begun = Begun("1", "", None, {})
    seen = Attempt(plan, Task(step, "register", None, "", None), begun, {}, Path(), Path()).environment()
    assert seen.get("MLFLOW_TRACKING_TOKEN") == ("secret" if elsewhere else None)
    assert "MLFLOW_TRACKING_URI" not in seen


def test_errors_of_the_spec_stop_it(spec: Spec, here: Path, mlops: Command) -> None:
    steps = chain(here)
    steps["second"]["inputs"]["a"] = "steps.frist.outputs.a"
    spec(steps)
    ran = mlops("run", "train")
    assert (ran.code, ran.out) == (1, "")
    assert "did you mean" in ran.err


def test_one_run_goes_on_at_a_time(spec: Spec, here: Path, mlops: Command) -> None:
    spec({"fit": {"command": python(WAIT, str(here / "fit"))}})
    run = started(here)
    number_in(here / "fit", run)
    ran = mlops("run", "train")
    run.terminate()
    run.communicate()
    assert (ran.code, "MS177" in ran.err) == (6, True)


@pytest.mark.long
def test_a_built_image_is_an_environment_with_its_source(spec: Spec, here: Path, mlops: Command) -> None:
    (here / "src/hello").mkdir(parents=True)
    (here / "src/hello/__init__.py").write_text("import sys; print(sys.prefix)")
    (here / "requirements.lock").write_text("# nothing\n")
    build = {"python": f"{sys.version_info.major}.{sys.version_info.minor}", "requirements": "requirements.lock"}
    image = {"images": {"train": {"repository": "registry.acme.example/x", "build": build}}}
    spec({"fit": {"image": "${{ images.train }}", "command": ["python", "-m", "hello.__init__"]}}, image)
    assert "would make an environment of requirements.lock" in mlops("run", "train", "--dry-run").out
    ran = mlops("run", "train")
    assert ran.code == 0, ran.out + ran.err
    assert ran.out.startswith("making an environment of requirements.lock\n")
    assert (here / ".mlops-spec/runs/latest/fit.log").read_text().startswith(str(here / ".mlops-spec/venvs"))
    assert mlops("run", "train").out.splitlines()[0] == "fit: unchanged"
    (here / "src/hello/__init__.py").write_text("print('other')")
    assert "fit: runs: the source changed" in mlops("run", "train").out
    assert [path.name for path in (here / "src/hello").iterdir()] == ["__init__.py"]


@pytest.mark.long
def test_an_environment_that_cannot_be_made_is_said(spec: Spec, here: Path, mlops: Command) -> None:
    (here / "requirements.lock").write_text("./no-such-folder\n")
    build = {"python": f"{sys.version_info.major}.{sys.version_info.minor}", "requirements": "requirements.lock"}
    image = {"images": {"train": {"repository": "registry.acme.example/x", "build": build}}}
    spec({"fit": {"image": "${{ images.train }}", "command": ["python", "-c", ""]}}, image)
    ran = mlops("run", "train")
    assert (ran.code, "MS176" in ran.err) == (1, True)
    assert ".log says why" in ran.err
    assert "would make an environment" in mlops("run", "train", "--dry-run").out, "half of one is none"
