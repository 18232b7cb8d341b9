"""A Kubernetes API server on loopback, spoken to through kubectl as a person or a CI job would."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

Object = dict[str, Any]
AS_STORED = ("--show-managed-fields", "--output=json")
APPLY = ("apply", "--server-side", "--validate=strict", "--field-manager=mlops-spec", *AS_STORED)
PATIENCE = 120
"""Seconds until a controller that has not acted is held to have failed; they act within one or two."""


class Rejected(Exception):
    """The API server, or kubectl, said no; its words are the message."""


class Cluster(NamedTuple):
    """An API server, by the kubeconfig that leads to it."""

    kubectl: Path
    folder: Path

    def run(self, *arguments: str, stdin: str = "") -> str:
        """Run kubectl and return what it prints. Raises Rejected where it fails."""
        command = [self.kubectl, f"--cache-dir={self.folder}/discovery", *arguments]
        environment = {"PATH": os.environ["PATH"], "KUBECONFIG": str(self.folder / "kubeconfig")}
        done = subprocess.run(command, input=stdin, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise Rejected(done.stderr or done.stdout)
        return done.stdout

    def read(self, *arguments: str) -> list[Object]:
        """Run kubectl and return the objects that it prints."""
        return _items(self.run(*arguments, "--output=json"))

    def apply(self, objects: Iterable[Object], *options: str) -> list[Object]:
        """Server-side and strictly, as one field manager; returns the objects as the server has them then."""
        return _items(self.run(*APPLY, "--filename=-", *options, stdin=_stream(objects)))

    def apply_folder(self, folder: Path) -> list[Object]:
        """The same with a folder as it stands in Git, in the order that kustomize gives it."""
        return _items(self.run(*APPLY, f"--kustomize={folder}"))

    def live(self, objects: Iterable[Object]) -> list[Object]:
        """These objects as the server has them now. Raises Rejected where it lacks one."""
        return _items(self.run("get", "--filename=-", *AS_STORED, stdin=_stream(objects)))

    def differences(self, objects: Iterable[Object]) -> str:
        """What a server-side apply of these objects would change."""
        command = ("diff", "--server-side", "--field-manager=mlops-spec", "--filename=-")
        return self.run(*command, stdin=_stream(objects))

    def create_namespaces(self, objects: Iterable[Object]) -> None:
        """Create the namespaces that these objects lie in: their own first, then those that are there before us."""
        objects = list(objects)
        own = [document for document in objects if document["kind"] == "Namespace"]
        others = {document["metadata"]["namespace"] for document in objects if "namespace" in document["metadata"]}
        others -= {document["metadata"]["name"] for document in own}
        foreign = [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}} for name in sorted(others)]
        self.apply([*own, *foreign])

    def create_definitions(self, files: Iterable[Path]) -> None:
        """Create custom resources' definitions and wait until they are served."""
        self.run("create", *(f"--filename={file}" for file in files))
        assert eventually(lambda: all(map(established, self.read("get", "customresourcedefinitions"))))


def condition(document: Object, name: str) -> bool:
    """Whether an object's status says so."""
    found = document.get("status", {}).get("conditions") or []
    return any(said["type"] == name and said["status"] == "True" for said in found)


def established(document: Object) -> bool:
    """Whether the server serves the resource of a definition."""
    return condition(document, "Established")


def eventually(done: Callable[[], bool]) -> bool:
    """Whether it comes true while a cluster that works as it should has more than enough time."""
    end = time.monotonic() + PATIENCE
    while not done():
        if time.monotonic() > end:
            return False
        time.sleep(0.2)
    return True


def _stream(objects: Iterable[Object]) -> str:
    """As documents, not as a List: of what is in a List kubectl takes its own view, and does not ask the server's."""
    return "\n---\n".join(json.dumps(document) for document in objects)


def _items(text: str) -> list[Object]:
    document = json.loads(text)
    items: list[Object] = document["items"] if document["kind"] == "List" else [document]
    return items
