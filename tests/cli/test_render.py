"""``mlops-spec render``: a folder, a stream, and what is said about them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

TEMPLATE = "default/pipelines/workflowtemplate-train.yaml"


def files(folder: Path) -> dict[str, str]:
    return {str(p.relative_to(folder)): p.read_text() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_a_spec_is_written_by_environment_component_kind_and_name(hello: Path, mlops: Callable[..., Any]) -> None:
    code, out, err = mlops("render", "--out", "out")
    written = files(hello / "out")
    assert code == 0
    assert TEMPLATE in written
    assert out == f"out: {len(written) - 1} written, 0 unchanged, 0 deleted\n"
    assert "MS130" in err


def test_a_second_render_changes_nothing(hello: Path, mlops: Callable[..., Any]) -> None:
    mlops("render", "--out", "out")
    before = files(hello / "out")
    _, out, _ = mlops("render", "--out", "out")
    assert out == f"out: 0 written, {len(before) - 1} unchanged, 0 deleted\n"
    assert files(hello / "out") == before


def test_the_memory_of_renders_lies_beside_the_folder_and_ignores_itself(
    hello: Path, mlops: Callable[..., Any]
) -> None:
    mlops("render", "--out", "deploy/out")
    assert (hello / "deploy/.mlops-spec/.gitignore").read_text() == "*\n"


def test_check_is_quiet_about_a_folder_that_is_up_to_date(hello: Path, mlops: Callable[..., Any]) -> None:
    mlops("render", "--out", "out")
    code, out, err = mlops("render", "--out", "out", "--check")
    assert (code, out) == (0, "")
    assert err.endswith("out is up to date\n")


def test_check_prints_a_diff_of_what_is_stale_and_writes_nothing(hello: Path, mlops: Callable[..., Any]) -> None:
    mlops("render", "--out", "out")
    before = files(hello / "out")
    spec = hello / "mlops.yaml"
    spec.write_text(spec.read_text().replace("6h", "7h"))
    code, out, err = mlops("render", "--out", "out", "--check")
    assert code == 1
    assert [line for line in out.splitlines() if line[0] in "+-"] == [
        f"--- a/{TEMPLATE}",
        f"+++ b/{TEMPLATE}",
        "-  activeDeadlineSeconds: 21600",
        "+  activeDeadlineSeconds: 25200",
    ]
    assert err.endswith("out is stale: 1 changed; run `mlops-spec render --out out`\n")
    assert files(hello / "out") == before


def test_a_stream_has_every_object_and_nothing_else(hello: Path, mlops: Callable[..., Any]) -> None:
    mlops("render", "--out", "out")
    code, out, _ = mlops("render", "--out", "-")
    written = {path: text for path, text in files(hello / "out").items() if path.count("/") == 2}
    assert code == 0
    assert out == "".join(f"---\n{text}" for text in written.values())
    assert {document["kind"] for document in yaml.safe_load_all(out)} >= {"Namespace", "WorkflowTemplate"}


def test_a_stream_has_no_workflow_and_tells_of_it(hello: Path, mlops: Callable[..., Any]) -> None:
    spec, digest = hello / "mlops.yaml", f"sha256:{'4b' * 32}"
    text = spec.read_text().replace('tag: "1"', 'build: {python: "3.12", requirements: requirements.lock}')
    spec.write_text(f"{text}platform: {{runtime: {{image: registry.acme.example/runtime}}}}\n")
    for name, *base in (("train", "--base"), ("train",), ("runtime",)):
        assert mlops("lock", "image", name, digest, *base).code == 0
    code, out, err = mlops("render", "--out", "-")
    assert code == 0
    assert all(document["kind"] for document in yaml.safe_load_all(out))
    for path in ("ci/image-train.yaml", "images/build.sh", "images/propose.sh", "images/train/Dockerfile"):
        assert f"not in the stream, since it is no object: project/{path}" in err
    mlops("render", "--out", "out")
    assert not (hello / "out" / "project" / "kustomization.yaml").exists()
    _, out, _ = mlops("explain", "out/project/images/train/Dockerfile:2")
    assert "templates/ci/images/image.dockerfile.j2:2" in out
    assert "images.train.build" in out


def test_one_environment_alone_leaves_the_others_and_the_project_as_they_are(
    churn: Path, mlops: Callable[..., Any]
) -> None:
    mlops("render", "--out", "out", "--env", "dev")
    assert [path.name for path in (churn / "out").iterdir()] == ["dev"]
    mlops("render", "--out", "out")
    assert {path.name for path in (churn / "out").iterdir()} == {"dev", "staging", "prod", "project"}
    before = files(churn / "out")
    spec = churn / "mlops.yaml"
    spec.write_text(spec.read_text().replace("timeout: 6h", "timeout: 7h"))
    mlops("render", "--out", "out", "--env", "dev")
    after = files(churn / "out")
    assert {path for path in before if before[path] != after[path]} == {"dev/pipelines/workflowtemplate-train.yaml"}


def test_a_timeout_of_prod_alone_changes_one_line_of_prod(
    churn: Path, mlops: Callable[..., Any], override: Callable[[str], None]
) -> None:
    mlops("render", "--out", "out")
    override("pipelines: {train: {timeout: 7h}}")
    code, out, _ = mlops("render", "--out", "out", "--check")
    changed = [line for line in out.splitlines() if line[0] in "+-" and not line.startswith(("+++", "---"))]
    assert code == 1
    assert changed == ["-  activeDeadlineSeconds: 21600", "+  activeDeadlineSeconds: 25200"]
    assert "a/prod/pipelines/workflowtemplate-train.yaml" in out


def test_a_file_that_someone_edited_is_kept_and_named(hello: Path, mlops: Callable[..., Any]) -> None:
    mlops("render", "--out", "out")
    edited = hello / "out" / TEMPLATE
    edited.write_text(edited.read_text().replace("21600", "1"))
    code, out, err = mlops("render", "--out", "out")
    assert (code, out) == (1, "")
    assert f"error MS150 out/{TEMPLATE} was edited by hand" in err
    assert "activeDeadlineSeconds: 1\n" in edited.read_text()


def test_what_head_has_is_ours_where_nothing_is_remembered(
    hello: Path, git: Callable[..., str], mlops: Callable[..., Any]
) -> None:
    mlops("render", "--out", "out")
    git("add", "out")
    git("commit", "-qm", "Rendered")
    (hello / ".mlops-spec/written").rename(hello / "forgotten")
    spec = hello / "mlops.yaml"
    spec.write_text(spec.read_text().replace("6h", "7h"))
    assert mlops("render", "--out", "out").code == 0


def test_no_git_runs_where_there_is_no_repository(
    hello: Path, mlops: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    mlops("render", "--out", "out")
    (hello / ".mlops-spec/written").rename(hello / "forgotten")
    assert mlops("render", "--out", "out").code == 0
    spec = hello / "mlops.yaml"
    (hello / ".mlops-spec/written").rename(hello / "forgotten too")
    spec.write_text(spec.read_text().replace("6h", "7h"))
    code, _, err = mlops("render", "--out", "out")
    assert code == 1
    assert "MS150" in err


def test_nothing_is_written_of_a_spec_with_errors(hello: Path, mlops: Callable[..., Any]) -> None:
    (hello / "mlops.yaml").write_text("apiVersion: mlops-spec/v1\n")
    code, out, err = mlops("render", "--out", "out")
    assert (code, out) == (1, "")
    assert "error MS101" in err
    assert not (hello / "out").exists()


def test_what_is_left_out_is_counted_for_people_and_listed_for_programs(churn: Path, mlops: Callable[..., Any]) -> None:
    listed = json.loads(mlops("render", "--out", "out", "--format", "json").err)["diagnostics"]
    left_out = f"{len(listed)} things are not rendered yet or withheld: `mlops-spec lint` lists them\n"
    assert mlops("render", "--out", "out").err == left_out
    told = mlops("lint").out
    assert all(f" {d['code']} {d['message']}" in told for d in listed)


def test_json_says_what_was_done(hello: Path, mlops: Callable[..., Any]) -> None:
    _, out, err = mlops("render", "--out", "out", "--format", "json")
    result = json.loads(out)
    assert TEMPLATE in result["written"]
    assert (result["deleted"], result["unchanged"], result["withheld"]) == ([], 0, [])
    assert json.loads(err)["diagnostics"][0]["code"] == "MS130"
    spec = hello / "mlops.yaml"
    spec.write_text(spec.read_text().replace("6h", "7h"))
    _, out, _ = mlops("render", "--out", "out", "--check", "--format", "json")
    assert json.loads(out)["stale"] == [TEMPLATE]


def test_a_stream_cannot_be_checked(hello: Path, mlops: Callable[..., Any]) -> None:
    assert mlops("render", "--out", "-", "--check").code == 2
