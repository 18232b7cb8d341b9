"""The collector of the inference log as a process: events as KServe's agent sends them, killed and stopped, read back.

The agent (KServe's ``pkg/logger``) posts each event once, in binary mode, with what the server was asked as the body.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.conftest import named
from tests.conformance.test_signals import free_port

pytestmark = [pytest.mark.conformance, pytest.mark.xdist_group("collect")]
ROOT = Path(__file__).parents[2]
READ = """
import json, sys
from pyarrow import dataset
rows = dataset.dataset(sys.argv[1], format="parquet", partitioning="hive").to_table().to_pylist()
print(json.dumps(rows, default=str))
"""
REQUEST = {
    "id": "r",
    "inputs": [
        {"name": "customer_id", "shape": [2], "datatype": "INT64", "data": [7, 8]},
        {"name": "plan", "shape": [2, 1], "datatype": "BYTES", "data": ["basic", "pro é"]},
        {"name": "email", "shape": [2], "datatype": "BYTES", "data": ["ada@acme.example", "bob@acme.example"]},
    ],
}
ANSWER = {"model_name": "churn", "id": "r", "outputs": [{"name": "output-1", "shape": [2, 1], "datatype": "BOOL", "data": [True, False]}]}  # fmt: skip


class Running:
    """The process, started anew as often as it is killed."""

    def __init__(self, folder: Path, sink: Path, **changes: Any) -> None:
        self.python, self.folder, self.sink = str(named("MLOPS_SPEC_RUNTIME_PYTHON")), folder, sink
        self.port = free_port()
        log = {"sink": sink.as_uri(), "keys": ["customer_id"], "drop": ["email"]}
        self.told = {
            "models": {"churn": log}, "port": self.port, "folder": str(folder), "flush": {"bytes": 1 << 20, "seconds": 0.5},
            "join": 1, "body": 1 << 16, "waiting": 1 << 22, "at_once": 100, "drain": 0, **changes,
        }  # fmt: skip
        self.process: subprocess.Popen[str] | None = None
        self.errors = folder.with_suffix(".log")

    def start(self) -> None:
        environment = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), "PYTHONPATH": str(ROOT)}
        command = [self.python, "-m", "mlops_spec.runtime", "collect", json.dumps(self.told)]
        with self.errors.open("a") as log:
            self.process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=log, text=True)
        for _ in range(600):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health/ready").close()
                return
            except OSError:
                assert self.process.poll() is None, self.errors.read_text()
                time.sleep(0.05)
        raise AssertionError("it does not answer")

    def post(self, body: bytes, path: str = "/churn/v7/live", **headers: str) -> int:
        """Post as the agent does; return the status, 0 where there was no answer."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        asked = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", body, named)
        try:
            with urllib.request.urlopen(asked, timeout=30) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as problem:
            return problem.code
        except (OSError, ValueError):
            return 0

    def event(self, number: str, kind: str, body: Any, nested: int = 0, **more: Any) -> int:
        headers = {
            "ce_id": number, "ce_type": f"org.kubeflow.serving.inference.{kind}", "ce_specversion": "1.0", "ce_source": "http://localhost:9081/",
            "ce_time": datetime.now(UTC).isoformat().replace("+00:00", "Z"), "ce_inferenceservicename": "churn", "ce_namespace": "churn-dev",
            "ce_component": "predictor", "ce_endpoint": "", "ce_metadata": "{}", "content_type": "application/json",
        }  # fmt: skip
        text = f'{{"instances": [{"[" * nested}{"]" * nested}]}}' if nested else json.dumps(body)
        return self.post(text.encode(), **more, **headers)

    def pair(self, number: str) -> bool:
        return self.event(number, "request", REQUEST) == 200 and self.event(number, "response", ANSWER) == 200

    def end(self, number: int = signal.SIGTERM) -> dict[str, Any]:
        assert self.process is not None
        self.process.send_signal(number)
        out, _ = self.process.communicate(timeout=60)
        if number == signal.SIGTERM:
            assert self.process.returncode == 0, (out, self.errors.read_text())
            (line,) = out.splitlines()
            said: dict[str, Any] = json.loads(line)
            assert said.pop("program") == "collect"
            return said
        return {}

    def rows(self) -> list[dict[str, Any]]:
        done = subprocess.run([self.python, "-c", READ, str(self.sink)], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        found: list[dict[str, Any]] = json.loads(done.stdout)
        return found

    def metric(self, name: str) -> float:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics") as answer:
            lines = answer.read().decode().splitlines()
        return sum(float(line.split()[-1]) for line in lines if line.split("{")[0].split(" ")[0] == name)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Callable[..., Running]]:
    made: list[Running] = []

    def start(**changes: Any) -> Running:
        made.append(Running(tmp_path / "held", tmp_path / "sink", **changes))
        made[-1].start()
        return made[-1]

    yield start
    for one in made:
        if one.process is not None:
            one.process.kill()
            one.process.communicate()


def test_a_request_and_its_answer_are_one_record_for_each_row(running: Callable[..., Running]) -> None:
    log = running()
    assert log.pair("a")
    assert log.event("b", "response", ANSWER, path="/churn/v8/canary") == 200
    assert log.event("b", "request", REQUEST, path="/churn/v8/canary") == 200
    assert log.event("c", "request", REQUEST) == 200  # never answered
    assert (
        log.event("d", "request", {"instances": [{"plan": "pro", "email": "x", "deep": {"email": "x", "a": 1}}]}) == 200
    )
    assert log.event("d", "response", {"predictions": [0.5]}) == 200
    assert log.event("e", "request", {"secret": "ada@acme.example"}) == 200
    structured = {
        "specversion": "1.0", "id": "f", "type": "org.kubeflow.serving.inference.request", "source": "x", "data": REQUEST,
    }  # fmt: skip
    assert log.post(json.dumps(structured).encode(), content_type="application/cloudevents+json; charset=utf-8") == 200
    assert log.metric("mlops_collect_unreadable_total") == 2  # no key in d's row, nothing readable in e
    assert log.end() == {"events": 9, "records": 10}
    found = {(row["request_id"], row["row"]): row for row in log.rows()}
    first = found["a", 0]
    assert (first["model"], first["version"], first["variant"]) == ("churn", "v7", "live")
    assert json.loads(first["features"]) == {"customer_id": 7, "plan": "basic"}
    assert json.loads(first["prediction"]) is True
    assert json.loads(found["a", 1]["features"]) == {"customer_id": 8, "plan": "pro é"}
    assert (found["b", 1]["version"], found["b", 1]["variant"], found["b", 1]["prediction"]) == (
        "v8",
        "canary",
        "false",
    )
    assert found["c", 0]["prediction"] is None
    assert json.loads(found["d", 0]["features"]) == {"plan": "pro", "deep": {"a": 1}}
    assert found["d", 0]["prediction"] == "0.5"
    assert (found["e", 0]["features"], found["e", 0]["prediction"]) == (None, None)
    assert json.loads(found["f", 1]["features"])["customer_id"] == 8
    assert first["date"] == datetime.now(UTC).date().isoformat()
    kept = b"".join(path.read_bytes() for path in (log.sink, log.folder) for path in path.rglob("*") if path.is_file())
    assert b"acme.example" not in kept


def test_what_is_dropped_is_not_on_this_machines_disk_either(running: Callable[..., Running]) -> None:
    log = running(flush={"bytes": 1 << 20, "seconds": 600})
    assert log.pair("a")
    (segment,) = (log.folder / "journal").iterdir()
    assert b"pro" in segment.read_bytes()
    assert b"acme.example" not in segment.read_bytes()


def test_what_is_acknowledged_outlives_kills_and_is_kept_once(running: Callable[..., Running]) -> None:
    """Killed again and again while events come and records are flushed: each acknowledged half is in a record, once."""
    log = running(flush={"bytes": 4096, "seconds": 0.3}, join=60)
    chance, acknowledged = random.Random(7), set[str]()

    def send(number: int) -> None:
        for kind, body in (("request", REQUEST), ("response", ANSWER)):
            while log.event(f"r{number}", kind, body) != 200:
                time.sleep(0.1)  # who is not heard says it again
        acknowledged.add(f"r{number}")

    with ThreadPoolExecutor(8) as pool:
        sent = [pool.submit(send, number) for number in range(400)]
        for _ in range(6):
            time.sleep(chance.uniform(0.2, 1.2))
            log.end(signal.SIGKILL)
            log.start()
        for one in sent:
            one.result()
    log.end()
    rows = [row for row in log.rows() if row["features"] and row["prediction"]]
    found = [(row["request_id"], row["row"]) for row in rows]
    assert len(acknowledged) == 400
    assert {(number, row) for number in acknowledged for row in (0, 1)} <= set(found)
    assert len(found) == len(set(found))
    assert list((log.folder / "journal").iterdir()) == []


def test_an_end_in_the_midst_of_a_seal_keeps_what_was_acknowledged(running: Callable[..., Running]) -> None:
    log = running(flush={"bytes": 300, "seconds": 0.05})
    for number in range(12):
        assert all(log.pair(f"{number}-{n}") for n in range(4))
        time.sleep(0.05 * (number % 5))
        log.end()
        assert not [*(log.folder / "journal").glob("*.jsonl")], "what is kept is out of the journal"
        log.start()
    assert {row["request_id"] for row in log.rows()} == {f"{number}-{n}" for number in range(12) for n in range(4)}


def test_what_is_no_number_is_null_in_the_log(running: Callable[..., Running]) -> None:
    log = running()
    headers = {"ce_id": "x", "ce_specversion": "1.0", "ce_source": "s", "content_type": "application/json"}
    kind = "org.kubeflow.serving.inference"
    assert log.post(b'{"instances": [{"customer_id": 7, "a": NaN}]}', ce_type=f"{kind}.request", **headers) == 200
    assert log.post(b'{"predictions": [NaN]}', ce_type=f"{kind}.response", **headers) == 200
    log.end()
    (row,) = log.rows()
    assert (row["features"], row["prediction"]) == ('{"customer_id":7,"a":null}', "null")


def test_a_sink_that_is_away_fills_the_journal_and_then_refuses(running: Callable[..., Running]) -> None:
    log = running(waiting=20_000, flush={"bytes": 2_000, "seconds": 0.3})
    log.sink.write_text("in the way")
    codes = [log.event(str(number), "request", REQUEST) for number in range(200)]
    assert codes[0] == 200
    assert codes[-1] == 503
    assert log.metric("mlops_collect_waiting_bytes") <= 20_000
    for _ in range(100):
        if log.metric("mlops_collect_failures_total"):
            break
        time.sleep(0.1)
    assert log.metric("mlops_collect_failures_total") >= 1
    log.end(signal.SIGKILL)
    log.sink.unlink()
    log.start()
    for _ in range(600):
        if log.event("again", "request", REQUEST) == 200:
            break
        time.sleep(0.1)
    log.end()
    assert {row["request_id"] for row in log.rows()} == {str(n) for n, code in enumerate(codes) if code == 200} | {
        "again"
    }


def test_what_waits_for_a_sink_that_is_away_lies_on_the_disk_and_not_in_memory(running: Callable[..., Running]) -> None:
    """Rows of small values are many times as large in memory as they are on the disk: at the limit they had no room."""
    log = running(waiting=16 << 20, body=1 << 20, flush={"bytes": 1 << 20, "seconds": 60})
    log.sink.write_text("in the way")

    body = {"instances": [[5.1, 3.5, 1.4, 0.2]] * 2_000}
    answer = {"predictions": [0.5] * 2_000}
    count = 0
    while log.event(str(count), "request", body) == 200 == log.event(str(count), "response", answer):
        count += 1
    assert log.metric("mlops_collect_waiting_bytes") > 15 << 20
    segments = list((log.folder / "journal").iterdir())
    assert len(segments) > 10, "each is read alone when it is kept"
    assert max(one.stat().st_size for one in segments) < 2 << 20
    log.sink.unlink()
    log.end()
    assert len(log.rows()) >= count * 2_000


def test_what_no_file_takes_is_refused_or_kept_without_it(running: Callable[..., Running]) -> None:
    log = running()
    said = {"specversion": "1.0", "type": "org.kubeflow.serving.inference.request", "data": {"instances": [1]}}
    for number, code in (("\ud800", 400), ("\n", 400), ("whole", 200)):
        body = json.dumps({**said, "id": number}).encode()
        assert log.post(body, content_type="application/cloudevents+json") == code
    for depth in (100, 600, 900, 5000):
        assert log.event(str(depth), "request", "X", nested=depth) == 200
    log.end()
    assert {row["request_id"]: row["features"] is None for row in log.rows()} == {
        "whole": False, "100": False, "600": True, "900": True, "5000": True,
    }  # fmt: skip


def test_what_is_no_event_of_a_server_is_refused(running: Callable[..., Running]) -> None:
    log = running()
    assert log.event("a", "request", REQUEST, path="/other/v7/live") == 404
    assert log.event("a", "feedback", REQUEST) == 400
    assert log.event("", "request", REQUEST) == 400
    assert log.post(b"{}") == 400
    assert log.post(b"[" * 60_000, content_type="application/cloudevents+json") == 400
    assert log.event("a", "request", {"x": "y" * (1 << 17)}) in (413, 0)  # it may hang up while the rest is on its way
    assert log.event("b", "request", {"inputs": [{"name": "x", "shape": [1], "data": ["\ud800"]}]}) == 200
    assert log.event("c", "request", {"inputs": [{"name": "x", "shape": [10**12, 10**12], "data": [1]}]}) == 200
    assert log.metric("mlops_collect_refused_total") >= 5
    assert log.end()["events"] == 2
