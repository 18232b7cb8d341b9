"""From a look that found drift to the trigger of a retraining: Pushgateway, Prometheus and Alertmanager themselves."""

from __future__ import annotations

import json
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from mlops_spec.blueprint import signals
from tests.blueprint.test_alerts import objects
from tests.blueprint.test_monitors import compiled, told_to
from tests.conformance.test_alerts import groups, plain, tool
from tests.conformance.test_signals import free_port

pytestmark = pytest.mark.conformance

PATIENCE = 180
"""Seconds until systems that scrape and decide every second are held to have failed."""


class Trigger(BaseHTTPRequestHandler):
    """Hears what the event source of a retraining would."""

    heard: list[tuple[str, Any]]

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.heard.append((self.path, body))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *said: Any) -> None:
        """Say nothing."""


@contextmanager
def trigger() -> Iterator[tuple[int, list[tuple[str, Any]]]]:
    """Serve a trigger; yield its port, and what it has heard."""
    handler = type("Heard", (Trigger,), {"heard": []})
    with HTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port, handler.heard
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def running(folder: Path, program: str, *options: str) -> Iterator[None]:
    with (
        (folder / f"{Path(program).name}.log").open("w") as log,
        subprocess.Popen([program, *options], cwd=folder, stdout=log, stderr=log) as process,
    ):
        try:
            yield
        finally:
            process.terminate()


def eventually(done: Any, folder: Path) -> Any:
    """Return what ``done`` returns as soon as it is something; with the systems' own words where it never is."""
    for _ in range(PATIENCE * 5):
        try:
            found = done()
        except OSError:
            found = None
        if found:
            return found
        time.sleep(0.2)
    raise AssertionError("\n".join(path.read_text()[-2000:] for path in folder.glob("*.log")))


def push(address: str, configuration: dict[str, Any], *samples: tuple[signals.Series, dict[str, str], float]) -> bool:
    """Leave series as the program `monitor` does: grouped by what tells monitors apart. Returns whether it was taken."""
    who = "".join(f"/{label}/{configuration[label]}" for label in signals.MONITORED_BY)
    lines = []
    for series, labels, value in samples:
        said = ",".join(f'{key}="{text}"' for key, text in labels.items())
        lines.append(f"{series.name}{{{said}}} {value}\n")
    url = f"{address}/metrics/job/mlops-spec-monitor{who}"
    request = urllib.request.Request(url, "".join(lines).encode(), method="POST")
    with urllib.request.urlopen(request) as answer:
        return bool(answer.status == 200)


def configured(folder: Path, ports: dict[str, int], result: Any, hears: int) -> str:
    """Write the systems' configurations; return the path that the trigger hears on."""
    (folder / "rules.yaml").write_text(yaml.safe_dump(groups(result)))
    (folder / "prometheus.yaml").write_text(
        yaml.safe_dump({
            "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
            "rule_files": ["rules.yaml"],
            "alerting": {"alertmanagers": [{"static_configs": [{"targets": [f"127.0.0.1:{ports['alertmanager']}"]}]}]},
            "scrape_configs": [{
                "job_name": "pushgateway", "honor_labels": True,
                "static_configs": [{"targets": [f"127.0.0.1:{ports['push']}"], "labels": {"namespace": "monitoring"}}],
            }],
        })
    )  # fmt: skip
    config = plain(objects(result, "AlertmanagerConfig")["notifications"])
    config["route"]["routes"][0]["group_wait"] = "0s"
    (retrain,) = (each for each in config["receivers"] if each["name"].startswith("retrain."))
    path = urlsplit(retrain["webhook_configs"][0]["url"]).path
    retrain["webhook_configs"][0]["url"] = f"http://127.0.0.1:{hears}{path}"
    others = [{"name": each["name"]} for each in config["receivers"] if each is not retrain]
    (folder / "alertmanager.yaml").write_text(yaml.safe_dump({**config, "receivers": [retrain, *others]}))
    return path


def test_a_drift_that_lasts_asks_the_pipeline_to_retrain(tmp_path: Path) -> None:
    result = compiled()
    configuration, ports = told_to(result), {name: free_port() for name in ("push", "prometheus", "alertmanager")}
    address = f"http://127.0.0.1:{ports['push']}"
    with ExitStack() as systems:
        port, heard = systems.enter_context(trigger())
        path = configured(tmp_path, ports, result, port)
        for program, *options in (
            (tool("MLOPS_SPEC_PUSHGATEWAY"), f"--web.listen-address=127.0.0.1:{ports['push']}"),
            (
                tool("MLOPS_SPEC_PROMETHEUS"), "--config.file=prometheus.yaml", "--storage.tsdb.path=data",
                f"--web.listen-address=127.0.0.1:{ports['prometheus']}",
            ),
            (
                tool("MLOPS_SPEC_ALERTMANAGER"), "--config.file=alertmanager.yaml", "--storage.path=silences",
                f"--web.listen-address=127.0.0.1:{ports['alertmanager']}", "--cluster.listen-address=",
            ),
        ):  # fmt: skip
            systems.enter_context(running(tmp_path, program, *options))

        def breached(times: int) -> Any:
            drift = {signals.CONDITION: "drift", signals.SUBJECT: "features"}
            look = ((signals.BREACHES, drift, times), (signals.LAST_LOOK, {}, time.time()))
            return eventually(lambda: push(address, configuration, *look), tmp_path)

        def asked() -> list[Any]:
            return [body for where, body in heard if where == path]

        breached(2)
        query = f"http://127.0.0.1:{ports['prometheus']}/api/v1/query?query={signals.BREACHES.name}"
        eventually(lambda: json.load(urllib.request.urlopen(query))["data"]["result"], tmp_path)
        time.sleep(3)
        assert asked() == []
        breached(3)
        body = eventually(asked, tmp_path)[0]
        (alert,) = body["alerts"]
        assert alert["labels"].items() >= {
            "alertname": "WatchDrift", "model": "churn", "monitor": "watch", "namespace": "x", "action": "retrain",
            "subject": "features",
        }.items()  # fmt: skip
        assert alert["annotations"]["summary"] == "churn: its features have moved away from the reference: features."
