"""checkov finds nothing unsafe in a rendered example, but for what a line in ``checkov.yaml`` gives a reason for."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.golden_trees import EXAMPLES, compiled, objects, write

pytestmark = [pytest.mark.conformance, pytest.mark.xdist_group("checkov")]
SKIPS = yaml.safe_load((Path(__file__).parent / "checkov.yaml").read_text())
Finding = tuple[str, str]
"""A check and the kind of the object that failed it."""


def found(folder: Path, documents: dict[str, Any]) -> set[Finding]:
    """What checkov finds in these files of a folder, which were read as YAML before: it says nothing of a broken one."""
    checkov = os.environ.get("MLOPS_SPEC_CHECKOV")
    if not checkov:
        pytest.skip("MLOPS_SPEC_CHECKOV names no checkov")
    command = [
        checkov,
        "--directory",
        ".",
        "--framework",
        "kubernetes",
        "secrets",
        "--skip-download",
        "--output",
        "json",
    ]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    reports = json.loads(done.stdout)
    reports = reports if isinstance(reports, list) else [reports]
    (kubernetes,) = [report for report in reports if report["check_type"] == "kubernetes"]
    assert kubernetes["summary"]["resource_count"] >= len(documents)
    return {
        (failed["check_id"], documents[failed["file_path"].lstrip("/")]["kind"])
        for report in reports
        for failed in report["results"]["failed_checks"]
    }


@pytest.fixture(scope="module")
def findings(tmp_path_factory: pytest.TempPathFactory) -> set[Finding]:
    """Of all examples together."""
    folder = tmp_path_factory.mktemp("examples")
    documents = {}
    for example in EXAMPLES:
        tree = compiled(example).tree
        write(tree, folder / example.name)
        documents |= {f"{example.name}/{path}": document for path, document in objects(tree).items()}
    return found(folder, documents)


def test_nothing_unsafe_is_found_without_a_reason(findings: set[Finding]) -> None:
    assert findings - {(skip["check"], skip["kind"]) for skip in SKIPS} == set()


def test_no_reason_is_kept_for_what_is_not_found(findings: set[Finding]) -> None:
    assert {(skip["check"], skip["kind"]) for skip in SKIPS} - findings == set()
    assert all(skip["reason"] for skip in SKIPS)


def test_what_is_unsafe_is_found(tmp_path: Path) -> None:
    container = {"name": "a", "image": "a:latest", "securityContext": {"privileged": True}}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": {"containers": [container]}}
    values = {"key": "AKIAIOSFODNN7EXAMPLE", "secret": "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"}
    leak = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": values}
    documents = {"pod.yaml": pod, "leak.yaml": leak}
    for path, document in documents.items():
        (tmp_path / path).write_text(yaml.safe_dump(document))
    said = found(tmp_path, documents)
    assert ("CKV_K8S_16", "Pod") in said
    assert any(check.startswith("CKV_SECRET_") and kind == "ConfigMap" for check, kind in said)
