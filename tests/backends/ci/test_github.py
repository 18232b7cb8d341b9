"""Workflows of GitHub Actions, and the Dockerfile that every CI system builds by."""

from __future__ import annotations

import pytest
import yaml

from mlops_spec.backends.ci.github import GitHub, ScheduledUpgrade
from mlops_spec.language.text import Word

MLFLOW = "https://mlflow.acme.example"
OPTIONS = {"runner": "ubuntu-24.04", "buildkit": None, "sarif": False, "upgrade": None}
WORKFLOW, CHECK = "ci/image-train.yaml", "ci/check.yaml"
CHECKS = [
    "ci/check.sh", "ci/check.yaml", "ci/command.sh", "ci/diff.sh", "ci/promote.yaml", "ci/promotion.sh", "ci/propose.sh",
    "ci/report.sh", "ci/request.sh",
]  # fmt: skip
DIGEST = f"sha256:{'4b' * 32}"
DOCKERFILE = f"""\
# The image train, made by mlops-spec: change the spec, not this file.
FROM docker.io/library/python:3.12-slim@{DIGEST}
# The same requirements are the same layer whenever they are installed: compiled files hold hashes, and no dates.
RUN --mount=type=bind,source=requirements.lock,target=/tmp/requirements.txt \\
    case "$(python -V)" in \\
      "Python 3.12" | "Python 3.12."*) ;; \\
      *) echo "the base has $(python -V), and the spec says 3.12" >&2; exit 1 ;; \\
    esac \\
 && PYTHONHASHSEED=0 SOURCE_DATE_EPOCH=315619200 \\
    python -m pip install --no-cache-dir --disable-pip-version-check --no-input --root-user-action=ignore \\
      --require-hashes -r /tmp/requirements.txt
# LOGNAME: the user has no entry in the image, and libraries ask for its name. HOME: the root file system is read only.
ENV PYTHONPATH=/app/src HOME=/tmp LOGNAME=mlops PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
USER 65532:65532
WORKDIR /app
COPY src /app/src
ARG MLOPS_GIT_REVISION
ENV MLOPS_GIT_REVISION=${{MLOPS_GIT_REVISION}}
"""


def github(**changes):
    return GitHub(address="platform.ci", **{**OPTIONS, **changes})


@pytest.fixture
def workflow(project, texts):
    def workflow(*builds, **options):
        return yaml.safe_load(texts(github(**options).emit_project(project(*builds)))[WORKFLOW])

    return workflow


def test_an_image_is_built_by_a_dockerfile_from_its_base_with_its_code_last(project, texts):
    assert texts(github().emit_project(project()))["images/train/Dockerfile"] == DOCKERFILE


def test_what_the_image_is_made_of_starts_its_workflow_and_nothing_from_a_fork_does(workflow, build):
    started = workflow()["on"]
    assert started == {
        "push": {
            "branches": ["main"],
            "paths": ["train/src/**", "train/requirements.lock", "deploy/project/images/train/Dockerfile"],
        },
        "workflow_dispatch": {},
    }


def test_only_the_job_that_proposes_may_write(workflow):
    found = workflow()
    assert found["permissions"] == {}
    assert {name: job["permissions"] for name, job in found["jobs"].items()} == {
        "build": {"contents": "read"},
        "lock": {"contents": "write", "pull-requests": "write"},
    }
    assert found["concurrency"] == {"group": "ml-image-train", "cancel-in-progress": False}


def test_values_reach_the_scripts_as_variables_and_never_as_text_of_theirs(workflow, build):
    hostile = build(repository=Word("sentinel.example/x"), requirements=Word("sentinel.lock"), context=Word("sentinel"))
    found = workflow(hostile)
    assert found["env"]["IMAGE"] == "sentinel.example/x"
    assert found["env"]["CONTEXT"] == "sentinel"
    steps = [step for job in found["jobs"].values() for step in job["steps"]]
    assert not any("sentinel" in step["run"] or "${{" in step["run"] for step in steps)


def test_no_action_of_anybodys_is_used(workflow):
    assert not any("uses" in step for job in workflow()["jobs"].values() for step in job["steps"])


def test_a_secret_is_given_to_the_steps_that_need_it_alone(workflow):
    found = workflow()
    assert "secrets." not in str(found["env"])
    checkout, compare, build = found["jobs"]["build"]["steps"]
    assert "secrets." not in str(checkout)
    assert "env" not in compare
    assert "token" not in str(build).lower()


def test_options_choose_the_runner_and_what_builds(workflow, build):
    found = workflow(build(tag=Word("1.4")), runner="ml-large", buildkit=f"registry.acme.example/buildkit@{DIGEST}")
    assert {job["runs-on"] for job in found["jobs"].values()} == {"ml-large"}
    assert found["env"]["BUILDKIT"] == f"registry.acme.example/buildkit@{DIGEST}"
    assert found["env"]["TAG"] == "1.4"
    plain = workflow()["env"]
    assert not {"BUILDKIT", "TAG"} & plain.keys()


def test_each_image_has_a_workflow_of_its_own(project, build, texts):
    paths = texts(github().emit_project(project(build("score"), build("train"))))
    assert [*paths] == [
        *CHECKS[:4], "ci/image-score.yaml", WORKFLOW, *CHECKS[4:], "images/build.sh", "images/propose.sh", "images/score/Dockerfile",
        "images/train/Dockerfile",
    ]  # fmt: skip


def test_without_a_place_to_build_there_are_dockerfiles_alone(project, texts):
    assert [*texts(github().emit_project(project(integration=None)))] == ["images/train/Dockerfile"]


@pytest.fixture
def check(project, texts):
    def check(**options):
        nothing = type(project())(**{**project().__dict__, "builds": ()})
        return texts(github(**options).emit_project(nothing))

    return check


def test_a_project_without_images_is_checked_and_nothing_more(check, project, texts):
    assert [*check()] == CHECKS
    nothing = type(project())(**{**project().__dict__, "builds": (), "integration": None})
    assert texts(github().emit_project(nothing)) == {}


def test_what_runs_on_a_pull_request_only_reads_and_only_what_comments_writes(check):
    found = yaml.safe_load(check()[CHECK])
    assert found["on"] == {event: {"branches": ["main"]} for event in ("push", "pull_request", "pull_request_target")}
    assert found["permissions"] == {}
    assert {name: job["permissions"] for name, job in found["jobs"].items()} == {
        "check": {"contents": "read"}, "diff": {"contents": "read"}, "comment": {"pull-requests": "write"},
    }  # fmt: skip
    assert "secrets." not in check()[CHECK]


def test_what_has_the_rights_of_the_branch_is_never_what_runs_a_pull_request(check):
    jobs = yaml.safe_load(check()[CHECK])["jobs"]
    assert jobs["check"]["if"] == "github.event_name != 'pull_request_target'"
    assert jobs["diff"]["if"] == "github.event_name == 'pull_request_target'"
    assert (jobs["comment"]["needs"], jobs["comment"].get("if")) == ("diff", None)
    (step,) = jobs["comment"]["steps"]
    assert not {word for word in ("git ", "docker", "checkout", "sh ", "eval") if word in step["run"]}


def test_a_newer_push_replaces_an_older_run_of_the_same_event_alone(check):
    assert yaml.safe_load(check()[CHECK])["concurrency"] == {
        "group": "${{ github.workflow }}-${{ github.event_name }}-${{ github.event.pull_request.number || github.ref }}",
        "cancel-in-progress": True,
    }


def test_what_checks_gets_values_as_variables_and_uses_no_action(check):
    jobs = yaml.safe_load(check(runner="ml-large")[CHECK])["jobs"]
    assert {job["runs-on"] for job in jobs.values()} == {"ml-large"}
    steps = [step for job in jobs.values() for step in job["steps"]]
    assert not any("uses" in step or "${{" in step["run"] for step in steps)


@pytest.fixture
def proposing(check):
    upgrade = ScheduledUpgrade(address="platform.ci.upgrade", registry=MLFLOW, schedule="1 2 * * 3")
    return lambda: check(upgrade=upgrade)


def test_code_scanning_is_written_to_where_it_is_wanted_and_by_whoever_may_push_alone(check):
    assert "scan" not in yaml.safe_load(check()[CHECK])["jobs"]
    scan = yaml.safe_load(check(sarif=True)[CHECK])["jobs"]["scan"]
    assert scan["permissions"] == {"contents": "read", "security-events": "write"}
    assert scan["if"] == (
        "github.event_name == 'push' || github.event_name == 'pull_request' && github.actor != 'dependabot[bot]' "
        "&& github.event.pull_request.head.repo.full_name == github.repository"
    )
    out, report, upload = scan["steps"]
    assert ("env" in report, "GIT_TOKEN" in upload["env"], list(out["env"])) == (False, False, ["GIT_TOKEN"])


def test_registries_are_asked_only_where_it_is_wanted(check, proposing):
    assert "ci/lock.yaml" not in check()
    assert "ci/lock.yaml" in proposing()


def test_what_opens_registries_is_given_to_jobs_of_the_branch_alone(proposing):
    found = yaml.safe_load(proposing()["ci/lock.yaml"])
    assert found["on"] == {
        "push": {"branches": ["main"]}, "schedule": [{"cron": "1 2 * * 3"}],
        "repository_dispatch": {"types": ["model-registered"]}, "workflow_dispatch": {},
    }  # fmt: skip
    assert found["permissions"] == {}
    assert {name: job["permissions"] for name, job in found["jobs"].items()} == {
        "check": {"contents": "read"}, "upgrade": {"contents": "write", "pull-requests": "write"},
    }  # fmt: skip
    assert found["jobs"]["upgrade"]["if"] == "github.event_name != 'push'"
    assert found["env"]["REGISTRY_URI"] == MLFLOW
    assert found["concurrency"] == {
        "group": "${{ github.workflow }}-${{ github.event_name == 'push' }}", "cancel-in-progress": False,
    }  # fmt: skip
    for job in found["jobs"].values():
        assert all('"refs/heads/$BRANCH"' in step["run"] for step in job["steps"] if "git fetch" in step["run"])


def test_a_promotion_is_started_with_values_that_no_script_has_as_its_text(check, proposing):
    found = yaml.safe_load(check()["ci/promote.yaml"])
    assert {*found["on"]} == {"workflow_dispatch", "repository_dispatch"}
    assert "inputs.model" in found["concurrency"]["group"]
    assert "inputs.environment" in found["concurrency"]["group"]
    assert found["jobs"]["promote"]["permissions"] == {"contents": "write", "pull-requests": "write"}
    for workflow in (found, yaml.safe_load(proposing()["ci/lock.yaml"])):
        steps = [step for job in workflow["jobs"].values() for step in job["steps"]]
        assert not any("uses" in step or "${{" in step["run"] for step in steps)
