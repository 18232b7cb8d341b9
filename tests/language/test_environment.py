from __future__ import annotations

from collections.abc import Callable

import pytest

from mlops_spec.language.environment import names, resolve
from mlops_spec.language.layers import Loaded

Load = Callable[..., Loaded]
HEAD = "apiVersion: mlops-spec/v1\nproject: {name: x}\n"


def test_default_is_implied(loaded: Load) -> None:
    assert names(loaded(HEAD).layers) == (("default",), [])
    assert names(loaded(HEAD + "environments: {}\n").layers) == (("default",), [])


def test_local_is_never_rendered(loaded: Load) -> None:
    assert names(loaded(HEAD + "environments: {local: {}, dev: {}}\n").layers)[0] == ("dev",)


def test_all_documents_are_merged_before_any_override(loaded: Load) -> None:
    low = HEAD + "environments: {dev: {overrides: {models: {m: {a: 1}}}}}\n"
    spec = HEAD + "extends: [low.yaml]\nmodels: {m: {a: 2}}\n"
    tree = resolve(loaded(spec, low__yaml=low).layers, "dev")[0].tree
    assert tree["models"] == {"m": {"a": 1}}
    assert tree["models"]["m"].marks["a"].layer == "low.yaml (overrides of dev)"


def test_a_null_in_overrides_deletes(loaded: Load) -> None:
    spec = HEAD + "models: {m: {a: 1, b: 2}}\nenvironments: {dev: {overrides: {models: {m: {a: null}}}}}\n"
    assert resolve(loaded(spec).layers, "dev")[0].tree["models"] == {"m": {"b": 2}}


def test_overrides_are_no_part_of_the_tree(loaded: Load) -> None:
    spec = HEAD + "environments: {dev: {overrides: {}, protected: true}}\n"
    assert resolve(loaded(spec).layers, "dev")[0].tree["environments"] == {"dev": {"protected": True}}


@pytest.mark.parametrize(
    "overrides, code, message",
    [
        ("{models: {k: {a: 1}}}", "MS065", "`models.k` does not exist, so these overrides of dev change nothing"),
        (
            "{models: {m: {z: null}}}",
            "MS064",
            "`models.m.z` is empty: that deletes what a lower layer sets, and none sets it",
        ),
        (
            "{features: {views: {v: {ttl: 1d}}}}",
            "MS065",
            "`features.views.v` does not exist, so these overrides of dev change nothing",
        ),
        (
            "{pipelines: {p: {steps: {s: {compute: gpu}}}}}",
            "MS065",
            "`pipelines.p.steps.s` does not exist, so these overrides of dev change nothing",
        ),
        ("{variables: {}}", "MS063", "`variables` cannot be overridden"),
        ("{modles: {}}", "MS063", "unknown section `modles` in overrides"),
        ("[]", "MS060", "overrides must be a map of sections"),
    ],
)
def test_what_overrides_cannot_do(loaded: Load, overrides: str, code: str, message: str) -> None:
    spec = (
        HEAD
        + f"models: {{m: {{a: 1}}}}\npipelines: {{p: {{steps: {{t: {{}}}}}}}}\nenvironments: {{dev: {{overrides: {overrides}}}}}\n"
    )
    assert [(d.code, d.message) for d in resolve(loaded(spec).layers, "dev")[1]] == [(code, message)]


def test_what_was_meant_to_be_deleted_is_offered(loaded: Load) -> None:
    overrides = "{models: {m: {replics: null, z: null}}}"
    spec = HEAD + f"models: {{m: {{replicas: 1}}}}\nenvironments: {{dev: {{overrides: {overrides}}}}}\n"
    hints = [d.hint for d in resolve(loaded(spec).layers, "dev")[1]]
    assert hints == ["did you mean replicas?", "write a value, or take the line out"]


def test_half_a_resource_is_not_made_of_overrides(loaded: Load) -> None:
    overrides = "{models: {k: {a: 1}, m: {a: 2}, o: null}}"
    spec = HEAD + f"models: {{m: {{a: 1}}, o: {{}}}}\nenvironments: {{dev: {{overrides: {overrides}}}}}\n"
    resolved, problems = resolve(loaded(spec).layers, "dev")
    assert resolved.tree["models"] == {"m": {"a": 2}}
    assert [(d.code, d.hint) for d in problems] == [
        ("MS065", "to add it to dev alone, define it under `models` with `only: [dev]`")
    ]


def test_only_and_except_select(loaded: Load) -> None:
    spec = HEAD + "environments: {dev: {}, prod: {}}\nmodels: {a: {only: [prod]}, b: {except: [prod]}, c: {}}\n"
    layers = loaded(spec).layers
    assert set(resolve(layers, "dev")[0].tree["models"]) == {"b", "c"}
    assert set(resolve(layers, "prod")[0].tree["models"]) == {"a", "c"}
    assert set(resolve(layers, "dev")[0].left_out) == {"models.a"}


def test_selection_reaches_steps_and_lists(loaded: Load) -> None:
    spec = HEAD + (
        "environments: {dev: {}, prod: {}}\n"
        "pipelines: {p: {steps: {s: {only: [prod]}, t: {}}}}\n"
        "manifests: [{path: a, only: [prod]}, {path: b}]\n"
    )
    tree = resolve(loaded(spec).layers, "dev")[0].tree
    assert set(tree["pipelines"]["p"]["steps"]) == {"t"}
    assert tree["manifests"] == [{"path": "b"}]


@pytest.mark.parametrize(
    "entry, message",
    [
        ("{only: [prd]}", "no environment is named prd"),
        ("{only: [dev], except: [prod]}", "`models.a` has both only and except"),
    ],
)
def test_what_selection_refuses(loaded: Load, entry: str, message: str) -> None:
    spec = HEAD + f"environments: {{dev: {{}}, prod: {{}}}}\nmodels: {{a: {entry}}}\n"
    found = resolve(loaded(spec).layers, "dev")[1]
    assert [d.message for d in found] == [message]
    assert found[0].hint


@pytest.mark.parametrize(
    "declared, written, hint",
    [
        ("{dev: {}, prod: {}}", "production", "did you mean prod?"),
        ("{dev: {}, production: {}}", "prod", "did you mean production?"),
        ("{dev: {}, prod: {}}", "default", "known: dev, local, prod"),
        ("{}", "dev", "known: default, local"),
    ],
)
def test_the_environment_that_was_meant_is_offered(loaded: Load, declared: str, written: str, hint: str) -> None:
    spec = HEAD + f"environments: {declared}\nmodels: {{a: {{only: [{written}]}}}}\n"
    (problem,) = resolve(loaded(spec).layers, "dev")[1]
    assert (problem.code, problem.hint) == ("MS066", hint)


def test_no_environment_is_named_project(loaded: Load) -> None:
    assert [d.code for d in names(loaded(HEAD + "environments: {project: {}}\n").layers)[1]] == ["MS061"]


def test_more_than_a_hundred_environments_are_refused(loaded: Load) -> None:
    many = ", ".join(f"e{i}: {{}}" for i in range(101))
    assert [d.code for d in names(loaded(HEAD + f"environments: {{{many}}}\n").layers)[1]] == ["MS062"]
