"""Jobs of GitLab CI."""

from __future__ import annotations

import pytest
import yaml

from mlops_spec.backends.ci.gitlab import GitLab
from mlops_spec.language.text import Word

OPTIONS = {"tags": (), "image": None, "buildkit": None}
JOBS = "ci/image-train.yaml"
IMAGE = f"registry.acme.example/ci/docker@sha256:{'4b' * 32}"


def gitlab(**changes):
    return GitLab(address="platform.ci", **{**OPTIONS, **changes})


@pytest.fixture
def jobs(project, texts):
    return lambda *builds, **options: yaml.safe_load(texts(gitlab(**options).emit_project(project(*builds)))[JOBS])


def test_a_push_that_changes_what_the_image_is_made_of_builds_it(jobs):
    by_hand, pushed = jobs()[".image-train"]["rules"]
    assert by_hand == {"if": '$CI_PIPELINE_SOURCE == "web" && $CI_COMMIT_BRANCH == $BRANCH'}
    assert pushed == {
        "if": '$CI_PIPELINE_SOURCE == "push" && $CI_COMMIT_BRANCH == $BRANCH',
        "changes": ["train/src/**", "train/requirements.lock", "deploy/project/images/train/Dockerfile"],
    }
    assert jobs()[".image-train"]["variables"]["BRANCH"] == "main"


def test_the_digest_goes_from_the_job_that_builds_to_the_one_that_proposes(jobs):
    found = jobs()
    assert found["build-image-train"]["artifacts"]["paths"] == ["digest-train"]
    assert found[".image-train"]["variables"]["DIGEST_FILE"] == "digest-train"
    assert found["lock-image-train"]["needs"] == ["build-image-train"]
    options = found["lock-image-train"]["variables"]["PUSH_OPTIONS"].split()
    assert options == ["-o", "merge_request.create", "-o", "merge_request.target=$BRANCH"]


def test_no_two_runs_build_one_image_at_once(jobs):
    assert jobs()[".image-train"]["resource_group"] == "image-train"


def test_values_reach_the_scripts_as_variables_and_never_as_text_of_theirs(jobs, build):
    hostile = build(repository=Word("sentinel.example/x"), context=Word("sentinel"))
    found = jobs(hostile)
    assert found[".image-train"]["variables"]["IMAGE"] == "sentinel.example/x"
    assert "sentinel" not in str([found["build-image-train"], found["lock-image-train"]])


def test_options_choose_runners_and_images(jobs):
    plain, chosen = jobs()[".image-train"], jobs(tags=("ml", "docker"), image=IMAGE, buildkit=IMAGE)[".image-train"]
    assert (chosen["tags"], chosen["image"]) == (["ml", "docker"], IMAGE)
    assert chosen["variables"]["BUILDKIT"] == IMAGE
    assert not {"tags", "image"} & plain.keys()
    assert "BUILDKIT" not in plain["variables"]


def test_a_tag_is_pushed_where_the_spec_names_one(jobs, build):
    assert jobs(build(tag=Word("1.4")))[".image-train"]["variables"]["TAG"] == "1.4"
    assert "TAG" not in jobs()[".image-train"]["variables"]


def test_the_files_are_those_that_every_ci_system_has(project, texts):
    assert [*texts(gitlab().emit_project(project()))] == [
        "ci/check.sh", "ci/check.yaml", "ci/diff.sh", JOBS, "ci/note.py", "images/build.sh", "images/propose.sh", "images/train/Dockerfile",
    ]  # fmt: skip


@pytest.fixture
def checks(project, texts):
    return lambda **options: yaml.safe_load(texts(gitlab(**options).emit_project(project()))["ci/check.yaml"])


def test_a_merge_request_is_checked_and_told_of_and_the_branch_is_checked(checks):
    found = checks()
    merged = {"if": '$CI_PIPELINE_SOURCE == "merge_request_event" && $CI_MERGE_REQUEST_TARGET_BRANCH_NAME == $BRANCH'}
    pushed = {"if": '$CI_PIPELINE_SOURCE == "push" && $CI_COMMIT_BRANCH == $BRANCH'}
    assert (found["check-spec"]["rules"], found["comment-spec"]["rules"]) == ([merged, pushed], [merged])
    assert found[".spec"]["interruptible"] is True


def test_options_choose_runners_and_images_of_checks(checks):
    plain, chosen = checks()[".spec"], checks(tags=("ml", "docker"), image=IMAGE)[".spec"]
    assert (chosen["tags"], chosen["image"]) == (["ml", "docker"], IMAGE)
    assert not {"tags", "image"} & plain.keys()
