"""Kubeflow Pipelines' API as far as `submit` asks it: in memory, on loopback, with all that it was asked."""

from __future__ import annotations

import json
from typing import Any

API = "/apis/v2beta1"


class Kubeflow:
    """What the API holds. ``asked`` are the requests that change something: method, path, query, body."""

    def __init__(self, *, many: bool = True) -> None:
        self.many = many
        self.pipelines: list[dict[str, Any]] = []
        self.versions: list[dict[str, Any]] = []
        self.recurring: list[dict[str, Any]] = []
        self.experiments: list[dict[str, Any]] = []
        self.runs: list[dict[str, Any]] = []
        self.asked: list[tuple[str, str, dict[str, str], Any]] = []
        self.tokens: set[str | None] = set()
        self.address = ""

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> tuple[int, Any]:
        if method != "GET":
            self.asked.append((method, path, query, body))
        match method, path.removeprefix(API).strip("/").split("/"):
            case "GET", ["healthz"]:
                return 200, {"multi_user": self.many}
            case "GET", ["pipelines", "names", name]:
                found = [
                    p for p in self.pipelines if p["name"] == name and p.get("namespace") == query.get("namespace")
                ]
                return (200, found[0]) if found else (404, {"error": "not found"})
            case "POST", ["pipelines"]:
                return 200, self._kept(self.pipelines, "pipeline_id", body)
            case "GET", ["pipelines", pipeline, "versions"]:
                return self._page(
                    [v for v in self.versions if v["pipeline_id"] == pipeline], "pipeline_versions", query
                )
            case "POST", ["pipelines", "upload_version"]:
                made = {"pipeline_id": query["pipelineid"], "name": query["name"]}
                return 200, self._kept(self.versions, "pipeline_version_id", made)
            case "GET", ["experiments"]:
                wanted = json.loads(query["filter"])["predicates"][0]["stringValue"]
                return 200, {"experiments": [e for e in self.experiments if e["display_name"] == wanted]}
            case "POST", ["experiments"]:
                return 200, self._kept(self.experiments, "experiment_id", body)
            case "GET", ["runs"]:
                assert query["sort_by"] == "created_at desc"
                assert query.get("namespace") == ("churn-dev" if self.many else None)
                return self._page(sorted(self.runs, key=lambda run: run["created_at"], reverse=True), "runs", query)
            case "POST", ["runs"]:
                return 200, self._kept(self.runs, "run_id", body)
            case "GET", ["recurringruns"]:
                runs = [r for r in self.recurring if r["experiment_id"] == query["experiment_id"]]
                return self._page(runs, "recurringRuns", query)
            case "POST", ["recurringruns"]:
                return 200, self._kept(self.recurring, "recurring_run_id", body)
            case "DELETE", ["recurringruns", name]:
                self.recurring = [r for r in self.recurring if r["recurring_run_id"] != name]
                return 200, {}
        return 500, {"error": f"{method} {path} is not known here"}

    def _kept(self, into: list[dict[str, Any]], key: str, body: dict[str, Any]) -> dict[str, Any]:
        into.append({**body, key: f"{key}-{len(self.asked)}"})
        return into[-1]

    def _page(self, found: list[dict[str, Any]], field: str, query: dict[str, str]) -> tuple[int, Any]:
        """Answer one at a time: what is listed comes in pages."""
        at = int(query.get("page_token") or 0)
        more = {"next_page_token": str(at + 1)} if at + 1 < len(found) else {}
        return 200, {field: found[at : at + 1], **more}
