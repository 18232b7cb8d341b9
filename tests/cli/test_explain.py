"""``mlops-spec explain``: a rendered line, a field, a code."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlops_spec import assets

TEMPLATE = "out/prod/pipelines/workflowtemplate-train.yaml"


def line_with(file: Path, text: str) -> int:
    return next(number for number, line in enumerate(file.read_text().splitlines(), 1) if text in line)


@pytest.fixture
def rendered(churn: Path, mlops: Callable[..., Any]) -> Path:
    """The example, with its tree in ``out``."""
    assert mlops("render", "--out", "out").code == 0
    return churn


def test_a_line_names_its_template_line_and_the_value_that_it_prints(rendered: Path, mlops: Callable[..., Any]) -> None:
    number = line_with(rendered / TEMPLATE, "activeDeadlineSeconds: 21600")
    code, out, err = mlops("explain", f"{TEMPLATE}:{number}")
    spec = line_with(rendered / "mlops.yaml", "timeout: 6h")
    head, text, template, origin = out.splitlines()
    assert (code, err) == (0, "")
    assert head == f"{TEMPLATE}:{number}"
    assert text == "    activeDeadlineSeconds: 21600"
    assert template.startswith("printed by  templates/orchestrator/argo/workflowtemplate.yaml.j2:")
    assert origin == f"from        pipelines.train.timeout  mlops.yaml:{spec}:5"


def test_a_line_of_fixed_text_names_its_resource(rendered: Path, mlops: Callable[..., Any]) -> None:
    _, out, _ = mlops("explain", f"{TEMPLATE}:2")
    assert "    kind: WorkflowTemplate\n" in out
    assert "from        pipelines.train  mlops.yaml:" in out


def test_a_value_that_overrides_set_says_so(
    rendered: Path, mlops: Callable[..., Any], override: Callable[[str], None]
) -> None:
    override("pipelines: {train: {timeout: 7h}}")
    mlops("render", "--out", "out")
    number = line_with(rendered / TEMPLATE, "activeDeadlineSeconds: 25200")
    _, out, _ = mlops("explain", f"{TEMPLATE}:{number}")
    assert "(overrides of prod), over mlops.yaml:" in out


@pytest.mark.long
def test_lines_all_over_a_file_are_explained_by_a_template_line_with_the_same_key(
    rendered: Path, mlops: Callable[..., Any]
) -> None:
    lines = (rendered / TEMPLATE).read_text().splitlines()
    for number in range(7, len(lines), len(lines) // 10):
        found = json.loads(mlops("explain", f"{TEMPLATE}:{number}", "--format", "json").out)
        file, _, at = found["template"].rpartition(":")
        printed = (assets.TEMPLATES.parent / file).read_text().splitlines()[int(at) - 1]
        key = lines[number - 1].strip().removeprefix("- ").partition(":")[0]
        assert found["text"] == lines[number - 1]
        assert key in printed or "${{" in printed
        assert found["from"][0]["history"][0]["file"] in ("mlops.yaml", "platform/base.mlops.yaml")


def test_the_list_of_files_belongs_to_the_environment(rendered: Path, mlops: Callable[..., Any]) -> None:
    _, out, _ = mlops("explain", "out/prod/kustomization.yaml:5")
    assert "from        environments.prod  mlops.yaml:" in out


def test_a_line_of_a_readme_names_what_it_tells_of(rendered: Path, mlops: Callable[..., Any]) -> None:
    file = "out/prod/README.md"
    _, out, _ = mlops("explain", f"{file}:{line_with(rendered / file, '| WorkflowTemplate |')}")
    assert "printed by  templates/shared/readme.md.j2:" in out
    assert "from        pipelines.train  mlops.yaml:" in out
    _, out, _ = mlops("explain", f"{file}:{line_with(rendered / file, '| cluster |')}")
    assert "from        environments.prod.cluster  platform/base.mlops.yaml:" in out


def test_a_line_of_the_project_is_explained(rendered: Path, mlops: Callable[..., Any]) -> None:
    file = "out/project/project/application-churn-prod.yaml"
    number = line_with(rendered / file, "namespace: churn")
    code, out, _ = mlops("explain", f"{file}:{number}")
    assert code == 0
    assert "printed by  templates/delivery/argocd/application.yaml.j2:" in out


def test_a_patched_line_names_the_patch(hello: Path, mlops: Callable[..., Any]) -> None:
    with (hello / "mlops.yaml").open("a") as spec:
        spec.write("patches:\n")
        spec.write("  - target: {kind: WorkflowTemplate, name: train}\n")
        spec.write("    patch: [{op: add, path: /metadata/labels/team, value: growth}]\n")
        spec.write("    reason: The bill goes by this label.\n")
    assert mlops("render", "--out", "out").code == 0
    file = "out/default/pipelines/workflowtemplate-train.yaml"
    _, out, _ = mlops("explain", f"{file}:{line_with(hello / file, 'team: growth')}")
    assert "printed by" not in out
    assert "from        the patch patches.0  mlops.yaml:" in out
    _, out, _ = mlops("explain", f"{file}:{line_with(hello / file, 'activeDeadlineSeconds')}")
    assert "from        pipelines.train.timeout  mlops.yaml:" in out


def test_a_line_of_a_manifest_names_the_line_that_brings_it(rendered: Path, mlops: Callable[..., Any]) -> None:
    file = "out/prod/manifests/networkpolicy-allow-crm.yaml"
    number = line_with(rendered / file, "podSelector")
    source = line_with(rendered / "manifests/network-policy.yaml", "podSelector")
    _, out, _ = mlops("explain", f"{file}:{number}")
    assert f"from        manifests.0 brings manifests/network-policy.yaml:{source}  mlops.yaml:" in out
    number = line_with(rendered / file, "namespace: churn")
    _, out, _ = mlops("explain", f"{file}:{number}")
    assert "to which the environment's namespace is added" in out


def test_a_stale_file_is_said_to_be_one(rendered: Path, mlops: Callable[..., Any]) -> None:
    file = rendered / TEMPLATE
    number = line_with(file, "activeDeadlineSeconds")
    file.write_text("# a line more\n" + file.read_text().replace("priority", "priorty"))
    code, out, err = mlops("explain", f"{TEMPLATE}:{number + 1}")
    assert code == 0
    assert "pipelines.train.timeout" in out
    assert f"warning MS195 {TEMPLATE} is stale" in err
    code, out, err = mlops("explain", f"{TEMPLATE}:1")
    assert (code, out) == (1, "")
    assert "and line 1 is not in that" in err


def test_the_spec_may_lie_elsewhere(rendered: Path, mlops: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(rendered.parent)
    code, out, _ = mlops("explain", f"here/{TEMPLATE}:2", "--spec", "here")
    assert code == 0
    assert "from        pipelines.train  here/mlops.yaml:" in out


def test_a_file_that_is_not_rendered_offers_the_nearest(rendered: Path, mlops: Callable[..., Any]) -> None:
    code, out, err = mlops("explain", "workflowtemplate-train.yaml:3")
    assert (code, out) == (2, "")
    assert "help: did you mean dev/pipelines/workflowtemplate-train.yaml?" in err
    code, _, err = mlops("explain", f"{TEMPLATE}:100000")
    assert code == 2
    assert "and no line 100000" in err


def test_a_line_as_json(rendered: Path, mlops: Callable[..., Any]) -> None:
    number = line_with(rendered / TEMPLATE, "activeDeadlineSeconds")
    found = json.loads(mlops("explain", f"{TEMPLATE}:{number}", "--format", "json").out)
    assert found["from"][0]["what"] == "pipelines.train.timeout"
    assert found["from"][0]["history"][0]["file"] == "mlops.yaml"


def test_a_field_has_its_type_description_examples_and_value(churn: Path, mlops: Callable[..., Any]) -> None:
    code, out, err = mlops("explain", "pipelines.train.timeout")
    assert (code, err) == (0, "")
    assert out.splitlines()[:2] == ["pipelines.train.timeout: text", "  How long a run may take."]
    assert "  for example: 6h\n" in out
    assert "  pipelines.train.timeout: 6h  (dev, staging, prod)  # mlops.yaml:" in out


def test_a_field_of_any_name_lists_the_keys_below(churn: Path, mlops: Callable[..., Any]) -> None:
    _, out, _ = mlops("explain", "models.*.serving.replicas")
    assert "  min  whole number. How many at least; 0 lets it sleep. Default: 1.\n" in out
    assert "  models.churn.serving.replicas: 2 keys  (prod)  # mlops.yaml:" in out


def test_fields_are_explained_without_a_spec(here: Path, mlops: Callable[..., Any]) -> None:
    code, out, _ = mlops("explain", "pipelines.*.steps.*.compute")
    assert code == 0
    assert out.startswith("pipelines.*.steps.*.compute: text\n")
    assert mlops("explain", "pipelines", "--spec", ".").code == 2


def test_without_an_address_the_sections_are_listed(hello: Path, mlops: Callable[..., Any]) -> None:
    code, out, _ = mlops("explain", "")
    assert code == 0
    assert out.startswith("a spec: map\n")
    assert "  pipelines     map. " in out
    assert "in mlops.yaml" not in out


def test_the_options_are_those_of_the_backend_that_the_spec_chooses(churn: Path, mlops: Callable[..., Any]) -> None:
    _, out, _ = mlops("explain", "platform.orchestrator", "--format", "json")
    assert set(json.loads(out)["keys"]) == {"backend", "service_account", "events"}


def test_a_field_that_is_not_there_offers_the_nearest(here: Path, mlops: Callable[..., Any]) -> None:
    code, out, err = mlops("explain", "pipelines.train.timout")
    assert (code, out) == (2, "")
    assert "MS193 pipelines.train has no `timout`\nhelp: did you mean timeout?" in err


@pytest.mark.parametrize("code, title", [("MS013", "duplicate key"), ("ms120", "name that does not exist")])
def test_a_code_has_a_page(code: str, title: str, here: Path, mlops: Callable[..., Any]) -> None:
    ended, out, _ = mlops("explain", code)
    assert ended == 0
    assert out.startswith(f"{code.upper()}: {title}\n\nWhy: ")
    assert "\nWay out: " in out


def test_an_unknown_code_is_a_usage_error(here: Path, mlops: Callable[..., Any]) -> None:
    assert mlops("explain", "MS999").code == 2
