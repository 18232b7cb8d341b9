"""Specs of one repository that share what lies above their folders: layers, manifests and templates."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import HELLO, IMAGES, MANIFEST, Command, team

Git = Callable[..., str]

TEMPLATE = "orchestrator/argo/workflowtemplate.yaml.j2"


def test_a_layer_above_the_specs_folder_is_read_with_what_it_includes(teams: Path, mlops: Command) -> None:
    assert mlops("lint", "teams/a") == (0, "", "")
    (teams / "platform/images.yaml").write_text(IMAGES.replace("}", ", tags: x}"))
    ran = mlops("lint", "teams/a")
    assert ran.code == 1
    assert ran.out.startswith("platform/images.yaml:2:52: error MS")
    os.chdir("teams/b")
    assert mlops("lint").out.startswith("../../platform/images.yaml:2:52: error MS")


def test_a_layer_above_is_read_of_a_commit_too(teams: Path, mlops: Command) -> None:
    (teams / "platform/images.yaml").write_text(IMAGES.replace("/hello", "/other"))
    ran = mlops("diff", "--spec", "teams/a", "--format", "json")
    assert ran.code == 0, ran.err
    causes = {cause["place"]["file"] for each in json.loads(ran.out)["objects"] for cause in each["causes"]}
    assert causes == {"platform/images.yaml"}


def test_manifests_and_templates_are_shared_too(teams: Path, mlops: Command, git: Git) -> None:
    own = Path("platform/templates", TEMPLATE)
    own.parent.mkdir(parents=True)
    product = Path(__file__).parents[2] / "templates" / TEMPLATE
    own.write_text("# Reviewed by the platform team\n" + product.read_text())
    lines = ("templates: ../../platform/templates", "manifests: [{path: ../../platform/manifest.yaml}]")
    (teams / "teams/a/mlops.yaml").write_text(team("a", *lines))
    assert mlops("render", "teams/a", "--out", "out").code == 0
    workflow = Path("out/default/pipelines/workflowtemplate-train.yaml").read_text()
    assert workflow.startswith("# Reviewed by the platform team\n")
    assert [*Path("out").rglob("configmap-hello.yaml")]
    git("add", "-A")
    git("commit", "-qm", "Share more")
    own.write_text(own.read_text().replace("platform team", "owners"))
    Path("platform/manifest.yaml").write_text(MANIFEST.replace("a: b", "a: c"))
    ran = mlops("diff", "--spec", "teams/a", "--format", "json")
    assert ran.code == 0, ran.err
    found = {each["path"]: each["effect"] for each in json.loads(ran.out)["objects"]}
    assert found == {"manifests/configmap-hello.yaml": "changes"}
    assert "\n# Reviewed by the platform team\n" not in ran.out


@pytest.mark.parametrize(
    "line, at",
    [
        ("templates: ../../../templates", "teams/a/mlops.yaml:5:12"),
        ("manifests: [{path: ../../../secret.yaml}]", "teams/a/mlops.yaml:5:20"),
        ("include: [../../../secret.yaml]", "teams/a/mlops.yaml:5:11"),
    ],
)
def test_nothing_above_the_repository_is_read(teams: Path, mlops: Command, line: str, at: str) -> None:
    (teams.parent / "secret.yaml").write_text("kind: hunter2\n")
    (teams.parent / "templates").mkdir()
    (teams / "teams/a/mlops.yaml").write_text(team("a", line))
    ran = mlops("lint", "teams/a")
    assert ran.code in (1, 3)
    assert f"{at}: error MS031 " in ran.out
    assert "hunter2" not in ran.out + ran.err


def test_a_template_without_a_kind_is_at_fault(hello: Path, mlops: Command) -> None:
    own = hello / "own" / TEMPLATE
    own.parent.mkdir(parents=True)
    own.write_text("metadata: {}\n")
    (hello / "mlops.yaml").write_text(HELLO + "templates: own\n")
    ran: Any = mlops("lint")
    assert ran.code == 4
    assert f"own/{TEMPLATE}:1:1: error MS139 " in ran.out
