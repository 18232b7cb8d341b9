"""Which specs words and globs name: sorted, each once, and nothing hidden, ignored, installed or outside."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from mlops_spec.cli import selecting
from mlops_spec.cli.selecting import matching, select
from mlops_spec.cli.stop import Stopped
from tests.cli.conftest import HELLO, Command

Git = Callable[..., str]
EVERY = ["mlops.yaml", "one.yaml", "teams/a/mlops.yaml", "teams/b/deep/mlops.yaml", "teams/b/mlops.yaml"]


@pytest.fixture(params=["repository", "folder"])
def specs(request: pytest.FixtureRequest, here: Path) -> Path:
    """Specs, and files that look like some, in a repository and in none."""
    if request.param == "repository":
        request.getfixturevalue("git")
    for path in (
        *EVERY,
        "teams/.hidden/mlops.yaml",
        "teams/c/mlops.lock.yaml",
        "teams/c/notes.md",
        "venv/lib/mlops.yaml",
        "teams/a/mlops.lock.yaml",
    ):
        (here / path).parent.mkdir(parents=True, exist_ok=True)
        (here / path).write_text(HELLO)
    (here / "venv" / "pyvenv.cfg").write_text("")
    (here.parent / "outside").mkdir()
    (here.parent / "outside" / "mlops.yaml").write_text(HELLO)
    (here / "teams" / "away").symlink_to("../../outside")
    (here / "teams" / "link").mkdir()
    (here / "teams" / "link" / "mlops.yaml").symlink_to("../../../outside/mlops.yaml")
    return here


def found(*words: str) -> list[str]:
    return [located.shown(located.name) for located in select(words).specs]


@pytest.mark.parametrize(
    "words, expected",
    [
        (["**"], ["mlops.yaml", *EVERY[2:]]),
        (["**/mlops.yaml"], ["mlops.yaml", *EVERY[2:]]),
        (["**/*.yaml"], EVERY),
        (["./**/*.yaml"], EVERY),
        (["*.yaml"], ["mlops.yaml", "one.yaml"]),
        (["teams/*"], ["teams/a/mlops.yaml", "teams/b/mlops.yaml"]),
        (["teams/*/"], ["teams/a/mlops.yaml", "teams/b/mlops.yaml"]),
        (["teams/*/mlops.yaml"], ["teams/a/mlops.yaml", "teams/b/mlops.yaml"]),
        (["teams/**"], EVERY[2:]),
        (["teams/**/deep"], ["teams/b/deep/mlops.yaml"]),
        (["teams/[!a]*"], ["teams/b/mlops.yaml"]),
        (["teams/?/mlops.yaml"], ["teams/a/mlops.yaml", "teams/b/mlops.yaml"]),
        (["teams/.h*"], ["teams/.hidden/mlops.yaml"]),
        (["teams/.hidden/*.yaml"], ["teams/.hidden/mlops.yaml"]),
        (["teams/b", "teams/a"], ["teams/b/mlops.yaml", "teams/a/mlops.yaml"]),
        (["teams/b", "teams/*", "teams/b/mlops.yaml"], ["teams/b/mlops.yaml", "teams/a/mlops.yaml"]),
        ([], ["mlops.yaml"]),
    ],
)
def test_what_is_found(specs: Path, words: list[str], expected: list[str]) -> None:
    assert found(*words) == expected


def test_only_several_words_and_globs_are_many_however_many_they_find(specs: Path) -> None:
    assert [select(words).many for words in ([], ["one.yaml"], ["one*.yaml"], ["one.yaml", "one.yaml"])] == [
        False,
        False,
        True,
        True,
    ]


def test_what_git_ignores_is_not_found(here: Path, git: Git) -> None:
    for path in ("build/mlops.yaml", "kept/mlops.yaml", "new/mlops.yaml"):
        (here / path).parent.mkdir()
        (here / path).write_text(HELLO)
    git("add", "-A")
    (here / "new" / "mlops.yaml").rename(here / "new" / "other.yaml")
    (here / ".gitignore").write_text("build/\nkept/\n")
    git("rm", "-rq", "--cached", "build")
    assert found("**/*.yaml") == ["kept/mlops.yaml", "new/other.yaml"]  # what is tracked is not ignored


def test_a_name_with_a_bracket_that_is_there_is_no_glob(here: Path) -> None:
    (here / "[a].yaml").write_text(HELLO)
    assert not select(["[a].yaml"]).many


def test_a_path_that_a_terminal_would_obey_is_refused(here: Path, git: Git, mlops: Command) -> None:
    for name in ("a", "b\x1b[31m"):
        (here / name).mkdir()
        (here / name / "mlops.yaml").write_text(HELLO)
    git("add", "-A")
    git("commit", "-qm", "Specs")
    for words in (
        ["lint", "*"],
        ["render", "*", "--out", "out"],
        ["diff", "--spec", "*", "HEAD", "HEAD"],
        ["fmt", "**"],
    ):
        ran = mlops(*words)
        assert ran.code == 2
        assert "b\\x1b[31m/mlops.yaml holds a character that cannot be printed" in ran.out + ran.err
        assert "\x1b" not in ran.out + ran.err


def test_a_vast_folder_is_not_searched_for_what_else_there_is(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a", "b", "b/c"):
        (here / name).mkdir()
        (here / name / "mlops.yaml").write_text(HELLO)
    assert len(selecting.below(here)) == 3
    monkeypatch.setattr(selecting, "_MOST_LOOKED_AT", 3)
    assert len(selecting.below(here)) == 1
    assert len(select(["**"]).specs) == 3


def test_a_pattern_takes_no_time_that_grows_with_its_stars() -> None:
    assert matching([*["**", "a*"] * 30, "x.yaml"], ["/".join(["a"] * 60 + ["y.yaml"])]) == []


@pytest.mark.parametrize(
    "word, message, hint",
    [
        ("nowhere/*", "no spec matches nowhere/*: there is no folder nowhere", "correct the path"),
        ("teams/x*", "no spec matches teams/x*", "3 specs are below teams: 'teams/**' names them"),
        ("teams/b/de*/x.yaml", "no spec matches teams/b/de*/x.yaml", "2 specs are below teams/b: 'teams/b/**' names"),
        ("teams/c/*", "no spec matches teams/c/*", "to begin one, run `mlops-spec init`"),
        ("teams", "there is no mlops.yaml in teams", "3 specs are below: name one, such as teams/a/mlops.yaml, or all"),
    ],
)
def test_what_matches_nothing_has_a_way_out(specs: Path, word: str, message: str, hint: str) -> None:
    with pytest.raises(Stopped) as stop:
        select([word])
    (problem,) = stop.value.diagnostics
    assert problem.message.startswith(message)
    assert hint in problem.hint
    assert (stop.value.exit_code, problem.code) == (2, "MS190")


def test_a_folder_in_which_only_deeper_ones_are_names_them_all(specs: Path, mlops: Command) -> None:
    (specs / "mlops.yaml").unlink()
    ran = mlops("lint")
    assert ran.code == 2
    assert (
        "help: 3 specs are below: name one, such as teams/a/mlops.yaml, or all where a command takes many: '**'"
        in ran.out
    )
    assert mlops("show").code == 2
