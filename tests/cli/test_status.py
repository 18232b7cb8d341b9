"""``status`` and ``diff --live`` as far as they go without a server; tests/conformance/test_live_kubernetes.py has one."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlops_spec.cli.refused import is_made_anew
from mlops_spec.live.kubernetes.ask import Asked, Wanted
from tests.changed import changed

Mlops = Callable[..., Any]
COMMANDS = [("status",), ("diff", "--live")]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_missing_client_is_one_line_that_names_the_extra(
    command: tuple[str, ...], churn: Path, mlops: Mlops, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "kubernetes", None)
    ran = mlops(*command, "--env", "prod")
    assert (ran.code, ran.out) == (2, "")
    assert 'error MS502 Kubernetes\' client is not installed\nhelp: pip install "mlops-spec[kubernetes]"\n' in ran.err


@pytest.mark.parametrize("command", COMMANDS)
def test_environments_of_several_clusters_are_asked_one_after_the_other(
    command: tuple[str, ...], churn: Path, mlops: Mlops
) -> None:
    ran = mlops(*command)
    assert (ran.code, ran.out) == (2, "")
    assert (
        "error MS513 a context is one cluster, and these are 2: dev, staging in https://kubernetes.default.svc; "
        "prod in https://prod.k8s.acme.example\n"
        "help: ask one after the other, such as --env prod --context NAME with the context that leads to "
        "https://prod.k8s.acme.example\n"
    ) in ran.err


@pytest.mark.parametrize("command", COMMANDS)
def test_a_spec_with_errors_is_not_compared(command: tuple[str, ...], churn: Path, mlops: Mlops) -> None:
    spec = churn / "mlops.yaml"
    spec.write_text(changed(spec.read_text(), ("experiments:\n", "experimnts:\n")))
    ran = mlops(*command, "--env", "prod")
    assert (ran.code, ran.out) == (1, "")
    assert "experimnts" in ran.err
    assert mlops(*command, "--env", "prd").code == 1


@pytest.mark.parametrize("command", COMMANDS)
def test_an_unknown_environment_is_named(command: tuple[str, ...], churn: Path, mlops: Mlops) -> None:
    ran = mlops(*command, "--env", "prd")
    assert (ran.code, "error MS191 no environment is named prd" in ran.err) == (2, True)


def test_a_cluster_and_a_revision_are_no_pair(churn: Path, mlops: Mlops) -> None:
    ran = mlops("diff", "--live", "HEAD")
    assert (ran.code, "--live compares the files here with a cluster: it takes no revision" in ran.err) == (2, True)
    ran = mlops("diff", "--context", "prod")
    assert (ran.code, "are of a cluster: say --live too" in ran.err) == (2, True)


@pytest.mark.parametrize("annotations, anew", [
    ({}, False),
    ({"argocd.argoproj.io/hook": "PostSync", "argocd.argoproj.io/hook-delete-policy": "BeforeHookCreation"}, True),
    ({"argocd.argoproj.io/sync-options": "Force=true, Replace=true"}, True),
    ({"argocd.argoproj.io/sync-options": "Replace=true"}, False),
])  # fmt: skip
def test_what_argo_cd_deletes_first_need_not_be_changed_in_place(annotations: dict[str, str], anew: bool) -> None:
    wanted = Wanted(
        "x", {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "x", "annotations": annotations}}
    )
    assert is_made_anew(Asked(wanted, {}, None)) is anew
