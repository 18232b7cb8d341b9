"""What checks and builds, as its readers take it: BuildKit, hadolint, actionlint, ShellCheck, GitHub's and GitLab's schemas."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlops_spec.compiler import compile_spec
from mlops_spec.diagnostic import failed
from mlops_spec.source.files import Memory

pytestmark = pytest.mark.conformance
DIGEST = f"sha256:{'4b' * 32}"
SPEC = """\
apiVersion: mlops-spec/v1
project: {name: churn}
platform:
  runtime: {image: registry.acme.example/mlops-spec/runtime}
  ci: CI
  delivery: {path: out/_x.y-z@1, branch: release/1.x_}
  rollout: {path: specs/churn}
images:
  train:
    repository: host:5000/growth/train
    tag: "1.0"
    build: {context: ../../services/_train.v1@x, python: "3.12", requirements: locks/requirements.a-b_c.lock}
  score:
    repository: registry.acme.example/growth/score
    build: {python: "3.13.1", requirements: requirements.lock, base: "registry.acme.example/base/python:3.13"}
pipelines:
  train:
    steps:
      fit: {image: "${{ images.train }}", command: [python, -m, churn.fit]}
      score: {image: "${{ images.score }}", command: [python, -m, churn.score]}
"""
LOCK = f"""\
lockVersion: 1
images:
  runtime: {{digest: "{DIGEST}"}}
  train: {{digest: "{DIGEST}", base: {{digest: "{DIGEST}"}}}}
  score: {{digest: "{DIGEST}", base: {{digest: "{DIGEST}"}}}}
"""
MLFLOW = "https://mlflow.acme.example"
GITHUB = '{backend: github, sarif: true, upgrade: {registry: "MLFLOW"}, runner: ml-large_1.2, buildkit: "registry.acme.example/buildkit:0.20"}'.replace(
    "MLFLOW", MLFLOW
)
GITLAB = '{backend: gitlab, upgrade: {registry: "MLFLOW"}, tags: [ml, "a:b/c"], image: "registry.acme.example/docker:28", buildkit: registry.acme.example/buildkit}'.replace(
    "MLFLOW", MLFLOW
)
SCHEMAS = {GITHUB: "vendor.github-workflows", GITLAB: "vendor.gitlab-ci"}
Tree = dict[str, Path]


def system(name: str) -> Path:
    found = os.environ.get(name)
    if not found:
        pytest.skip(f"{name} names no program")
    return Path(found)


def ran(*words: Any, stdin: str | None = None, path: str = "") -> tuple[int, str]:
    environment = {**os.environ, "PATH": f"{path}{os.environ['PATH']}"}
    command = [str(word) for word in words]
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False, env=environment)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def tree(tmp_path: Path) -> Callable[[str], Tree]:
    def tree(ci: str) -> Tree:
        texts = {"mlops.yaml": SPEC.replace("CI", ci), "mlops.lock.yaml": LOCK}
        compiled = compile_spec(Memory({name: text.encode() for name, text in texts.items()}), "mlops.yaml")
        assert not failed(compiled.diagnostics), compiled.diagnostics
        written = {}
        for name, text in compiled.tree.items():
            folder, _, rest = name.partition("/")
            if folder == "project":
                written[rest] = tmp_path / rest
                written[rest].parent.mkdir(parents=True, exist_ok=True)
                written[rest].write_text(text)
        return written

    return tree


@pytest.fixture
def dockerfiles(tree: Callable[[str], Tree]) -> Tree:
    found = {path: file for path, file in tree(GITHUB).items() if path.endswith("Dockerfile")}
    assert sorted(found) == ["images/score/Dockerfile", "images/train/Dockerfile"]
    return found


def test_buildkit_reads_what_was_meant(dockerfiles: Tree) -> None:
    code, printed = ran(system("MLOPS_SPEC_BUILDKIT"), stdin=dockerfiles["images/train/Dockerfile"].read_text())
    assert code == 0
    read = json.loads(printed)
    assert (read.get("error"), read["warnings"]) == (None, [])
    assert read["base"] == f"docker.io/library/python:3.12-slim@{DIGEST}"
    install, *rest = read["instructions"]
    assert install["mounts"] == ["bind locks/requirements.a-b_c.lock /tmp/requirements.txt"]
    for word in ("--require-hashes", "--no-cache-dir"):
        assert word in install["text"]
    assert [one["name"] for one in rest] == ["ENV", "USER", "WORKDIR", "COPY", "ARG", "ENV"]
    assert [one["text"] for one in rest if one["name"] == "COPY"] == ["COPY src /app/src"]


def test_the_image_runs_as_nobody_with_its_code_on_the_path_and_knows_its_revision(dockerfiles: Tree) -> None:
    text = dockerfiles["images/score/Dockerfile"].read_text()
    read = json.loads(ran(system("MLOPS_SPEC_BUILDKIT"), stdin=text)[1])
    assert read["base"] == f"registry.acme.example/base/python:3.13@{DIGEST}"
    config = read["config"]
    assert (config["User"], config["WorkingDir"]) == ("65532:65532", "/app")
    assert {"PYTHONPATH=/app/src", "MLOPS_GIT_REVISION=4b4b4b4"} <= set(config["Env"])
    assert "Cmd" not in config


def test_buildkit_has_nothing_to_say_of_any(dockerfiles: Tree) -> None:
    for file in dockerfiles.values():
        read = json.loads(ran(system("MLOPS_SPEC_BUILDKIT"), stdin=file.read_text())[1])
        assert (read.get("error"), read["warnings"]) == (None, [])


def test_buildkit_tells_of_what_is_wrong() -> None:
    wrong = "FROM a AS B\nRUN --mount=type=nothing true\n"
    assert "nothing" in json.loads(ran(system("MLOPS_SPEC_BUILDKIT"), stdin=wrong)[1])["error"]
    assert json.loads(ran(system("MLOPS_SPEC_BUILDKIT"), stdin="FROM a\nENV a b\n")[1])["warnings"]


def test_hadolint_has_nothing_to_say(dockerfiles: Tree) -> None:
    hadolint = system("MLOPS_SPEC_DOCKERFILE_PYTHON").with_name("hadolint")
    assert ran(hadolint, *dockerfiles.values()) == (0, "")


def test_actionlint_has_nothing_to_say_of_workflows_and_the_scripts_in_them(tree: Callable[[str], Tree]) -> None:
    workflows = [file for path, file in tree(GITHUB).items() if path.startswith("ci/") and path.endswith(".yaml")]
    assert len(workflows) == 5
    shellcheck = system("MLOPS_SPEC_SHELLCHECK")
    # The label is a runner of one's own, which actionlint cannot know.
    command = (
        system("MLOPS_SPEC_ACTIONLINT"),
        "-shellcheck",
        shellcheck,
        "-pyflakes",
        "",
        "-ignore",
        "label .* is unknown",
    )
    assert ran(*command, *workflows) == (0, "")


def test_shellcheck_has_nothing_to_say(tree: Callable[[str], Tree]) -> None:
    found = {path: file for ci in (GITHUB, GITLAB) for path, file in tree(ci).items()}
    scripts = [file for path, file in found.items() if path.endswith(".sh")]
    assert len(scripts) == 9
    assert ran(system("MLOPS_SPEC_SHELLCHECK"), "--severity=style", *scripts) == (0, "")


@pytest.mark.parametrize("ci", SCHEMAS, ids=["github", "gitlab"])
def test_the_published_schema_takes_it(ci: str, tree: Callable[[str], Tree]) -> None:
    check = system("MLOPS_SPEC_CI_PYTHON").with_name("check-jsonschema")
    files = [file for path, file in tree(ci).items() if path.startswith("ci/") and path.endswith(".yaml")]
    assert len(files) == 5
    code, printed = ran(check, "--builtin-schema", SCHEMAS[ci], *files)
    assert code == 0, printed
    files[0].write_text(files[0].read_text().replace("timeout", "timeuot"))
    assert ran(check, "--builtin-schema", SCHEMAS[ci], files[0])[0] == 1
