"""The jobs that propose what moves in the lock, and what tells a forge of what lint finds, run as they are rendered."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from mlops_spec.compiler import compile_spec
from mlops_spec.diagnostic import failed
from mlops_spec.source.files import Memory
from tests.backends.ci.forge import Forge, forge
from tests.backends.ci.runner import Ran, run_job, run_workflow

pytestmark = pytest.mark.long
DIGEST = f"sha256:{'4b' * 32}"
SPEC = """\
apiVersion: mlops-spec/v1
project: {name: churn}

environments:
  dev: {}
  prod: {protected: true, promotes_from: dev}

platform:
  ci: {backend: BACKEND, OPTIONS}
  runtime: {image: registry.acme.example/mlops-spec/runtime}
  tracking: {uri: "https://mlflow.acme.example"}
  gateway: {class: istio, host: "*.ml.acme.example"}
  artifacts: {uri: s3://acme-ml/churn, region: eu-central-1}

models:
  # mlops-spec: ignore[MS304] it is trained elsewhere
  churn: {flavor: sklearn, version: "@challenger", serving: {replicas: {min: 2, max: 4}, expose: {path: /churn}}}

monitors:
  health: {model: churn, service: {error_rate: "< 2%"}}
"""


def pinned(version: int) -> str:
    uri = f"s3://acme-ml/churn/models/m-{version}/artifacts"
    return f'{{version: {version}, run: {version}b4a3f2e1d0b, uri: "{uri}", digest: "sha256:{str(version) * 64}"}}'


LOCK = f"""\
lockVersion: 1

images:
  runtime: {{digest: "{DIGEST}"}}

environments:
  dev:
    models:
      churn: {pinned(2)}
  prod:
    models:
      churn: {pinned(1)} # since March
"""
BRANCH = "mlops-spec/churn/promote-churn-prod"
NOTHING: Mapping[str, str] = {}


def rendered(backend: str, options: str = "", changes: Mapping[str, str] = NOTHING, lock: str = LOCK) -> dict[str, str]:
    """Return the files of a team's repository, with the tree that is rendered of its spec; ``changes`` are of its text."""
    text = SPEC.replace("BACKEND, OPTIONS", f"{backend}{f', {options}' if options else ''}")
    for old, new in changes.items():
        text = text.replace(old, new)
    own = {"mlops.yaml": text, "mlops.lock.yaml": lock}
    compiled = compile_spec(Memory({name: text.encode() for name, text in own.items()}), "mlops.yaml")
    assert not failed(compiled.diagnostics), compiled.diagnostics
    return {**own, **{f"deploy/{path}": text for path, text in compiled.tree.items()}}


OPENS = (
    "MLFLOW_TRACKING_TOKEN", "MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD", "MLFLOW_ARTIFACTS_DESTINATION",
    "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "AWS_ENDPOINT_URL", "REGISTRY_USER", "REGISTRY_PASSWORD",
)  # fmt: skip


def github(
    made: Forge, file: str, job: str, token: str | None = None, opens: Mapping[str, str] = NOTHING, **given: str
) -> Ran:
    """Run a job of a workflow; ``given`` are what is dispatched with it, ``opens`` what opens registries."""
    workflow = yaml.safe_load((made.work / f"deploy/project/ci/{file}.yaml").read_text())
    server, _, repository = made.url.rpartition("/growth/")
    inputs = {
        f"{where}.{key}": "" for where in ("inputs", "github.event.client_payload") for key in ("model", "environment")
    }
    known = {
        "github.server_url": server, "github.repository": f"growth/{repository}", "github.token": made.token,
        **{f"{where}.{name}": opens.get(name, "") for where in ("secrets", "vars") for name in OPENS},
        "secrets.MLOPS_SPEC_TOKEN": token or "", **inputs, **{f"inputs.{key}": text for key, text in given.items()},
    }  # fmt: skip
    own = {
        "GITHUB_SERVER_URL": server, "GITHUB_REPOSITORY": f"growth/{repository}", "GITHUB_REF": "refs/heads/main",
        "GITHUB_SHA": made.git("rev-parse", "main", at=made.bare),
    }  # fmt: skip
    return run_workflow(made, workflow, (job,), known, own)


def gitlab(
    made: Forge, file: str, job: str, token: str | None = None, opens: Mapping[str, str] = NOTHING, **given: str
) -> Ran:
    """Run a job of a pipeline; ``given`` are the variables that it is started with, ``opens`` those of the project."""
    jobs = yaml.safe_load((made.work / f"deploy/project/ci/{file}.yaml").read_text())
    at = made.folder / "runner"
    if not at.exists():
        made.git("clone", "--quiet", str(made.bare), str(at), at=made.folder)
    made.git("fetch", "--quiet", "origin", at=at)
    made.git("checkout", "--quiet", "--force", "--detach", "origin/main", at=at)
    known = {
        "CI_PROJECT_URL": made.url, "CI_SERVER_HOST": "git.acme.example", "MLOPS_SPEC_TOKEN": token or made.token, **opens,
        **{key.upper(): text for key, text in given.items()},
    }  # fmt: skip
    return run_job(made, jobs, job, known, at)


Run = Callable[..., Ran]


@pytest.fixture(
    params=[("github", github, "x-access-token", "promote"), ("gitlab", gitlab, "oauth2", "promote-model-churn")],
    ids=lambda p: p[0],
)
def team(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Forge, Run]]:
    """A team's project on a forge, and what proposes that an environment gets the version of the one before."""
    backend, run, user, job = request.param
    with forge(tmp_path, user) as made:
        made.push(rendered(backend))

        def promote(model: str = "churn", environment: str = "prod", token: str | None = None) -> Ran:
            ran: Ran = run(made, "promote", job, token, model=model, environment=environment)
            return ran

        yield made, promote


def test_a_promotion_is_proposed_as_one_line_with_what_it_will_do(team: tuple[Forge, Run]) -> None:
    made, promote = team
    code, printed = promote()
    assert code == 0, printed
    changed = [
        line
        for line in (made.proposed(BRANCH) or "").splitlines()
        if line[:1] in "+-" and line[:3] not in ("+++", "---")
    ]
    assert changed == [f"-      churn: {pinned(1)} # since March", f"+      churn: {pinned(2)} # since March"]
    assert "**mlops-spec** of `churn`: this change " in printed
    assert "`environments.prod.models.churn.version` | `1 -> 2` |" in printed
    assert made.git("log", "-1", "--format=%s", BRANCH, at=made.bare) == "Promote churn to prod"


def test_the_commands_of_a_promotion_have_no_network_and_no_secret(team: tuple[Forge, Run]) -> None:
    made, promote = team
    _, printed = promote()
    (ran,) = [json.loads(line) for line in made.said_to_docker().splitlines()]
    assert ran[:6] == ["run", "--rm", "--interactive", "--network", "none", "--read-only"]
    assert [word for at, word in enumerate(ran) if ran[at - 1] == "--env"] == ["FOLDER"]
    assert made.token not in printed + made.said_to_docker()
    kept = [path for path in made.folder.glob("runner*/**/*") if path.is_file()]
    assert kept
    assert not [path for path in kept if made.token.encode() in path.read_bytes()]


def test_again_nothing_is_pushed_and_after_a_change_the_branch_follows(team: tuple[Forge, Run]) -> None:
    made, promote = team
    promote()
    tip = made.git("rev-parse", BRANCH, at=made.bare)
    assert promote()[0] == 0
    assert made.git("rev-parse", BRANCH, at=made.bare) == tip
    moved = made.push({"README.md": "More.\n"})
    code, printed = promote()
    assert code == 0, printed
    assert made.git("rev-parse", f"{BRANCH}^", at=made.bare) == moved


def test_what_somebody_else_committed_to_the_branch_stays(team: tuple[Forge, Run]) -> None:
    made, promote = team
    promote()
    made.git("fetch", "--quiet", "origin", BRANCH)
    made.git("checkout", "--quiet", "FETCH_HEAD")
    tip = made.push({"mlops.yaml": "# By hand.\n"}, ref=BRANCH)
    made.git("checkout", "--quiet", "main")
    code, printed = promote()
    assert code == 1
    assert f"somebody else committed to {BRANCH}, which stays" in printed
    assert made.git("rev-parse", BRANCH, at=made.bare) == tip


def test_what_is_promoted_already_is_not_proposed(team: tuple[Forge, Run]) -> None:
    made, promote = team
    promote()
    made.git("pull", "--quiet", str(made.bare), BRANCH)
    made.push({"README.md": "Merged.\n"})
    made.git("push", "--quiet", "origin", f":{BRANCH}")
    code, printed = promote()
    assert code == 0, printed
    assert "the lock has it already" in printed
    assert made.proposed(BRANCH) is None


@pytest.mark.parametrize("model", ["$(touch /tmp/mlops-spec-was-here)", "--to", "", "a b", "a/../b", "x;y"])
def test_what_is_dispatched_is_a_name_or_nothing_is_done(team: tuple[Forge, Run], model: str) -> None:
    made, promote = team
    for given in ({"model": model}, {"environment": model}):
        code, printed = promote(**given)
        assert code == 2
        assert "are both to be named" in printed
    assert not Path("/tmp/mlops-spec-was-here").exists()
    assert not (made.bin / "state").exists()


def test_a_token_that_opens_nothing_proposes_nothing(team: tuple[Forge, Run]) -> None:
    made, promote = team
    code, printed = promote(token="another")
    assert code != 0
    assert "Authentication failed" in printed
    assert made.proposed(BRANCH) is None


def test_the_pull_request_is_one_that_follows_and_tells_what_it_will_do(tmp_path: Path) -> None:
    with forge(tmp_path, "x-access-token") as made:
        files = rendered("github")
        made.push(files)
        for lock in (LOCK, LOCK.replace(pinned(2), pinned(3))):
            made.push({"mlops.lock.yaml": lock, "README.md": lock})
            code, printed = github(made, "promote", "promote", model="churn", environment="prod")
            assert code == 0, printed
        (opened,) = made.opened()
        assert (opened["head"], opened["base"], opened["title"]) == (BRANCH, "main", "Promote churn to prod")
        assert opened["body"].startswith("**mlops-spec** of `churn`: this change ")
        assert "`environments.prod.models.churn.version` | `1 -> 3` |" in opened["body"]


def test_gitlab_is_asked_for_a_merge_request(tmp_path: Path) -> None:
    with forge(tmp_path, "oauth2") as made:
        made.push(rendered("gitlab"))
        assert gitlab(made, "promote", "promote-model-churn", model="churn", environment="prod")[0] == 0
        assert [line.split() for line in made.asked()] == [["merge_request.create", "merge_request.target=main"]]


def test_a_promotion_that_is_refused_pushes_nothing_and_says_why(team: tuple[Forge, Run]) -> None:
    made, promote = team
    code, printed = promote(environment="dev")
    assert code == 2
    assert "dev promotes from no environment" in printed
    assert made.proposed("mlops-spec/churn/promote-churn-dev") is None


def test_what_lint_finds_is_written_to_code_scanning(tmp_path: Path) -> None:
    with forge(tmp_path, "x-access-token") as made:
        commit = made.push(rendered("github", "sarif: true"))
        made.push({"mlops.yaml": (made.work / "mlops.yaml").read_text().replace("project:", "wrong: 1\nproject:")})
        code, printed = github(made, "check", "scan")
        assert code == 0, printed
        told = json.loads((made.bin / "scanned").read_text())
        assert told["commit_sha"] == made.git("rev-parse", "main", at=made.bare) != commit
        assert (told["ref"], told["tool_name"]) == ("refs/heads/main", "mlops-spec")
        (run,) = json.loads(gzip.decompress(base64.b64decode(told["sarif"])))["runs"]
        assert "mlops.yaml" in {
            each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for each in run["results"]
        }


def test_gitlab_has_a_report_of_what_lint_finds_beside_the_check_that_fails(tmp_path: Path) -> None:
    with forge(tmp_path, "gitlab-ci-token") as made:
        made.push(rendered("gitlab"))
        text = (made.work / "mlops.yaml").read_text()
        made.push({"mlops.yaml": text.replace("project:", "wrong: 1\nproject:")})
        code, printed = gitlab(made, "check", "check-spec-churn")
        assert code == 1
        assert "mlops.yaml:2:1: error" in printed
        found: list[dict[str, Any]] = json.loads((made.folder / "runner" / "lint.json").read_text())
        assert {"path": "mlops.yaml", "lines": {"begin": 2}} in [each["location"] for each in found]
