"""``plan mlflow`` and ``apply mlflow`` as far as they go without a server; tests/conformance/test_mlflow.py has one."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlops_spec.blueprint.contract import NOTE
from mlops_spec.cli import planned
from mlops_spec.live.mlflow.client import Servers
from mlops_spec.live.mlflow.plan import Action, Change, Verb
from mlops_spec.live.mlflow.state import PROJECT, Kind

Mlops = Callable[..., Any]
COMMANDS = [("plan", "mlflow"), ("apply", "mlflow", "--yes")]
NOWHERE = ("--tracking-uri", "http://127.0.0.1:9")


@pytest.mark.parametrize("command", [*COMMANDS, ("import", "mlflow")])
def test_a_missing_client_is_one_line_that_names_the_extra(
    command: tuple[str, ...], churn: Path, mlops: Mlops, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "mlflow", None)
    ran = mlops(*command, *NOWHERE)
    assert (ran.code, ran.out) == (2, "")
    assert 'error MS502 MLflow is not installed\nhelp: pip install "mlops-spec[mlflow]"\n' in ran.err


def test_apply_asks_and_where_nobody_can_be_asked_needs_yes(churn: Path, mlops: Mlops) -> None:
    ran = mlops("apply", "mlflow", *NOWHERE)
    assert (ran.code, ran.out) == (2, "")
    assert "nobody can be asked here: say --yes" in ran.err


@pytest.mark.parametrize("command", COMMANDS)
def test_a_server_needs_an_address(command: tuple[str, ...], hello: Path, mlops: Mlops) -> None:
    ran = mlops(*command)
    assert (ran.code, ran.out) == (2, "")
    assert "error MS503 default has no MLflow server with an address" in ran.err


@pytest.mark.parametrize("command", COMMANDS)
def test_a_spec_with_errors_is_not_applied(command: tuple[str, ...], hello: Path, mlops: Mlops) -> None:
    (hello / "mlops.yaml").write_text((hello / "mlops.yaml").read_text() + "experiments: {e: {tag: {}}}\n")
    ran = mlops(*command, *NOWHERE)
    assert (ran.code, ran.out) == (1, "")
    assert "mlops.yaml:" in ran.err
    (hello / "mlops.yaml").write_text("[")
    assert mlops(*command, *NOWHERE).code == 3


def test_an_unknown_environment_is_named(churn: Path, mlops: Mlops) -> None:
    ran = mlops("plan", "mlflow", "--env", "prd")
    assert (ran.code, "error MS191 no environment is named prd" in ran.err) == (2, True)


def test_a_patch_that_spoils_the_document_is_said(churn: Path, mlops: Mlops, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mlflow", None)
    spec = churn / "mlops.yaml"
    patch = "{op: replace, path: /data/desired-state.yaml, value: 'project: churn'}"
    ours = f"patches:\n  - {{target: {{kind: ConfigMap, name: mlops-sync}}, patch: [{patch}], reason: Why not.}}\n"
    spec.write_text(spec.read_text().replace("\npatches:\n", f"\n{ours}"))
    ran = mlops("plan", "mlflow")
    assert (ran.code, "error MS504 the rendered document mlops-sync of dev cannot be read" in ran.err) == (1, True)


def action(verb: Verb, *changes: Change, name: str = "churn", why: str = "") -> Action:
    return Action(verb, Kind.EXPERIMENT, name, changes, why)


def test_each_thing_is_a_line() -> None:
    actions = [
        action(Verb.CREATE, Change(PROJECT, None, "churn"), Change(NOTE, None, "Churn."), Change("a", None, "b c")),
        action(Verb.UPDATE, Change("a", "b", "c"), Change("d", "e", None), Change("@champion", "6", "7")),
        action(Verb.UPDATE, Change("mlops-spec.environment.dev", None, "[]")),
        action(Verb.RESTORE),
        action(Verb.NOTHING),
        action(Verb.NOTHING),
        action(Verb.DELETE),
        action(Verb.LEFT, why="it stays"),
        action(Verb.REFUSED, why="theirs"),
    ]
    assert list(planned.lines(actions)) == [
        '  + create   experiment churn: description "Churn."; a "b c"',
        '  ~ update   experiment churn: a "b" -> "c"; d "e" -> none; "@champion" "6" -> "7"',
        "  ~ update   experiment churn: marked as dev's too",
        "  ^ restore  experiment churn",
        "  - delete   experiment churn",
        "  ? left     experiment churn: it stays",
        "  ! refused  experiment churn: theirs",
        "  = nothing  2 are as they shall be",
    ]
    assert planned.to_do(actions) == "1 to create, 2 to update, 1 to restore, 1 to delete"
    assert planned.to_do(actions[4:6]) == "nothing to do"


@pytest.mark.parametrize(
    "text", ["\x1b[31mred", "a\nb: fine", "\u202eabc", "\x9b1m", "\ud800", "x" * 5000, '"; ', "\x00"]
)
def test_what_a_server_says_can_neither_drive_a_terminal_nor_be_taken_for_ours(text: str) -> None:
    told = action(Verb.UPDATE, Change(text, text, text), name=text, why=text)
    (line,) = planned.lines([told])
    assert all(character.isprintable() for character in line)
    assert len(planned.subject(told)) < 100


def test_passwords_of_addresses_are_not_shown() -> None:
    assert (
        str(Servers("https://a:secret@mlflow.acme.example", "https://a:secret@mlflow.acme.example"))
        == "https://mlflow.acme.example"
    )
    assert str(Servers("http://a", "http://b")) == "http://a and http://b"
