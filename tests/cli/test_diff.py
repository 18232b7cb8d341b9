"""``mlops-spec diff``: what a change of the spec will do, and which line causes it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.changed import changed

Git = Callable[..., str]
Mlops = Callable[..., Any]

SPEC, LOCK, MONITORS = "mlops.yaml", "mlops.lock.yaml", "monitors.mlops.yaml"
SIX = 'churn: {version: 6, run: 1c5e0f3a7b9d4e2f8a6c0b1d2e3f4a5b, uri: "s3://acme-ml/artifacts/1/models/m-6/artifacts", digest: "sha256:fb4da2657ccf035af3c7252964f0abc59067340d37043c3c1ad6bef4e624c304"'
SEVEN = 'version: 7, run: 5b4a3f2e1d0b6c8a2e4f9d7b1c5e0f3a, uri: "s3://acme-ml/artifacts/1/models/m-7/artifacts", digest: "sha256:3f60a7ed523433fc49e283f8e536f4b387417b21fa9f10d7d9082dc9302ad6ee"'
FROM_SIX = SIX.removeprefix("churn: ") + "}"


@pytest.fixture
def committed(churn: Path, git: Git) -> Path:
    """The example, committed to main."""
    git("add", "-A")
    git("commit", "-qm", "Spec")
    return churn


def edit(file: str, old: str, new: str) -> None:
    Path(file).write_text(changed(Path(file).read_text(), (old, new)))


def differences(mlops: Mlops, *arguments: str) -> list[dict[str, Any]]:
    ran = mlops("diff", "--format", "json", *arguments)
    assert ran.code == 0, ran.err
    found: list[dict[str, Any]] = json.loads(ran.out)["objects"]
    return [each for each in found if each["effect"] != "nothing"]


@pytest.mark.long
@pytest.mark.parametrize(
    "file, old, new, environment, path, effect, cause",
    [
        (SPEC, "min: 1, max: 4", "min: 1, max: 5", "dev", "serving/inferenceservice-churn.yaml", "scales", "models.churn.serving.replicas.max"),
        (SPEC, "compute: small", "compute: standard", "prod", "serving/inferenceservice-churn.yaml", "restarts", "models.churn.serving.compute"),
        (SPEC, 'auc: ">= 0.80"', 'auc: ">= 0.85"', "prod", "pipelines/workflowtemplate-train.yaml", "threshold", "pipelines.train.steps.good-enough.gate.require.auc"),
        (SPEC, "0 3 * * 1", "0 4 * * 1", "prod", "pipelines/cronworkflow-train.yaml", "retrains", "pipelines.train.schedule.cron"),
        (SPEC, "99.9%", "99.5%", "prod", "monitoring/prometheusrule-churn.slo.yaml", "threshold", "models.churn.slo.availability"),
        (SPEC, "default: standard", "default: small", "dev", "pipelines/workflowtemplate-train.yaml", "retrains", "variables.train_compute.default"),
        (SPEC, "input: active", "input: customers", "dev", "batch/scheduledsparkapplication-churn.yaml", "deletes", "models.churn.batch.input"),
        (MONITORS, "threshold: 0.2,", "threshold: 0.25,", "prod", "monitoring/configmap-churn-drift.yaml", "threshold", "monitors.churn-quality.drift.threshold"),
        (MONITORS, "< 300ms", "< 400ms", "prod", "monitoring/prometheusrule-churn-drift.yaml", "threshold", "monitors.churn-quality.service.latency_p99"),
        (LOCK, "4be1c7a0", "4be1c7a1", "prod", "pipelines/workflowtemplate-train.yaml", "retrains", "images.train.digest"),
        (LOCK, SIX, f"churn: {{{SEVEN}", "prod", "serving/inferenceservice-churn.yaml", "restarts", "environments.prod.models.churn.uri"),
    ],
)  # fmt: skip
def test_each_change_says_what_it_does_and_names_the_line_that_caused_it(
    committed: Path, mlops: Mlops, file: str, old: str, new: str, environment: str, path: str, effect: str, cause: str
) -> None:
    edit(file, old, new)
    found = differences(mlops, "--env", environment)
    (each,) = [each for each in found if each["path"] == path]
    assert each["effect"] == effect
    (made,) = [made for made in each["causes"] if made["address"] == cause]
    line = Path(file).read_text().splitlines()[made["place"]["line"] - 1]
    assert made["place"]["file"] == file
    assert cause.rpartition(".")[2] in line


def test_a_version_under_a_canary_starts_one_and_leaves_the_pods_that_serve(
    committed: Path, mlops: Mlops, git: Git
) -> None:
    edit(LOCK, SIX, f"churn: {{{SEVEN}, rollout: {{step: 1, from: {FROM_SIX}}}")
    found = {each["path"]: each for each in differences(mlops, "--env", "prod")}
    service = found["serving/inferenceservice-churn.yaml"]
    assert service["effect"] == "canary"
    assert [field["path"] for field in service["fields"] if field["effect"] == "restarts"] == []


def test_order_quoting_and_comments_are_no_changes(committed: Path, mlops: Mlops) -> None:
    edit(SPEC, "retries: {limit: 2, backoff: 1m}", 'retries:   # as everywhere\n      backoff: "1m"\n      limit: 2')
    ran = mlops("diff", "--exit-code")
    assert (ran.code, ran.out) == (0, "nothing: what is rendered is the same as at HEAD\n")


def test_what_happens_in_several_environments_is_told_once(committed: Path, mlops: Mlops) -> None:
    edit(SPEC, 'auc: ">= 0.80"', 'auc: ">= 0.85"')
    assert mlops("diff").out == (
        "mlops.yaml:128:21: pipelines.train.steps.good-enough.gate.require.auc: >= 0.80 -> >= 0.85\n"
        "\n"
        "dev, staging, prod:\n"
        "  ~ pipelines/workflowtemplate-train.yaml  changes a threshold\n"
        "      spec.templates.good-enough.container.command.2.require.auc\n"
        "        - >= 0.80\n"
        "        + >= 0.85\n"
        "\n"
        "dev: 1 changes a threshold\n"
        "staging: 1 changes a threshold\n"
        "prod (protected): 1 changes a threshold\n"
    )


@pytest.mark.long
def test_the_exit_code_tells_whether_anything_differs_where_that_is_asked_for(committed: Path, mlops: Mlops) -> None:
    assert mlops("diff", "--exit-code").code == 0
    edit(SPEC, "timeout: 6h", "timeout: 7h")
    assert mlops("diff").code == 0
    assert mlops("diff", "--exit-code").code == 1


@pytest.mark.long
def test_two_revisions_are_compared_without_a_look_at_the_files_here(committed: Path, mlops: Mlops, git: Git) -> None:
    edit(SPEC, "timeout: 6h", "timeout: 7h")
    git("commit", "-qam", "Seven")
    Path(SPEC).unlink()
    Path(SPEC).write_text("no: spec\n")
    assert mlops("diff", "HEAD~1", "HEAD", "--exit-code").code == 1
    assert mlops("diff", "HEAD~1..HEAD", "--exit-code").code == 1
    assert mlops("diff", "HEAD", "HEAD", "--exit-code").code == 0


@pytest.mark.long
def test_three_dots_begin_where_the_branch_left(committed: Path, mlops: Mlops, git: Git) -> None:
    git("checkout", "-qb", "topic")
    edit(SPEC, "timeout: 6h", "timeout: 7h")
    git("commit", "-qam", "Topic")
    git("checkout", "-q", "main")
    edit(SPEC, 'auc: ">= 0.80"', 'auc: ">= 0.85"')
    git("commit", "-qam", "Main")
    assert {c["address"] for each in differences(mlops, "main...topic") for c in each["causes"]} == {
        "pipelines.train.timeout"
    }
    assert len({c["address"] for each in differences(mlops, "main..topic") for c in each["causes"]}) == 2


@pytest.mark.long
def test_a_spec_that_was_not_there_before_creates_everything(churn: Path, git: Git, mlops: Mlops) -> None:
    git("commit", "-q", "--allow-empty", "-m", "Nothing")
    found = differences(mlops)
    assert {each["verb"] for each in found} == {"create"}
    assert {each["environment"] for each in found} == {"dev", "staging", "prod", "project"}


def test_an_environment_that_goes_is_told_of_with_the_line_that_had_it(hello: Path, git: Git, mlops: Mlops) -> None:
    text = Path(SPEC).read_text()
    Path(SPEC).write_text(text + "environments: {dev: {}, test: {}}\n")
    git("add", "-A")
    git("commit", "-qm", "Spec")
    Path(SPEC).write_text(text + "environments: {dev: {}}\n")
    found = [each for each in differences(mlops) if each["environment"] == "test"]
    assert {each["effect"] for each in found} == {"deletes"}
    assert mlops("diff").out.startswith("HEAD:mlops.yaml:12:25: environments.test: - {")


def test_what_has_errors_is_not_compared_and_the_place_names_the_revision(
    committed: Path, mlops: Mlops, git: Git
) -> None:
    edit(SPEC, "timeout: 6h", "timeout: soon")
    ran = mlops("diff")
    assert (ran.code, ran.out) == (1, "")
    assert "mlops.yaml:" in ran.err
    git("commit", "-qam", "Broken")
    edit(SPEC, "timeout: soon", "timeout: 6h")
    ran = mlops("diff")
    assert (ran.code, ran.out) == (1, "")
    assert "HEAD:mlops.yaml:" in ran.err


@pytest.mark.parametrize(
    "arguments, code, words",
    [
        (["nowhere"], 6, "Git knows no commit nowhere here"),
        (["--upload-pack=x"], 2, "No such option"),
        (["a", "b", "c"], 2, "two revisions are compared, and these are 3"),
        (["HEAD", "--env", "pord"], 2, "did you mean prod?"),
        (["HEAD...orphan"], 6, "no commit is known here that both HEAD and orphan come from"),
    ],
)
def test_what_cannot_be_compared_is_said(
    committed: Path, mlops: Mlops, git: Git, arguments: list[str], code: int, words: str
) -> None:
    git("branch", "orphan", git("commit-tree", "HEAD^{tree}", "-m", "Orphan"))
    ran = mlops("diff", *arguments)
    assert (ran.code, ran.out) == (code, "")
    assert words in ran.err


def test_without_a_repository_there_is_nothing_to_compare_with(churn: Path, mlops: Mlops) -> None:
    ran = mlops("diff")
    assert ran.code == 6
    assert "no Git repository" in ran.err


def test_the_templates_of_a_commit_are_that_commits_own(hello: Path, git: Git, mlops: Mlops) -> None:
    own = hello / "own" / "orchestrator" / "argo" / "workflowtemplate.yaml.j2"
    own.parent.mkdir(parents=True)
    product = Path(__file__).parents[2] / "templates" / "orchestrator" / "argo" / "workflowtemplate.yaml.j2"
    own.write_text(product.read_text())
    (hello / SPEC).write_text((hello / SPEC).read_text() + "templates: own\n")
    git("add", "-A")
    git("commit", "-qm", "Spec")
    own.write_text(
        product.read_text().replace(
            "activeDeadlineSeconds: ${{ pipeline.timeout }}",
            "suspend: false\n  activeDeadlineSeconds: ${{ pipeline.timeout }}",
        )
    )
    assert "suspend" not in git("show", "HEAD:own/orchestrator/argo/workflowtemplate.yaml.j2")
    found = differences(mlops)
    assert [each["path"] for each in found] == ["pipelines/workflowtemplate-train.yaml"]


def test_what_is_the_same_in_both_revisions_is_rendered_once(
    committed: Path, mlops: Mlops, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mlops_spec.compiler import _Corridor

    rendered: list[str] = []
    meaning = _Corridor._meaning

    def counted(self: _Corridor, compiled: Any, *rest: Any) -> Any:
        rendered.append(compiled.name)
        return meaning(self, compiled, *rest)

    monkeypatch.setattr(_Corridor, "_meaning", counted)
    edit(LOCK, SIX, f"churn: {{{SEVEN}")
    mlops("diff")
    assert sorted(rendered) == ["dev", "prod", "prod", "staging"]
