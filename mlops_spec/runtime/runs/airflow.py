"""Airflow 3: DAG runs, and the events of assets that start some of them, asked by its REST API.

Airflow's own client is made anew for each of its minor versions and refuses what another one says; these few requests
are the same in all of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import requests

from mlops_spec.blueprint import contract
from mlops_spec.runtime.due import instant
from mlops_spec.runtime.program import Configuration, Failed, needed
from mlops_spec.runtime.runs import FAILED, LOOKED_BACK, SUCCEEDED, UNDER_WAY, Run

_ENDED = {"success": SUCCEEDED, "failed": FAILED}
_PAGE = 100
_PATIENCE = 60
_CREATED = 201


class _DagRuns:
    def __init__(self, said: Mapping[str, Any], environment: Mapping[str, str]) -> None:
        self.host, self.renamed, self.environment = said["host"].rstrip("/"), said["known_as"], environment
        self.dag, self.assets = said["dag"], said.get("assets", {})
        self.path = f"/api/v2/dags/{quote(self.dag, safe='')}"
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {self._token()}"

    def _token(self) -> str:
        """Return what opens the API for some hours: Airflow's answer to a name and a password."""
        names = ("username", "password")
        who = {name: needed(self.environment, f"AIRFLOW_{name.upper()}") for name in names}
        return str(self._asked("POST", "/auth/token", json=who)["access_token"])

    def newest(self) -> Iterator[Run]:
        """Return the runs of the last days; what has not started yet has begun nothing.

        An event that no run was made of yet is a run too. These are asked for first: Airflow takes up an event and
        makes its run at once, so that what is not among the one is among the other.
        """
        if self.assets:
            for event in self._asked("GET", f"{self.path}/assets/queuedEvents")["queued_events"]:
                yield Run(began=instant(event["created_at"], "when an event came"), state=UNDER_WAY, known_as=None)
        since = (datetime.now(UTC) - LOOKED_BACK).isoformat()
        for run in self._listed(f"{self.path}/dagRuns", "dag_runs", order_by="-run_after", run_after_gte=since):
            began = run["start_date"] or run["queued_at"] or run["run_after"]
            state, known_as = _ENDED.get(run["state"], UNDER_WAY), self._known_as(run["dag_run_id"])
            yield Run(began=instant(began, "when a run began"), state=state, known_as=known_as)

    def _listed(self, path: str, key: str, **wanted: Any) -> Iterator[dict[str, Any]]:
        at = 0
        while True:
            page = self._asked("GET", path, params={**wanted, "limit": _PAGE, "offset": at})
            yield from page[key]
            at += len(page[key])  # which may be fewer than were asked for: maximum_page_limit is the server's
            if not page[key] or at >= page["total_entries"]:
                return

    def _known_as(self, run: str) -> str:
        for before, after in self.renamed.items():
            run = run.replace(before, after)
        return run

    def start(self, started_by: str, of: Mapping[str, str]) -> str:
        """Tell the asset of what has come, whose event starts the DAG; else start a run as a person would by hand.

        A DAG that is paused hears no event, not later either, while a run waits until it is paused no more.
        """
        if started_by in self.assets and not self._asked("GET", self.path)["is_paused"]:
            asset = self._asset(self.assets[started_by])
            event = self._asked("POST", "/api/v2/assets/events", json={"asset_id": asset, "extra": dict(of)})
            return f"event {event['id']} of the asset {self.assets[started_by]}"
        wanted = {"logical_date": None, "conf": {str(contract.STARTED_BY): started_by}}
        return str(self._asked("POST", f"{self.path}/dagRuns", json=wanted)["dag_run_id"])

    def _asset(self, name: str) -> int:
        """Return what Airflow knows an asset of the DAG by."""
        for asset in self._listed("/api/v2/assets", "assets", dag_ids=self.dag, order_by="id"):
            if asset["name"] == name:
                return int(asset["id"])
        raise Failed(f"Airflow does not know yet that the asset {name} starts {self.dag}")

    def _asked(self, method: str, path: str, **more: Any) -> Any:
        try:
            answer = self.session.request(method, self.host + path, timeout=_PATIENCE, **more)
        except requests.RequestException as problem:
            raise Failed(f"Airflow cannot be reached: {problem}") from None
        if answer.status_code not in (requests.codes.ok, _CREATED):
            raise Failed(f"Airflow answers {answer.status_code} {answer.reason}: {answer.text[:500]}")
        try:
            return answer.json()
        except ValueError:  # a page where people log in, of what stands before it
            raise Failed(f"what answers is not Airflow's API: {answer.text[:500]}") from None


def runs(configuration: Configuration, environment: Mapping[str, str]) -> _DagRuns:
    """Return the runs of a pipeline's DAG; AIRFLOW_USERNAME and AIRFLOW_PASSWORD open the API. Raises Failed."""
    return _DagRuns(configuration["airflow"], environment)
