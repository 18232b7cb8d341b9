"""An API server through Kubernetes' own client: bounded in time, and asked nothing that writes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from threading import Lock
from typing import Any, NamedTuple
from urllib.parse import quote

from mlops_spec.live.reason import innermost

AT_ONCE = 8
"""How many requests are under way at once, at most."""

_PATIENCE = (5, 30)
"""Seconds until a connection stands, and until an answer comes."""

_PAGE = 500
_APPLY = "application/apply-patch+yaml"
_METADATA = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"

Object = dict[str, Any]


class Unreachable(Exception):
    """The server does not answer, or not as Kubernetes does, or takes no credentials of ours; the message says why."""


class Refusal(Exception):
    """The server has understood, and says no: its ``Status`` object says why."""

    def __init__(self, code: int, said: Mapping[str, Any]) -> None:
        self.code = code
        self.message = str(said.get("message") or "")
        self.reason = str(said.get("reason") or "")
        self.details: Mapping[str, Any] = said.get("details") or {}
        super().__init__(self.message)


class Resource(NamedTuple):
    """Under which path objects of a kind are served."""

    path: str
    plural: str
    namespaced: bool

    def of(self, namespace: str | None, name: str = "") -> str:
        """Return the path of an object, or of all that are in a namespace."""
        within = f"/namespaces/{quote(namespace or 'default', safe='')}" if self.namespaced else ""
        return f"{self.path}{within}/{self.plural}" + (f"/{quote(name, safe='')}" if name else "")


class Cluster:
    """One API server. Every method raises Unreachable and Refusal, and may be called from several threads."""

    def __init__(self, client: Any, server: str, context: str | None) -> None:
        self.server, self.context = server, context
        self._client = client
        self._served: dict[str, dict[str, Resource] | None] = {}
        self._lock = Lock()

    def resource(self, version: str, kind: str) -> Resource | None:
        """Return where objects of a kind are served; None where the server knows no such kind in that version."""
        with self._lock:
            if version not in self._served:
                self._served[version] = self._discover(version)
            found = self._served[version]
        return None if found is None else found.get(kind)

    def versions(self, group: str) -> tuple[str, ...]:
        """Return which versions of an API group are served, none where the group is not."""
        try:
            found = self._ask("get", f"/apis/{quote(group, safe='')}")
        except Refusal as refusal:
            if refusal.code == 404:
                return ()
            raise
        return tuple(str(each["groupVersion"]) for each in found.get("versions") or ())

    def get(self, resource: Resource, namespace: str | None, name: str) -> Object | None:
        """Return an object as it is now."""
        try:
            return self._ask("get", resource.of(namespace, name))
        except Refusal as refusal:
            if refusal.code == 404:
                return None
            raise

    def dry_run(self, resource: Resource, wanted: Mapping[str, Any], manager: str, *, force: bool) -> Object:
        """Return what a server-side apply would make of an object: all of it happens but that it is stored.

        With ``force`` it takes over what other field managers hold; without, that is refused as a conflict.
        """
        asked = [("dryRun", "All"), ("fieldValidation", "Strict"), ("fieldManager", manager)]
        asked += [("force", "true")] if force else []
        about = wanted["metadata"]
        path = resource.of(about.get("namespace"), about["name"])
        return self._ask("patch", path, query_params=asked, body=dict(wanted), content_type=_APPLY)

    def metadata(self, resource: Resource, namespace: str | None, labels: str) -> Iterator[Object]:
        """Yield what objects are named and labelled, in a namespace; what they hold is not even asked for."""
        token = ""
        while True:
            asked = [("labelSelector", labels), ("limit", str(_PAGE)), *([("continue", token)] if token else [])]
            path = resource.of(namespace)
            found = self._ask("get", path, query_params=asked, header_params={"Accept": _METADATA})
            yield from found.get("items") or ()
            token = (found.get("metadata") or {}).get("continue") or ""
            if not token:
                return

    def _discover(self, version: str) -> dict[str, Resource] | None:
        path = f"/apis/{quote(version)}" if "/" in version else f"/api/{quote(version)}"
        try:
            found = self._ask("get", path)
        except Refusal as refusal:
            if refusal.code == 404:
                return None
            raise
        listed = [each for each in found.get("resources") or () if "/" not in each["name"]]
        return {each["kind"]: Resource(path, each["name"], bool(each["namespaced"])) for each in listed}

    def _ask(self, method: str, path: str, **said: Any) -> Object:
        from kubernetes.client.exceptions import ApiException
        from urllib3.exceptions import HTTPError

        try:
            found = self._client.request(
                method, path, serializer=lambda _, data: data, _request_timeout=_PATIENCE, **said
            )
        except ApiException as problem:
            raise self._refused(problem) from None
        except (HTTPError, OSError) as problem:
            raise Unreachable(f"{self.server} does not answer: {innermost(problem)}") from None
        if not isinstance(found, dict):
            raise Unreachable(f"{self.server} answers, but not as Kubernetes does")
        return found

    def _refused(self, problem: Any) -> Exception:
        code = int(problem.status or 0)
        if code == 0:
            return Unreachable(f"{self.server} does not answer: {innermost(problem)}")
        if code == 401:
            return Unreachable(f"{self.server} does not take the credentials{_of(self.context)} (status 401)")
        said = _status(problem.body)
        if said is None and code == 404:
            return Refusal(code, {})  # an API group that is not there is a page that is not found
        if said is None or code in (429, 502, 503, 504):
            return Unreachable(
                f"{self.server} answers with the status {code}{'' if said else ', not as Kubernetes does'}"
            )
        return Refusal(code, said)


def _of(context: str | None) -> str:
    return f" of the context {context}" if context else ""


def _status(body: Any) -> Mapping[str, Any] | None:
    try:
        found = json.loads(body or b"")
    except ValueError:
        return None
    return found if isinstance(found, dict) and found.get("kind") == "Status" else None
