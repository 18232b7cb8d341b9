"""Lowering decides upon what an image is built, of what, and where CI does it; what it cannot say it withholds."""

from __future__ import annotations

import json

import pytest

from mlops_spec.compiler import Compilation
from mlops_spec.diagnostic import failed
from tests import changed
from tests.language.test_text import ATTACKS

DIGEST, BASE = f"sha256:{'4b' * 32}", f"sha256:{'5c' * 32}"
SPEC = """\
apiVersion: mlops-spec/v1
project: {name: x}
platform:
  runtime: {image: registry.acme.example/runtime}
  ci: {backend: github}
environments: {dev: {}, test: {}}
images:
  train:
    repository: registry.acme.example/train
    build: {python: "3.12", requirements: requirements.lock}
pipelines:
  train: {steps: {fit: {image: "${{ images.train }}", command: [python, -m, x]}}}
"""
LOCK = f"""\
lockVersion: 1
images:
  runtime: {{digest: "{DIGEST}"}}
  train: {{digest: "{DIGEST}", base: {{digest: "{BASE}"}}}}
"""
WORKFLOW, DOCKERFILE = "project/ci/image-train.yaml", "project/images/train/Dockerfile"


def compiled(*changes: tuple[str, str], lock: str = LOCK) -> Compilation:
    return changed.compiled(SPEC, lock, *changes)


def withheld(result: Compilation) -> dict[str, str]:
    return {d.address: d.message for d in result.diagnostics if d.code == "MS140"}


def built_upon(result: Compilation) -> str:
    (line,) = [line for line in result.tree[DOCKERFILE].splitlines() if line.startswith("FROM ")]
    return line.removeprefix("FROM ")


def test_without_a_base_of_its_own_it_is_built_upon_python_by_the_locks_digest() -> None:
    result = compiled()
    assert not result.diagnostics
    assert built_upon(result) == f"docker.io/library/python:3.12-slim@{BASE}"


def test_a_base_of_its_own_has_the_locks_digest_too() -> None:
    result = compiled(('python: "3.12"', 'python: "3.12", base: registry.acme.example/base/python:3.12'))
    assert built_upon(result) == f"registry.acme.example/base/python:3.12@{BASE}"


def test_a_digest_in_the_spec_is_the_one_that_counts() -> None:
    own = f"registry.acme.example/base@{DIGEST}"
    assert built_upon(compiled(('python: "3.12"', f'python: "3.12", base: "{own}"'))) == own


def test_without_any_digest_of_its_base_it_is_withheld_and_none_is_made_up() -> None:
    result = compiled(lock=LOCK.replace(f', base: {{digest: "{BASE}"}}', ""))
    assert [*withheld(result)] == ["images.train.build"]
    (problem,) = result.diagnostics
    assert "the lock has no digest for docker.io/library/python:3.12-slim" in problem.message
    assert problem.hint == "run `mlops-spec lock`"
    assert problem.place is not None
    assert problem.place.line == 10
    assert not [path for path in result.tree if path.startswith("project/images")]
    assert "images.train.build" in result.tree["dev/README.md"]


def test_without_the_runtime_image_dockerfiles_are_there_and_what_builds_by_them_is_withheld() -> None:
    result = compiled(("  runtime: {image: registry.acme.example/runtime}\n", ""))
    assert "platform.ci" in withheld(result)
    assert [path for path in result.tree if path.startswith("project/images")] == [DOCKERFILE]
    assert WORKFLOW not in result.tree


def test_paths_are_from_the_root_of_the_repository() -> None:
    changes = (
        ("  ci: {backend: github}", "  ci: {backend: github}\n  rollout: {path: specs/x}\n  delivery: {path: out}"),
        ("build: {", "build: {context: ../../code, "),
    )
    result = compiled(*changes)
    assert "INPUTS: code/src code/requirements.lock out/project/images/train/Dockerfile" in result.tree[WORKFLOW]
    assert "CONTEXT: code\n" in result.tree[WORKFLOW]
    assert "FOLDER: specs/x\n" in result.tree[WORKFLOW]
    assert "SCRIPTS: out/project/images\n" in result.tree[WORKFLOW]
    assert "source=requirements.lock," in result.tree[DOCKERFILE]


@pytest.mark.parametrize(
    "repository, registry",
    [("registry.acme.example/a/b", "registry.acme.example"), ("host:5000/a", "host:5000"), ("localhost/a", "localhost"),
     ("growth/train", "docker.io"), ("train", "docker.io")],
)  # fmt: skip
def test_the_registry_is_the_repositorys_host(repository: str, registry: str) -> None:
    result = compiled(("registry.acme.example/train", repository))
    assert f"\n  REGISTRY: {registry}\n" in result.tree[WORKFLOW]


def test_a_build_that_differs_between_environments_is_withheld() -> None:
    override = "test: {overrides: {images: {train: {repository: registry.acme.example/prod/train}}}}"
    result = compiled(("test: {}", override))
    assert "not the same in all environments" in withheld(result)["images.train.build"]
    assert DOCKERFILE not in result.tree


def test_what_one_environment_withholds_is_told_of_that_one_alone() -> None:
    override = "dev: {overrides: {images: {train: {build: {python: '3.11'}}}}}"
    result = compiled(("dev: {}", override), lock=LOCK.replace(f', base: {{digest: "{BASE}"}}', ""))
    told = {d.environments: d.message for d in result.diagnostics}
    assert set(told) == {("dev",), ("test",)}
    assert "python:3.11-slim" in told["dev",]


def test_what_is_in_one_environment_alone_is_built() -> None:
    result = compiled(
        ("repository: reg", "only: [test]\n    repository: reg"), ("train: {steps", "train: {only: [test], steps")
    )
    assert not failed(result.diagnostics)
    assert DOCKERFILE in result.tree


def test_requirements_outside_of_the_context_are_refused() -> None:
    (problem,) = compiled(("requirements: r", "context: code, requirements: ../r")).diagnostics
    assert (problem.code, problem.address) == ("MS125", "images.train.build.requirements")


@pytest.mark.parametrize("text", ATTACKS, ids=ascii)
@pytest.mark.parametrize("field", ["context", "requirements"])
def test_a_path_that_a_reader_would_evaluate_is_refused_at_its_place(field: str, text: str) -> None:
    said = ("requirements: requirements.lock", f"{field}: {json.dumps(text)}")
    result = compiled(said if field == "requirements" else ("build: {", f"build: {{{said[1]}, "))
    assert failed(result.diagnostics)
    assert not [path for path in result.tree if path.startswith("project/")]


def test_the_address_of_what_is_refused_is_the_fields() -> None:
    (problem,) = compiled(("requirements: requirements.lock", "requirements: 'a b.lock'")).diagnostics
    assert (problem.code, problem.address) == ("MS125", "images.train.build.requirements")
    assert problem.place is not None
    assert problem.place.line == 10


NO_BUILD = ('    build: {python: "3.12", requirements: requirements.lock}\n', "")
NO_RUNTIME = ("  runtime: {image: registry.acme.example/runtime}\n", "")
NO_CI = ("  ci: {backend: github}\n", "")
UNLOCKED = LOCK.replace(f'  runtime: {{digest: "{DIGEST}"}}\n', "")
CHECKS = [
    f"project/ci/{name}"
    for name in ("check.sh", "check.yaml", "command.sh", "diff.sh", "promote.yaml", "promotion.sh", "propose.sh")
] + ["project/ci/report.sh", "project/ci/request.sh"]


def checks(result: Compilation) -> list[str]:
    return [path for path in result.tree if path.startswith("project/ci/")]


def test_changes_are_checked_by_the_locked_runtime_where_nothing_is_built_too() -> None:
    result = compiled(NO_BUILD, ("  ci: {backend: github}", "  ci: {backend: github}\n  rollout: {path: specs/x}"))
    assert checks(result) == CHECKS
    workflow = result.tree["project/ci/check.yaml"]
    assert "  FOLDER: specs/x\n  CHECKS: deploy/project/ci\n" in workflow
    assert f"  RUNTIME: registry.acme.example/runtime@{DIGEST}\n" in workflow


@pytest.mark.parametrize("missing", [[NO_RUNTIME], []], ids=["no image", "an image, but no digest"])
def test_without_a_locked_runtime_checks_are_withheld_with_the_way_out(missing: list[tuple[str, str]]) -> None:
    result = compiled(NO_BUILD, *missing, lock=UNLOCKED)
    assert "platform.ci" in withheld(result)
    (hint,) = {d.hint for d in result.diagnostics if d.address == "platform.ci"}
    assert hint == "set platform.runtime.image and lock it"
    assert not checks(result)


@pytest.mark.parametrize("image", [[NO_RUNTIME, ("platform:\n", "")], []], ids=["no image", "an image"])
def test_who_names_no_ci_system_is_told_nothing(image: list[tuple[str, str]]) -> None:
    result = compiled(NO_BUILD, NO_CI, *image, lock=UNLOCKED)
    assert "platform.ci" not in withheld(result)
    assert not checks(result)


def test_a_path_that_jobs_cannot_carry_withholds_them_where_nothing_needs_them() -> None:
    odd = ("  ci: {backend: github}", "  ci: {backend: github}\n  delivery: {path: 'a b'}")
    result = compiled(NO_BUILD, odd)
    assert not failed(result.diagnostics)
    assert "jobs carry no platform.delivery.path such as 'a b'" in withheld(result)["platform.ci"]
    assert not checks(result)
