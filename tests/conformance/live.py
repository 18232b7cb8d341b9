"""The example's production as Argo CD would have delivered it, and the commands that look at it."""

from __future__ import annotations

import json
import os
import pty
import shutil
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from subprocess import PIPE, Popen
from typing import Any, NamedTuple

import yaml

from tests.changed import changed
from tests.conformance.cluster import Cluster, Object
from tests.conformance.conftest import named
from tests.golden_trees import ROOT, compiled, objects

ARGOCD = ("--field-manager=argocd-controller", "--force-conflicts")
NAMESPACE = "live"
PROD = ("--env", "prod")
PATCHES = "\npatches:\n"


class Ran(NamedTuple):
    code: int
    out: str
    err: str


class Live:
    """A spec on a real server, delivered as Argo CD does, and the commands that look at it."""

    def __init__(self, cluster: Cluster, folder: Path) -> None:
        self.cluster, self.folder = cluster, folder
        self.spec = folder / "mlops.yaml"
        self.text = self.spec.read_text()
        self.spoiled = False

    def begin(self, arguments: Sequence[str], stdout: int, stderr: int, variables: dict[str, str]) -> Popen[str]:
        environment = {
            "PATH": os.environ["PATH"], "HOME": str(self.folder), "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8",
            "KUBECONFIG": str(self.cluster.folder / "kubeconfig"), **variables,
        }  # fmt: skip
        command = [str(named("MLOPS_SPEC_RUNTIME_PYTHON")), "-m", "mlops_spec", *arguments]
        return Popen(command, cwd=self.folder, env=environment, stdout=stdout, stderr=stderr, text=True)

    def run(self, *arguments: str, **variables: str) -> Ran:
        process = self.begin(arguments, PIPE, PIPE, variables)
        out, err = process.communicate()
        assert "Traceback" not in err, err
        return Ran(process.returncode, out, err)

    def on_terminal(self, *arguments: str, **variables: str) -> str:
        """Run a command as a person does, and return what the terminal gets."""
        terminal, side = pty.openpty()
        process = self.begin(arguments, side, side, {"TERM": "xterm", "COLUMNS": "120", **variables})
        os.close(side)
        got = b""
        with suppress(OSError):  # Linux's way to say that nobody holds the other side any more
            while part := os.read(terminal, 65536):
                got += part
        process.wait()
        os.close(terminal)
        return got.decode()

    def diff(self, *arguments: str, **variables: str) -> Ran:
        return self.run("diff", "--live", *(arguments or PROD), **variables)

    def status(self, *arguments: str, **variables: str) -> Ran:
        return self.run("status", *(arguments or PROD), **variables)

    def differing(self) -> dict[str, dict[str, Any]]:
        ran = self.diff(*PROD, "--format", "json")
        return {each["path"]: each for each in json.loads(ran.out)["objects"]}

    def rendered(self, *folders: str) -> list[Object]:
        found = objects(compiled(self.folder).tree)
        return [document for path, document in found.items() if path.startswith(folders or ("prod/", "project/"))]

    def deliver(self) -> None:
        rendered = self.rendered()
        self.cluster.create_namespaces(rendered)
        # As Argo CD orders them: a token is deleted whose account is not there yet.
        ordered = sorted(rendered, key=lambda each: each["kind"] != "ServiceAccount")
        self.cluster.apply(map(tracked, ordered), *ARGOCD)

    def kubectl(self, *arguments: str, stdin: str = "") -> str:
        """Change something by hand."""
        self.spoiled = True
        return self.cluster.run(f"--namespace={NAMESPACE}", *arguments, stdin=stdin)

    def patch(self, target: str, patch: str) -> None:
        """Seed something into what is rendered, by a patch of the spec."""
        ours = f"patches:\n  - {{target: {{{target}}}, patch: [{patch}], reason: To see.}}\n"
        self.spec.write_text(changed(self.spec.read_text(), (PATCHES, f"\n{ours}")))

    def line(self, text: str) -> int:
        (number,) = [i for i, line in enumerate(self.spec.read_text().splitlines(), 1) if text in line]
        return number


def tracked(document: Object) -> Object:
    """An object with the annotation that Argo CD adds to all that it applies; its own Applications are not applied so."""
    if document["apiVersion"].startswith("argoproj.io") and document["kind"] in ("Application", "AppProject"):
        return document
    about, group = document["metadata"], document["apiVersion"].rpartition("/")[0]
    said = f"live-prod:{group}/{document['kind']}:{about.get('namespace', '')}/{about['name']}"
    annotations = {**about.get("annotations", {}), "argocd.argoproj.io/tracking-id": said}
    return {**document, "metadata": {**about, "annotations": annotations}}


def churn(cluster: Cluster, folder: Path) -> Live:
    """The example churn under a name and in namespaces of its own: other tests have it on the same server."""
    shutil.copytree(ROOT / "examples" / "churn", folder)
    base, here = "platform/base.mlops.yaml", "cluster: https://kubernetes.default.svc, "
    for file, old, new in (
        ("mlops.yaml", "project:\n  name: churn\n", "project:\n  name: live\n"),
        (base, "{namespace: churn-dev, ", "{namespace: live-dev, "),
        (base, "{namespace: churn-staging, ", "{namespace: live-staging, "),
        (base, "{namespace: churn, cluster: https://prod.k8s.acme.example, ", f"{{namespace: {NAMESPACE}, {here}"),
    ):
        (folder / file).write_text(changed((folder / file).read_text(), (old, new)))
    return Live(cluster, folder)


def server(live: Live) -> str:
    """The address of the API server."""
    config = yaml.safe_load((live.cluster.folder / "kubeconfig").read_text())
    return str(config["clusters"][0]["cluster"]["server"])
