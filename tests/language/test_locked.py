from __future__ import annotations

from collections.abc import Callable

import pytest

from mlops_spec.language.environment import resolve
from mlops_spec.language.layers import Loaded
from mlops_spec.language.locked import check

Load = Callable[..., Loaded]
HEAD = "apiVersion: mlops-spec/v1\n"
BASE = (
    HEAD
    + """\
locked: [platform.*.backend, environments.*.namespace, secrets.*.store]
variables: {ns: {type: string, default: shared}}
platform: {tracking: {backend: mlflow}, orchestrator: {backend: argo}}
environments: {dev: {namespace: "${{ variables.ns }}"}, prod: {namespace: churn}}
secrets: {a: {store: vault}}
"""
)


def told(loaded: Load, spec: str, environment: str = "dev", base: str = BASE) -> list[str]:
    layers = loaded(HEAD + "extends: [base.yaml]\n" + spec, base__yaml=base).layers
    final = resolve(layers, environment)[0].tree
    return [f"{d.place}: {d.code} {d.message}" for d in check(layers, final, environment)]


def test_what_is_not_locked_may_change(loaded: Load) -> None:
    assert told(loaded, "platform: {tracking: {uri: http://x}}\nsecrets: {b: {store: vault}}\n") == []


@pytest.mark.parametrize(
    "spec, message",
    [
        ("platform: {tracking: {backend: wandb}}\n", "mlops.yaml:3:32: MS070 `platform.tracking.backend` is locked and cannot be changed"),
        ("platform: {tracking: null}\n", "MS070 `platform.tracking.backend` is locked and cannot be deleted"),
        ("platform: null\n", "MS070 `platform.tracking.backend` is locked and cannot be deleted"),
        ("secrets: {b: {store: mine}}\n", "mlops.yaml:3:22: MS071 `secrets.b.store` may only take a value that base.yaml sets there"),
        ("environments: {dev: {overrides: {secrets: {a: {store: mine}}}}}\n", "MS070 `secrets.a.store` is locked and cannot be changed"),
        ("environments: {own: {namespace: theirs}}\n", "MS071 `environments.own.namespace` may only take a value that base.yaml sets there"),
        ("environments: {own: {}}\n", "MS071 `environments.own` needs a namespace that base.yaml sets"),
        ("variables: {ns: {default: theirs}}\n", "MS070 `variables.ns.default` is locked and cannot be changed"),
        ("environments: {dev: {variables: {ns: theirs}}}\n", "MS070 `environments.dev.variables.ns` is locked and cannot be changed"),
        ("pipelines: {p: {orchestrator: {backend: airflow}}}\n", "MS070 `pipelines.p.orchestrator.backend` is locked and cannot be chosen otherwise"),
    ],
)  # fmt: skip
def test_a_lock_holds(loaded: Load, spec: str, message: str) -> None:
    assert any(message in line for line in told(loaded, spec)), told(loaded, spec)


def test_local_is_bound_by_no_lock(loaded: Load) -> None:
    assert told(loaded, "environments: {local: {overrides: {secrets: {a: {store: file}}}}}\n", "local") == []


def test_a_layer_may_change_what_it_locks_itself(loaded: Load) -> None:
    base = BASE.replace(
        "prod: {namespace: churn}", "prod: {namespace: churn, overrides: {secrets: {a: {store: other}}}}"
    )
    assert told(loaded, "", "prod", base) == []


def test_a_layer_may_lock_what_it_has_in_one_environment_alone(loaded: Load) -> None:
    base = BASE.replace("secrets: {a: {store: vault}}", "secrets: {a: {store: vault, only: [prod]}}")
    assert told(loaded, "", base=base) == []
    assert any(
        "MS070 `secrets.a.store`" in line for line in told(loaded, "secrets: {a: {only: [dev]}}\n", "prod", base)
    )


def test_overrides_below_a_lock_may_be_of_what_is_defined_above(loaded: Load) -> None:
    overrides = "overrides: {secrets: {mine: {store: vault}, none: {store: vault}}}"
    base = BASE.replace("prod: {namespace: churn}", f"prod: {{namespace: churn, {overrides}}}")
    assert told(loaded, "secrets: {mine: {path: a}}\n", "prod", base) == []
