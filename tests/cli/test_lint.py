"""``mlops-spec lint``: exit codes, formats, and where problems are said to stand."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

BROKEN = "apiVersion: mlops-spec/v1\nproject: {nam: hello}\n"


def test_warnings_alone_are_fine(hello: Path, mlops: Callable[..., Any]) -> None:
    code, out, err = mlops("lint")
    assert (code, err) == (0, "")
    assert "warning MS130 the image train has no digest in the lock" in out


def test_an_error_ends_with_one(hello: Path, mlops: Callable[..., Any]) -> None:
    (hello / "mlops.yaml").write_text(BROKEN)
    code, out, _ = mlops("lint")
    assert code == 1
    assert out.startswith("mlops.yaml:2:11: error MS100 unknown key nam in project\n")


def test_what_cannot_be_read_as_data_ends_with_three(hello: Path, mlops: Callable[..., Any]) -> None:
    (hello / "mlops.yaml").write_text("project: [\n")
    assert mlops("lint").code == 3


def test_a_file_that_is_missing_later_ends_with_one(hello: Path, mlops: Callable[..., Any]) -> None:
    with (hello / "mlops.yaml").open("a") as spec:
        spec.write("manifests: [{path: nowhere.yaml}]\n")
    code, out, _ = mlops("lint")
    assert code == 1
    assert "error MS032 there is no file `nowhere.yaml`" in out


def test_a_template_at_fault_ends_with_four(hello: Path, mlops: Callable[..., Any]) -> None:
    template = hello / "own/orchestrator/argo/workflowtemplate.yaml.j2"
    template.parent.mkdir(parents=True)
    template.write_text("apiVersion: argoproj.io/v1alpha1\nkind: WorkflowTemplate\nname: ${{ pipline.name }}\n")
    with (hello / "mlops.yaml").open("a") as spec:
        spec.write("templates: own\n")
    code, out, _ = mlops("lint")
    assert code == 4
    assert "orchestrator/argo/workflowtemplate.yaml.j2:3:1: error MS139 " in out


def test_places_are_told_from_the_current_folder(hello: Path, mlops: Callable[..., Any]) -> None:
    (hello / "team").mkdir()
    (hello / "team" / "mlops.yaml").write_text(BROKEN)
    assert "team/mlops.yaml:2:11: error MS100" in mlops("lint", "team").out
    assert "team/mlops.yaml:2:11: error MS100" in mlops("lint", "team/mlops.yaml").out
    github = mlops("lint", "team", "--format", "github").out
    assert "file=team/mlops.yaml,line=2," in github
    sarif = json.loads(mlops("lint", "team", "--format", "sarif").out)
    assert sarif["runs"][0]["automationDetails"] == {"id": "mlops-spec/team/mlops.yaml/"}
    (result, *_) = sarif["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "team/mlops.yaml"


def test_sarif_has_the_titles_of_codes(hello: Path, mlops: Callable[..., Any]) -> None:
    sarif = json.loads(mlops("lint", "--format", "sarif").out)
    titles = {rule["id"]: rule["shortDescription"]["text"] for rule in sarif["runs"][0]["tool"]["driver"]["rules"]}
    assert titles["MS130"] == "image without a digest"
    assert titles["MS013"] == "duplicate key"


def test_the_content_of_a_file_that_is_no_spec_is_never_shown(hello: Path, mlops: Callable[..., Any]) -> None:
    (hello / "token").write_text("password: [hunter2\n")
    with (hello / "mlops.yaml").open("a") as spec:
        spec.write("include: [token]\n")
    code, out, _ = mlops("lint")
    assert code == 3
    assert "token:1:11: error MS023" in out
    assert "hunter2" not in out


def test_what_is_no_rule_cannot_be_switched_off(hello: Path, mlops: Callable[..., Any]) -> None:
    code, _, err = mlops("lint", "--ignore", "MS205,ms130")
    assert code == 2
    assert "Error: MS130 is not a rule, it is always checked; rules: MS203, " in err


def test_an_unknown_environment_is_a_usage_error(hello: Path, mlops: Callable[..., Any]) -> None:
    code, out, err = mlops("lint", "--env", "defualt")
    assert (code, err) == (2, "")
    assert "MS191 no environment is named defualt\nhelp: did you mean default?" in out


@pytest.mark.parametrize("when, is_coloured", [("always", True), ("never", False), ("auto", False)])
def test_color_is_for_terminals_unless_it_is_asked_for(
    when: str, is_coloured: bool, hello: Path, mlops: Callable[..., Any]
) -> None:
    assert ("\x1b[" in mlops("lint", "--color", when).out) == is_coloured
