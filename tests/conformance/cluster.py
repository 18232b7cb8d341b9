"""A Kubernetes API server on loopback, spoken to through kubectl as a person or a CI job would."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

Object = dict[str, Any]


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
        command = ("apply", "--server-side", "--validate=strict", "--field-manager=mlops-spec", "--filename=-")
        return _items(self.run(*command, "--show-managed-fields", "--output=json", *options, stdin=_stream(objects)))

    def live(self, objects: Iterable[Object]) -> list[Object]:
        """These objects as the server has them now. Raises Rejected where it lacks one."""
        command = ("get", "--filename=-", "--show-managed-fields", "--output=json")
        return _items(self.run(*command, stdin=_stream(objects)))

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
        self.run("wait", "--for=condition=Established", "--timeout=120s", "customresourcedefinitions", "--all")


def _stream(objects: Iterable[Object]) -> str:
    """As documents, not as a List: of what is in a List kubectl takes its own view, and does not ask the server's."""
    return "\n---\n".join(json.dumps(document) for document in objects)


def _items(text: str) -> list[Object]:
    document = json.loads(text)
    items: list[Object] = document["items"] if document["kind"] == "List" else [document]
    return items
