"""Jobs of GitLab CI."""

from __future__ import annotations

import pytest
import yaml

from mlops_spec.backends.building import Upgrade
from mlops_spec.backends.ci.gitlab import GitLab
from mlops_spec.language.text import Word

MLFLOW = "https://mlflow.acme.example"
OPTIONS = {"tags": (), "image": None, "buildkit": None, "upgrade": None}
JOBS = "ci/image-train.yaml"
IMAGE = f"registry.acme.example/ci/docker@sha256:{'4b' * 32}"


def gitlab(**changes):
    return GitLab(address="platform.ci", **{**OPTIONS, **changes})


@pytest.fixture
def jobs(project, texts):
    return lambda *builds, **options: yaml.safe_load(texts(gitlab(**options).emit_project(project(*builds)))[JOBS])


def test_a_push_that_changes_what_the_image_is_made_of_builds_it(jobs):
    by_hand, pushed = jobs()[".image-ml-train"]["rules"]
    assert by_hand == {"if": '$CI_PIPELINE_SOURCE == "web" && $CI_COMMIT_BRANCH == $BRANCH'}
    assert pushed == {
        "if": '$CI_PIPELINE_SOURCE == "push" && $CI_COMMIT_BRANCH == $BRANCH',
        "changes": ["train/src/**", "train/requirements.lock", "deploy/project/images/train/Dockerfile"],
    }
    assert jobs()[".image-ml-train"]["variables"]["BRANCH"] == "main"


def test_the_digest_goes_from_the_job_that_builds_to_the_one_that_proposes(jobs):
    found = jobs()
    assert found["build-image-ml-train"]["artifacts"]["paths"] == ["digest-train"]
    assert found[".image-ml-train"]["variables"]["DIGEST_FILE"] == "digest-train"
    assert found["lock-image-ml-train"]["needs"] == ["build-image-ml-train"]
    options = found["lock-image-ml-train"]["variables"]["PUSH_OPTIONS"].split()
    assert options == ["-o", "merge_request.create", "-o", "merge_request.target=$BRANCH"]


def test_no_two_runs_build_one_image_at_once(jobs):
    assert jobs()[".image-ml-train"]["resource_group"] == "ml-image-train"


def test_values_reach_the_scripts_as_variables_and_never_as_text_of_theirs(jobs, build):
    hostile = build(repository=Word("sentinel.example/x"), context=Word("sentinel"))
    found = jobs(hostile)
    assert found[".image-ml-train"]["variables"]["IMAGE"] == "sentinel.example/x"
    assert "sentinel" not in str([found["build-image-ml-train"], found["lock-image-ml-train"]])


def test_options_choose_runners_and_images(jobs):
    plain, chosen = (
        jobs()[".image-ml-train"],
        jobs(tags=("ml", "docker"), image=IMAGE, buildkit=IMAGE)[".image-ml-train"],
    )
    assert (chosen["tags"], chosen["image"]) == (["ml", "docker"], IMAGE)
    assert chosen["variables"]["BUILDKIT"] == IMAGE
    assert not {"tags", "image"} & plain.keys()
    assert "BUILDKIT" not in plain["variables"]


def test_a_tag_is_pushed_where_the_spec_names_one(jobs, build):
    assert jobs(build(tag=Word("1.4")))[".image-ml-train"]["variables"]["TAG"] == "1.4"
    assert "TAG" not in jobs()[".image-ml-train"]["variables"]


def test_the_files_are_those_that_every_ci_system_has(project, texts):
    assert [*texts(gitlab().emit_project(project()))] == [
        "ci/check.sh", "ci/check.yaml", "ci/command.sh", "ci/diff.sh", JOBS, "ci/note.py", "ci/promote.yaml", "ci/promotion.sh", "ci/propose.sh", "ci/report.sh", "images/build.sh", "images/propose.sh", "images/train/Dockerfile",
    ]  # fmt: skip


@pytest.fixture
def checks(project, texts):
    return lambda **options: yaml.safe_load(texts(gitlab(**options).emit_project(project()))["ci/check.yaml"])


def test_a_merge_request_is_checked_and_told_of_and_the_branch_is_checked(checks):
    found = checks()
    merged = {"if": '$CI_PIPELINE_SOURCE == "merge_request_event" && $CI_MERGE_REQUEST_TARGET_BRANCH_NAME == $BRANCH'}
    pushed = {"if": '$CI_PIPELINE_SOURCE == "push" && $CI_COMMIT_BRANCH == $BRANCH'}
    assert (found["check-spec-ml"]["rules"], found["comment-spec-ml"]["rules"]) == ([merged, pushed], [merged])
    assert found[".spec-ml"]["interruptible"] is True


def test_options_choose_runners_and_images_of_checks(checks):
    plain, chosen = checks()[".spec-ml"], checks(tags=("ml", "docker"), image=IMAGE)[".spec-ml"]
    assert (chosen["tags"], chosen["image"]) == (["ml", "docker"], IMAGE)
    assert not {"tags", "image"} & plain.keys()


def test_lint_is_reported_on_the_lines_of_a_merge_request_also_where_the_check_fails(checks):
    job = checks()["check-spec-ml"]
    assert job["artifacts"] == {"when": "always", "expire_in": "1 week", "reports": {"codequality": "lint.json"}}
    assert job["variables"]["REPORT"] == "lint.json"
    report, check = job["script"]
    assert ("report.sh" in report, "check.sh" in check) == (True, True)


def test_registries_are_asked_by_jobs_of_the_branch_alone_where_it_is_wanted(checks, project, texts):
    assert "ci/lock.yaml" not in texts(gitlab().emit_project(project()))
    upgrade = Upgrade(address="platform.ci.upgrade", registry=MLFLOW)
    found = yaml.safe_load(texts(gitlab(upgrade=upgrade, tags=("ml",)).emit_project(project()))["ci/lock.yaml"])
    asked = {"if": '$CI_COMMIT_BRANCH == $BRANCH && $MLOPS_SPEC_RUN == "upgrade"'}
    pushed = {"if": '$CI_PIPELINE_SOURCE == "push" && $CI_COMMIT_BRANCH == $BRANCH'}
    assert (found["check-lock-ml"]["rules"], found["upgrade-lock-ml"]["rules"]) == ([pushed, asked], [asked])
    assert found[".registries-ml"]["variables"]["REGISTRY_URI"] == MLFLOW
    assert found[".registries-ml"]["tags"] == ["ml"]
    assert found["upgrade-lock-ml"]["resource_group"] == "mlops-spec-lock-ml"


def test_a_promotion_is_started_by_a_pipeline_of_the_branch(project, texts):
    job = yaml.safe_load(texts(gitlab().emit_project(project()))["ci/promote.yaml"])["promote-model-ml"]
    asked = '$CI_COMMIT_BRANCH == $BRANCH && $MLOPS_SPEC_RUN == "promote"'
    assert job["rules"] == [{"if": f"{asked} && ($MLOPS_SPEC_PROJECT == null || $MLOPS_SPEC_PROJECT == $PROJECT)"}]
    assert job["variables"]["PROJECT"] == "ml"
    assert job["resource_group"] == "mlops-spec-promote-ml"
