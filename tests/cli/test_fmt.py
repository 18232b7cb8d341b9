"""``mlops-spec fmt``: every file of a spec, whole or not at all."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlops_spec.cli.starting import STARTERS
from tests.golden_trees import GOLDEN, compiled

Mlops = Callable[..., Any]
PLAIN = "project: {name: 'hello'}\napiVersion: mlops-spec/v1 # which language\n"
STYLED = "apiVersion: mlops-spec/v1 # which language\nproject: {name: hello}\n"


@pytest.fixture
def plain(here: Path) -> Path:
    (here / "mlops.yaml").write_text(PLAIN)
    return here


def test_a_file_is_put_into_the_style(plain: Path, mlops: Mlops) -> None:
    assert mlops("fmt") == (0, "formatted mlops.yaml\n", "")
    assert (plain / "mlops.yaml").read_text() == STYLED
    before = (plain / "mlops.yaml").stat()
    assert mlops("fmt") == (0, "", "1 file is in the style\n")
    assert (plain / "mlops.yaml").stat() == before
    assert os.listdir(plain) == ["mlops.yaml"]


def test_check_shows_the_difference_and_changes_nothing(plain: Path, mlops: Mlops) -> None:
    code, out, err = mlops("fmt", "--check")
    assert (code, err) == (1, "1 file is not in the style; run `mlops-spec fmt`\n")
    assert out == (
        "--- a/mlops.yaml\n+++ b/mlops.yaml\n@@ -1,2 +1,2 @@\n-project: {name: 'hello'}\n"
        " apiVersion: mlops-spec/v1 # which language\n+project: {name: hello}\n"
    )
    assert (plain / "mlops.yaml").read_text() == PLAIN
    mlops("fmt")
    assert mlops("fmt", "--check") == (0, "", "1 file is in the style\n")


def test_json_names_the_files(plain: Path, mlops: Mlops) -> None:
    told = json.loads(mlops("fmt", "--check", "--format", "json").out)
    assert (told["up_to_date"], told["stale"]) == (False, ["mlops.yaml"])
    assert json.loads(mlops("fmt", "--format", "json").out) == {"written": ["mlops.yaml"]}


def test_includes_layers_and_the_lock_are_files_of_the_spec(churn: Path, mlops: Mlops) -> None:
    files = {"mlops.yaml", "monitors.mlops.yaml", "platform/base.mlops.yaml", "mlops.lock.yaml"}
    for file in files:
        (churn / file).write_text((churn / file).read_text() + "\n\n# at the end\n\n\n")
    assert set(mlops("fmt").out.split()) == {"formatted", *files}
    assert all((churn / file).read_text().endswith("\n# at the end\n") for file in files)


def test_what_is_rendered_stays_the_same(churn: Path, mlops: Mlops) -> None:
    assert mlops("fmt").code == 0
    tree = compiled(churn).tree
    assert tree == {path: (GOLDEN / "churn" / path).read_text() for path in tree}


@pytest.mark.parametrize("name", STARTERS)
def test_what_init_writes_is_in_the_style(name: str, here: Path, mlops: Mlops) -> None:
    answers = ["--repository", "https://git.acme.example/a.git", "--image", "acme.example/a", "--store", "s3://acme"]
    assert mlops("init", "--yes", "--template", name, "--name", "churn", *answers).code == 0
    assert mlops("fmt", "--check") == (0, "", "1 file is in the style\n")


def test_a_layer_from_elsewhere_stays_as_its_digest_says(plain: Path, mlops: Mlops) -> None:
    (plain / "vendor").mkdir()
    (plain / "vendor" / "base.mlops.yaml").write_text(PLAIN)
    (plain / "mlops.yaml").write_text(PLAIN + "extends: [vendor/base.mlops.yaml]\n")
    digest = "sha256:" + "4b" * 32
    (plain / "mlops.lock.yaml").write_text(
        f'lockVersion: 1\nlayers: {{"oci://acme.example/base:3": {{path: vendor/base.mlops.yaml, digest: "{digest}"}}}}\n'
    )
    assert mlops("fmt").out == "formatted mlops.yaml\n"
    assert (plain / "vendor" / "base.mlops.yaml").read_text() == PLAIN


@pytest.mark.parametrize("lock", ["layers: 3\n", "layers: {a: 3}\n", "layers: {a: {}}\n"])
def test_a_lock_of_another_shape_is_formatted_all_the_same(lock: str, plain: Path, mlops: Mlops) -> None:
    (plain / "mlops.lock.yaml").write_text(f"{lock}\n\n")
    assert mlops("fmt").code == 0
    assert (plain / "mlops.lock.yaml").read_text() == lock


def test_a_file_that_is_no_data_is_said_and_nothing_is_written(plain: Path, mlops: Mlops) -> None:
    (plain / "part.yaml").write_text("monitors: [\n")
    (plain / "mlops.yaml").write_text(PLAIN + "include: [part.yaml]\n")
    code, out, err = mlops("fmt")
    assert (code, out) == (3, "")
    assert "part.yaml:2:1: error MS028" in err
    assert (plain / "mlops.yaml").read_text().startswith(PLAIN)


def test_a_spec_with_errors_of_meaning_is_formatted(plain: Path, mlops: Mlops) -> None:
    (plain / "mlops.yaml").write_text("models: {x: {servin: {}}}\n" + PLAIN)
    assert mlops("fmt").code == 0
    assert mlops("lint").code == 1


def test_a_symlink_is_not_written_through(plain: Path, mlops: Mlops) -> None:
    shutil.move(plain / "mlops.yaml", plain / "real.yaml")
    (plain / "mlops.yaml").symlink_to("real.yaml")
    code, _, err = mlops("fmt")
    assert code == 5
    assert "MS154 mlops.yaml: " in err
    assert (plain / "real.yaml").read_text() == PLAIN


def test_many_specs_are_formatted_at_once_and_a_shared_layer_once(teams: Path, mlops: Mlops) -> None:
    assert mlops("fmt", "**").code == 0
    assert mlops("fmt", "**", "--check").err == "6 files are in the style\n"
    for path, old, new in (
        ("teams/a/mlops.yaml", "{name: a}", "{name: 'a'}"),
        ("platform/images.yaml", "  train", "    train"),
    ):
        (teams / path).write_text((teams / path).read_text().replace(old, new))
    ran = mlops("fmt", "**", "--check")
    assert ran.code == 1
    changed = [line for line in ran.out.splitlines() if line.startswith("+++")]
    assert sorted(changed) == ["+++ b/platform/images.yaml", "+++ b/teams/a/mlops.yaml"]
    assert mlops("fmt", "teams/*").out.count("formatted ") == 2
    assert mlops("fmt", "**", "--check").code == 0
    (teams / "teams/b/mlops.yaml").write_text("a: [")
    (teams / "teams/a/mlops.yaml").write_text("a: ]")
    ran = mlops("fmt", "teams/*")
    assert ran.code == 3
    assert "teams/a/mlops.yaml:" in ran.err
    assert "teams/b/mlops.yaml:" in ran.err
