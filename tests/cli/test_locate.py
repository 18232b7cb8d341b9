"""Which spec a command is about."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlops_spec.cli.locate import locate, path_and
from mlops_spec.cli.stop import Stopped


def hint(path: str | None) -> str:
    with pytest.raises(Stopped) as stop:
        locate(path)
    (problem,) = stop.value.diagnostics
    assert (stop.value.exit_code, problem.code) == (2, "MS190")
    return problem.hint


def test_a_folder_stands_for_its_mlops_yaml(hello: Path) -> None:
    assert locate(None) == locate(".") == locate("mlops.yaml") == (hello, "mlops.yaml")


def test_a_spec_may_have_another_name(here: Path) -> None:
    (here / "other.yaml").write_text("")
    assert locate("other.yaml") == (here, "other.yaml")


def test_without_a_spec_the_way_to_begin_is_told(here: Path, mlops: Callable[..., Any]) -> None:
    line = "error MS190 there is no mlops.yaml in this folder\n"
    begin = "to begin one, run `mlops-spec init`"
    assert mlops("lint") == (2, f"{line}help: {begin}\n\n1 error\n", "")
    assert mlops("render", "--out", "out") == (2, "", f"{line}help: {begin}\n\n1 error\n")


def test_the_nearest_spec_is_offered(hello: Path) -> None:
    (hello / "teams" / "a").mkdir(parents=True)
    (hello / "mlops.yaml").rename(hello / "teams" / "a" / "mlops.yaml")
    assert hint(None) == "did you mean teams/a/mlops.yaml?"
    assert hint("teams") == "did you mean teams/a/mlops.yaml?"
    assert hint("teams/a/mlop.yaml") == "did you mean teams/a/mlops.yaml?"
    assert hint("nowhere/at/all.yaml") == "did you mean teams/a/mlops.yaml?"


def test_a_lone_word_is_a_path_where_a_spec_is_and_an_address_elsewhere(hello: Path) -> None:
    (hello / "models").mkdir()
    assert path_and(["models"]) == (None, "models")
    (hello / "models" / "mlops.yaml").write_text("")
    assert path_and(["models"]) == ("models", "")
    assert path_and(["nowhere.yaml"]) == ("nowhere.yaml", "")
    assert path_and([".", "models.churn"]) == (".", "models.churn")
    assert path_and([]) == (None, "")
