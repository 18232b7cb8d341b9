"""Versions of registered models, whole, as a lock keeps them: number, run, URI, digest, requirements."""

from __future__ import annotations

import os
import posixpath
import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from mlops_spec.blueprint.contract import TAG
from mlops_spec.live.mlflow.client import Refusal, Servers, Unreachable, answering
from mlops_spec.runtime.digest import digest_of
from mlops_spec.runtime.program import Failed
from mlops_spec.runtime.store import bring, scheme_of
from mlops_spec.runtime.store.listing import Nothing
from mlops_spec.runtime.tracking import failures

if TYPE_CHECKING:
    from mlflow import MlflowClient

_ABSENT = ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE")
_PROXIED = "mlflow-artifacts"
_READ_BY_US = frozenset(("s3", "gs", "http", "https"))
_READ_BY_NOBODY_HERE = frozenset(("oci", "pvc"))
_OF_ONE_FILE = frozenset(("http", "https"))
"""Where a model is an archive: it has no files of its own that could be read."""
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}\Z")
_REQUIREMENTS = "requirements.txt"


class Version(NamedTuple):
    """A version as the lock has it, ``pinned``, and the pipeline of ours that registered it, if one did."""

    pinned: dict[str, Any]
    project: str | None
    pipeline: str | None


class Unfit(Exception):
    """A version that cannot stand in a lock; the message says why, ``hint`` what to do."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


class Versions:
    """The registry of ``servers``; ``destination`` is the folder of the object store that a tracking server proxies."""

    def __init__(self, client: MlflowClient, servers: Servers, destination: str | None) -> None:
        self.client, self.servers, self.destination = client, servers, destination

    def find(self, model: str, said: str | int) -> Version | None:
        """Return a version by its number or alias; None where the registry has none such.

        Raises Unreachable, and Unfit.
        """
        try:
            with answering(self.servers):
                if str(said).startswith("@"):
                    found = self.client.get_model_version_by_alias(model, str(said).removeprefix("@"))
                else:
                    found = self.client.get_model_version(model, str(said))
                source = self.client.get_model_version_download_uri(model, found.version)
        except Refusal as refusal:
            if refusal.code in _ABSENT:
                return None
            raise Unreachable(f"{self.servers} refuses: {refusal}") from None
        whole = self._whole(found, self._source(str(source)))
        return Version(whole, *(found.tags.get(f"{TAG}{name}") for name in ("project", "pipeline")))

    def _whole(self, found: Any, source: str) -> dict[str, Any]:
        name = f"version {found.version} of {found.name}"
        if found.status not in (None, "READY"):
            raise Unfit(f"{name} is not ready: its status is {found.status}", "wait until it is, or choose another")
        if not found.run_id:
            raise Unfit(f"{name} names no run that made it", "register it from a run: `register` does so")
        uri = self.readable(source, name)
        with TemporaryDirectory() as folder:
            digest = found.tags.get(f"{TAG}digest", "")
            if not _DIGEST.match(digest):
                digest = self._digest(source, uri, Path(folder, "model"), name)
            requirements = self._requirements(source, uri, Path(folder, "read"))
        whole = {"version": int(found.version), "run": str(found.run_id), "uri": uri, "digest": digest}
        return {**whole, "requirements": requirements} if requirements else whole

    def _source(self, uri: str) -> str:
        """Return where a URI of MLflow's own leads to. Raises Unreachable."""
        try:
            with answering(self.servers):
                if uri.startswith("runs:/"):
                    run, _, path = uri.removeprefix("runs:/").partition("/")
                    return posixpath.join(self.client.get_run(run).info.artifact_uri, path)
                if uri.startswith("models:/m-"):
                    return str(self.client.get_logged_model(uri.removeprefix("models:/")).artifact_location)
        except Refusal as refusal:
            raise Unreachable(f"{self.servers} does not say where {uri} lies: {refusal}") from None
        return uri

    def readable(self, uri: str, name: str) -> str:
        """Return the URI at which others than this tracking server can read what lies at ``uri``. Raises Unfit."""
        parts = urlsplit(uri)
        if parts.scheme == _PROXIED:
            if self.destination is None:
                raise Unfit(
                    f"{name} lies at {uri}, which only the tracking server itself can read",
                    "say with --artifacts-destination what the server is started with, or start it with "
                    "--no-serve-artifacts and --default-artifact-root, for versions to come",
                )
            return posixpath.join(self.destination, parts.path.lstrip("/"))
        if parts.scheme in ("", "file"):
            raise Unfit(
                f"{name} lies at {uri}, in a folder of one machine",
                "keep artifacts in an object store: start the server with --default-artifact-root, and register again",
            )
        return uri

    def _digest(self, source: str, uri: str, to: Path, name: str) -> str:
        """Hash a version that carries no digest of ours, for somebody else has registered it."""
        if scheme_of(uri) in _READ_BY_NOBODY_HERE:
            hint = f"set the tag {TAG}digest of the version"
            raise Unfit(f"{name} has no digest, and nothing here reads {uri} to hash it", hint)
        if not self._bring(source, uri, to):
            raise Unfit(f"there is nothing at {uri}, where {name} should lie", "register it again")
        return digest_of(to)

    def _requirements(self, source: str, uri: str, to: Path) -> list[str]:
        """Return the libraries that a model was saved with; none where it does not say. Options of pip are none."""
        if scheme_of(uri) in _READ_BY_NOBODY_HERE | _OF_ONE_FILE:
            return []
        if not self._bring(f"{source}/{_REQUIREMENTS}", f"{uri}/{_REQUIREMENTS}", to):
            return []
        lines = (line.strip() for line in to.read_text("utf-8", "replace").splitlines())
        return [line for line in lines if line and line[0] not in "#-"]

    def _bring(self, source: str, uri: str, to: Path) -> bool:
        """Bring what lies at a URI, or what the tracking server gives out for it; tell whether there was anything."""
        try:
            if scheme_of(source) in _READ_BY_US:
                bring(uri, to, os.environ)
                return True
            return self._downloaded(source, to)
        except Nothing:
            return False
        except Failed as failed:
            raise Unreachable(f"{uri} cannot be read: {failed}") from None

    def _downloaded(self, source: str, to: Path) -> bool:
        """Bring something by MLflow itself."""
        os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
        from mlflow.artifacts import download_artifacts, list_artifacts

        above, _, last = source.rstrip("/").rpartition("/")
        try:
            known = list_artifacts(artifact_uri=above, tracking_uri=self.servers.tracking)
            if last not in {posixpath.basename(each.path) for each in known}:
                return False
            into = to.parent / f"{to.name}-downloaded"
            into.mkdir()
            found = download_artifacts(artifact_uri=source, dst_path=str(into), tracking_uri=self.servers.tracking)
            Path(found).rename(to)
        except failures() as problem:
            raise Unreachable(f"{source} cannot be read: {problem}") from None
        return True
