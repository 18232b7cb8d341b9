"""The jobs as they are rendered, run: from a push to the pull request that moves one line of the lock."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from mlops_spec.compiler import compile_spec
from mlops_spec.source.files import Memory
from tests.backends.ci.forge import Forge, forge
from tests.backends.ci.runner import Ran, run_job, run_workflow

pytestmark = pytest.mark.long
DIGEST = f"sha256:{'4b' * 32}"
SPEC = """\
apiVersion: mlops-spec/v1
project: {name: churn}
platform:
  ci: {backend: BACKEND}
  runtime: {image: registry.acme.example/mlops-spec/runtime}
images:
  train:
    repository: registry.acme.example/growth/train
    build: {python: "3.12", requirements: requirements.lock}
pipelines:
  train: {steps: {fit: {image: "${{ images.train }}", command: [python, -m, churn.fit]}}}
"""
LOCK = f"""\
# What is pinned.
lockVersion: 1
images:
  runtime: {{digest: "{DIGEST}"}}
  train: {{base: {{digest: "{DIGEST}"}}}} # of Monday
"""
CODE = "src/churn/fit.py"
SECRETS = {"REGISTRY_USER": "ci", "REGISTRY_PASSWORD": "pa$$ word"}


def rendered(backend: str) -> dict[str, str]:
    """Return the files of a team's repository, with the tree that is rendered of its spec."""
    own = {"mlops.yaml": SPEC.replace("BACKEND", backend), "mlops.lock.yaml": LOCK}
    compiled = compile_spec(Memory({name: text.encode() for name, text in own.items()}), "mlops.yaml")
    tree = {f"deploy/{path}": text for path, text in compiled.tree.items()}
    if backend == "github":
        own[".github/workflows/image-train.yaml"] = compiled.tree["project/ci/image-train.yaml"]
    return {**own, **tree, "requirements.lock": "\n", CODE: "print('fitted')\n"}


def github(made: Forge, commit: str, token: str | None = None) -> Ran:
    """Run the workflow of a commit; ``token`` in place of the workflow's own. Return how it ended, and all it printed."""
    workflow = yaml.safe_load((made.work / "deploy/project/ci/image-train.yaml").read_text())
    server, _, repository = made.url.rpartition("/growth/")
    known: dict[str, str] = {
        "github.server_url": server, "github.repository": f"growth/{repository}", "github.sha": commit,
        "github.token": made.token, "secrets.MLOPS_SPEC_TOKEN": token or "",
        **{f"secrets.{name}": value for name, value in SECRETS.items()},
    }  # fmt: skip

    own = {
        "GITHUB_SHA": commit,
        "GITHUB_SERVER_URL": server,
        "GITHUB_REPOSITORY": f"growth/{repository}",
        "GITHUB_WORKFLOW_REF": "growth/churn/.github/workflows/image-train.yaml@refs/heads/main",
    }
    return run_workflow(made, workflow, ("build", "lock"), known, own)


def gitlab(made: Forge, commit: str, token: str | None = None) -> Ran:
    """Run the jobs of a commit in one folder, as artifacts bring files from one to the other."""
    jobs = yaml.safe_load((made.work / "deploy/project/ci/image-train.yaml").read_text())
    known = {
        "CI_PROJECT_URL": made.url, "CI_COMMIT_SHA": commit, "CI_SERVER_HOST": "git.acme.example",
        "MLOPS_SPEC_TOKEN": token or made.token, **SECRETS,
    }  # fmt: skip
    at, printed = made.folder / "runner", ""
    if not at.exists():
        made.git("clone", "--quiet", str(made.bare), str(at), at=made.folder)
    made.git("fetch", "--quiet", "origin", at=at)
    made.git("checkout", "--quiet", "--force", "--detach", commit, at=at)
    for name in ("build-image-churn-train", "lock-image-churn-train"):
        code, told = run_job(made, jobs, name, known, at)
        printed += told
        if code:
            return code, printed
    return 0, printed


@pytest.fixture(params=[("github", github, "x-access-token"), ("gitlab", gitlab, "oauth2")], ids=lambda p: p[0])
def ci(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Forge, Callable[..., Ran], str]]:
    """A team's project on a forge, what runs its jobs, and its first commit."""
    backend, run, user = request.param
    with forge(tmp_path, user) as made:
        yield made, run, made.push(rendered(backend))


def digest(proposed: str | None) -> str:
    found = re.search(r'^\+.*[{ ]digest: "?(sha256:[0-9a-f]{64})"?\}? # of Monday$', proposed or "", re.MULTILINE)
    assert found, proposed
    return found[1]


def test_a_push_becomes_a_pull_request_that_moves_one_line(ci: Any) -> None:
    made, run, commit = ci
    code, printed = run(made, commit)
    assert code == 0, printed
    proposed = made.proposed()
    changed = [line for line in proposed.splitlines() if re.match(r"[-+](?![-+])", line)]
    assert changed[0] == f'-  train: {{base: {{digest: "{DIGEST}"}}}} # of Monday'
    assert changed[1:] == [f'+  train: {{base: {{digest: "{DIGEST}"}}, digest: {digest_of(printed)}}} # of Monday']


def digest_of(printed: str) -> str:
    found = re.search(r"^registry\.acme\.example/growth/train@(sha256:[0-9a-f]{64})$", printed, re.MULTILINE)
    assert found, printed
    return found[1]


def test_the_same_inputs_are_the_same_image_whatever_else_is_committed(ci: Any) -> None:
    made, run, commit = ci
    first = digest_of(run(made, commit)[1])
    later = made.push({"README.md": "Something else.\n"})
    assert digest_of(run(made, later)[1]) == first
    assert digest_of(run(made, made.push({CODE: "print('otherwise')\n"}))[1]) != first


def test_what_is_proposed_follows_what_is_pushed(ci: Any) -> None:
    made, run, commit = ci
    run(made, commit)
    _, printed = run(made, made.push({CODE: "print('otherwise')\n"}))
    assert digest_of(printed) in made.proposed()


def test_a_run_that_comes_late_proposes_nothing(ci: Any) -> None:
    made, run, commit = ci
    made.push({CODE: "print('otherwise')\n"})
    code, printed = run(made, commit)
    assert (code, made.proposed()) == (0, None)
    assert "main has moved on since" in printed


def test_what_the_lock_has_already_is_not_proposed(ci: Any) -> None:
    made, run, commit = ci
    _, printed = run(made, commit)
    made.git("fetch", "--quiet", "origin", "mlops-spec/churn/image-train")
    made.git("merge", "--quiet", "--ff-only", "FETCH_HEAD")
    merged = made.push({"README.md": "Merged.\n"})
    made.git("push", "--quiet", "origin", ":mlops-spec/churn/image-train")
    code, printed = run(made, merged)
    assert (code, made.proposed()) == (0, None)
    assert "the lock has it already" in printed


def test_secrets_are_on_no_command_line_and_in_no_output(ci: Any) -> None:
    made, run, commit = ci
    _, printed = run(made, commit)
    assert (made.bin / "state" / "password").read_text() == SECRETS["REGISTRY_PASSWORD"]
    for secret in (SECRETS["REGISTRY_PASSWORD"], made.token):
        assert secret not in made.said_to_docker()
        assert secret not in printed
    kept = [path for path in made.folder.glob("runner*/**/*") if path.is_file()]
    assert kept
    assert not [path for path in kept if made.token.encode() in path.read_bytes()]


def test_a_token_that_opens_nothing_proposes_nothing(ci: Any) -> None:
    made, run, commit = ci
    code, printed = run(made, commit, token="another")
    assert code != 0
    assert "Authentication failed" in printed
    assert made.proposed() is None


def test_the_lock_is_edited_by_the_pinned_runtime_without_a_network(ci: Any) -> None:
    made, run, commit = ci
    run(made, commit)
    (ran,) = [line for line in made.said_to_docker().splitlines() if line.startswith('["run"')]
    assert '"--network", "none", "--read-only"' in ran
    assert f'"registry.acme.example/mlops-spec/runtime@{DIGEST}"' in ran
    assert "REGISTRY" not in ran.partition("--entrypoint")[0]


def test_what_is_built_is_dated_alike_and_attests_no_clock(ci: Any) -> None:
    made, run, commit = ci
    run(made, commit)
    (built,) = [line for line in made.said_to_docker().splitlines() if line.startswith('["buildx", "build"')]
    for word in ("--provenance=false", "--sbom=false", "SOURCE_DATE_EPOCH=315619200", "MLOPS_GIT_REVISION=" + commit):
        assert word in built
    assert "type=image,push=true,rewrite-timestamp=true" in built


def test_one_pull_request_is_opened_however_often_the_workflow_runs(tmp_path: Path) -> None:
    with forge(tmp_path, "x-access-token") as made:
        commit = made.push(rendered("github"))
        for _ in range(2):
            code, printed = github(made, commit)
            assert code == 0, printed
        (opened,) = made.opened()
        assert (opened["head"], opened["base"]) == ("mlops-spec/churn/image-train", "main")
        assert opened["title"] == f"Lock the image train that was built from {commit}"
        assert opened["body"].startswith("**mlops-spec** of `churn`: ")


def test_a_push_asks_gitlab_for_a_merge_request(tmp_path: Path) -> None:
    with forge(tmp_path, "oauth2") as made:
        code, printed = gitlab(made, made.push(rendered("gitlab")))
        assert code == 0, printed
        assert [line.split() for line in made.asked()] == [["merge_request.create", "merge_request.target=main"]]


def test_a_workflow_that_is_not_the_rendered_one_builds_nothing(tmp_path: Path) -> None:
    with forge(tmp_path, "x-access-token") as made:
        files, name = rendered("github"), ".github/workflows/image-train.yaml"
        code, printed = github(made, made.push({**files, name: files[name].replace("timeout-minutes: 60", "")}))
        assert code == 1
        assert "::error::this workflow is stale" in printed
        assert made.proposed() is None
