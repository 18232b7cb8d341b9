"""The job that proposes what the registry's aliases name now, run as it is rendered beside a real MLflow server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.backends.ci.forge import Forge, forge
from tests.backends.ci.runner import Ran
from tests.backends.ci.test_proposals import LOCK as ALL
from tests.backends.ci.test_proposals import github, gitlab, rendered
from tests.conformance.conftest import named
from tests.conformance.mlflow_server import served
from tests.conformance.test_lock import ROOT, Life, pushed, registry, store

pytestmark = [pytest.mark.conformance, pytest.mark.xdist_group("mlflow")]
__all__ = ["registry", "store"]
BRANCH, LOCK = "mlops-spec/churn/lock", "mlops.lock.yaml"
KINDS = {
    "github": (github, "x-access-token", "upgrade", "check"),
    "gitlab": (gitlab, "oauth2", "upgrade-lock-churn", "check-lock-churn"),
}


class Team:
    """A team's project on a forge, whose models are on an MLflow server that CI knows by an address of its own."""

    def __init__(self, made: Forge, life: Life, kind: str) -> None:
        self.made, self.life = made, life
        self._run, _, self._upgrade, self._check = KINDS[kind]
        program = f'#!/bin/sh\nexec {life.python} -m mlops_spec "$@"\n'
        (made.bin / "image" / "mlops-spec").write_text(program)
        digest = pushed(life.registry, "mlops-spec/runtime", "1", kind)
        changes = {
            "registry.acme.example": life.registry, "churn: {flavor": f"{kind}: {{flavor", "model: churn": f"model: {kind}",
        }  # fmt: skip
        images = f'lockVersion: 1\n\nimages:\n  runtime: {{digest: "{digest}"}}\n'
        lock = images + ALL.partition("}\n")[2].replace("churn: {", f"{kind}: {{")
        files = rendered(kind, f'upgrade: {{registry: "{life.server.uri}"}}', changes, lock)
        made.push({**files, LOCK: images})

    def upgrade(self) -> Ran:
        return self._run(self.made, "lock", self._upgrade, opens=self.opens)

    def check(self) -> Ran:
        return self._run(self.made, "lock", self._check, opens=self.opens)

    @property
    def opens(self) -> dict[str, str]:
        return {**self.life.store, "MLFLOW_TRACKING_TOKEN": "s3cret"}

    def proposed(self) -> str:
        """Return the version that the proposal has for dev."""
        text = self.made.git("show", f"{BRANCH}:{LOCK}", at=self.made.bare)
        return str(yaml.safe_load(text)["environments"]["dev"]["models"][self.life.name]["version"])

    def merge(self) -> None:
        """Merge the proposal, and promote what it has: both environments have a version then."""
        self.made.git("pull", "--quiet", "--ff-only", str(self.made.bare), BRANCH)
        command = [sys.executable, "-m", "mlops_spec", "promote", self.life.name, "--to", "prod"]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(command, cwd=self.made.work, env=environment, check=False, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        self.made.push({}, "Promote")
        self.made.git("push", "--quiet", "origin", f":{BRANCH}")


@pytest.fixture(params=KINDS)
def team(request: pytest.FixtureRequest, tmp_path: Path, store: dict[str, str], registry: str) -> Iterator[Team]:
    python = str(named("MLOPS_SPEC_RUNTIME_PYTHON"))
    for folder in ("server", "life"):
        (tmp_path / folder).mkdir()
    with served(python, tmp_path / "server") as server, forge(tmp_path / "forge", KINDS[request.param][1]) as made:
        life = Life(python, server, registry, store, tmp_path / "life")
        life.name = request.param
        yield Team(made, life, request.param)


def test_from_a_registered_version_to_one_proposal_that_follows_the_alias(team: Team) -> None:
    team.life.registered(1)
    code, printed = team.check()
    assert code == 1, printed
    assert "MS11" in printed
    code, printed = team.upgrade()
    assert code == 0, printed
    assert team.proposed() == "1"
    team.merge()
    code, printed = team.check()
    assert code == 0, printed
    code, printed = team.upgrade()
    assert (code, "the lock has it already" in printed) == (0, True), printed
    assert team.made.proposed(BRANCH) is None

    for number in (2, 3):
        team.life.registered(number)
        for _ in range(2):
            code, printed = team.upgrade()
            assert code == 0, printed
        assert team.proposed() == str(number)
        assert f"| `1 -> {number}` |" in printed
    assert team.made.git("rev-list", "--count", f"main..{BRANCH}", at=team.made.bare) == "1"
    if KINDS["github"][0] is team._run:
        (opened,) = team.made.opened()
        assert opened["title"] == "Lock the versions of churn that aliases name now"
        assert "| `1 -> 3` |" in opened["body"]

    assert "s3cret" not in printed + team.made.said_to_docker()
    ran = [json.loads(line) for line in team.made.said_to_docker().splitlines()]
    assert all("bridge" in words and "MLFLOW_TRACKING_TOKEN" in words for words in ran if words[0] == "run")


def test_a_registry_that_does_not_answer_proposes_nothing(team: Team) -> None:
    team.life.server.kill()
    code, printed = team.upgrade()
    assert code == 5, printed
    assert team.made.proposed(BRANCH) is None
