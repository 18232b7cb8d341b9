"""``mlops-spec lock image``: one line of the lock, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Mlops = Callable[..., Any]
LOCK = "mlops.lock.yaml"
DIGEST, OTHER = f"sha256:{'4b' * 32}", f"sha256:{'5c' * 32}"
BUILT = 'train: {repository: registry.acme.example/hello, tag: "1", build: {python: "3.12", requirements: r.lock}}'


@pytest.fixture
def built(hello: Path) -> Path:
    """The current folder, with a spec whose image is built by CI."""
    file = hello / "mlops.yaml"
    file.write_text(file.read_text().replace('train: {repository: registry.acme.example/hello, tag: "1"}', BUILT))
    return hello


def test_the_first_digest_makes_the_lock(built: Path, mlops: Mlops) -> None:
    ran = mlops("lock", "image", "train", DIGEST)
    assert ran == (0, f"{LOCK}: images.train is {DIGEST}\n", "commit it; `mlops-spec publish` renders it\n")
    assert (built / LOCK).read_text() == f"lockVersion: 1\n\nimages:\n  train: {{digest: {DIGEST}}}\n"
    assert LOCK not in mlops("fmt", "--check").out
    assert f"image: registry.acme.example/hello@{DIGEST}" in mlops("render", "--out", "-").out


def test_a_base_stands_beside_the_digest(built: Path, mlops: Mlops) -> None:
    (built / LOCK).write_text(f'lockVersion: 1\nimages:\n  train: {{digest: "{DIGEST}"}} # of Monday\n')
    assert mlops("lock", "image", "train", OTHER, "--base").code == 0
    line = f'  train: {{digest: "{DIGEST}", base: {{digest: {OTHER}}}}} # of Monday'
    assert (built / LOCK).read_text().splitlines()[2] == line
    assert mlops("lint", "--select", "MS231").code == 0


def test_a_section_comes_in_order(built: Path, mlops: Mlops) -> None:
    (built / LOCK).write_text("lockVersion: 1\n\nenvironments:\n  dev: {}\n")
    assert mlops("lock", "image", "train", DIGEST).code == 0
    said = f"lockVersion: 1\n\nimages:\n  train: {{digest: {DIGEST}}}\n\nenvironments:\n  dev: {{}}\n"
    assert (built / LOCK).read_text() == said
    assert LOCK not in mlops("fmt", "--check").out


def test_one_line_moves_and_comments_stay(churn: Path, mlops: Mlops) -> None:
    before = (churn / LOCK).read_text().splitlines()
    assert mlops("lock", "image", "train", DIGEST).code == 0
    after = (churn / LOCK).read_text().splitlines()
    assert [(was, now) for was, now in zip(before, after, strict=True) if was != now] == [
        (before[4], f'  train: {{digest: "{DIGEST}"}}')
    ]


def test_the_runtime_is_pinned_where_the_platform_has_one(churn: Path, mlops: Mlops) -> None:
    assert mlops("lock", "image", "runtime", DIGEST).code == 0
    assert f'runtime: {{digest: "{DIGEST}"}}' in (churn / LOCK).read_text()


def test_the_same_digest_writes_nothing(churn: Path, mlops: Mlops) -> None:
    mlops("lock", "image", "train", DIGEST)
    stamp = (churn / LOCK).stat().st_mtime_ns
    ran = mlops("lock", "image", "train", DIGEST, "--format", "json")
    assert json.loads(ran.out)["written"] is False
    assert (churn / LOCK).stat().st_mtime_ns == stamp


def test_a_dry_run_prints_the_diff_alone(churn: Path, mlops: Mlops) -> None:
    before = (churn / LOCK).read_text()
    ran = mlops("lock", "image", "train", DIGEST, "--dry-run")
    assert f'+  train: {{digest: "{DIGEST}"}}' in ran.out.splitlines()
    assert (churn / LOCK).read_text() == before


def test_errors_of_the_spec_hold_nothing_up(built: Path, mlops: Mlops) -> None:
    """Without the digest a protected environment has errors: what mends them must not wait for that."""
    file = built / "mlops.yaml"
    file.write_text(file.read_text() + "environments: {prod: {protected: true}}\n")
    assert mlops("lint").code == 1
    assert mlops("lock", "image", "train", DIGEST).code == 0
    assert mlops("lint").code == 0


@pytest.mark.parametrize(
    "words, said",
    [
        (("trian", DIGEST), "images has no `trian`"),
        (("runtime", DIGEST), "images has no `runtime`"),
        (("train", "sha256:4b"), "a digest is sha256: and 64 digits"),
        (("train", DIGEST.upper()), "a digest is sha256: and 64 digits"),
        (("train", f"{DIGEST}\n"), "a digest is sha256: and 64 digits"),
    ],
)
def test_what_cannot_be_pinned_is_refused(words: tuple[str, ...], said: str, built: Path, mlops: Mlops) -> None:
    ran = mlops("lock", "image", *words)
    assert ran.code == 2
    assert said in ran.err
    assert not (built / LOCK).exists()


def test_what_is_built_elsewhere_has_no_base(hello: Path, mlops: Mlops) -> None:
    ran = mlops("lock", "image", "train", DIGEST, "--base")
    assert ran.code == 2
    assert "images.train has no `build`" in ran.err


def test_a_line_that_cannot_be_edited_alone_is_refused_at_its_place(built: Path, mlops: Mlops) -> None:
    text = f'lockVersion: 1\nimages:\n  train: {{digest: &one "{DIGEST}"}}\n'
    (built / LOCK).write_text(text)
    ran = mlops("lock", "image", "train", OTHER)
    assert ran.code in (1, 3)
    assert (built / LOCK).read_text() == text
    assert f"{LOCK}:3" in ran.err
