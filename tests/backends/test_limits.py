"""What no backend makes yet is said once where it is chosen, with what it withholds."""

from __future__ import annotations

from collections.abc import Callable

from mlops_spec.backends import systems
from mlops_spec.backends.choice import choose
from mlops_spec.language.defaults import fill
from mlops_spec.language.environment import resolve
from mlops_spec.language.layers import Loaded
from mlops_spec.lint.rules.runs import TIMELESS

Load = Callable[..., Loaded]
SPEC = """\
apiVersion: mlops-spec/v1
project: {name: churn}
models:
  here: {serving: {version: "@champion"}}
  there: {serving: {version: "@champion", server: {backend: seldon}}}
"""
COMPUTE = """\
apiVersion: mlops-spec/v1
project: {name: churn}
compute:
  served: {cpu: "1", memory: 1Gi, queue: ml}
  of_all: {cpu: "1", memory: 1Gi, queue: ml}
  of_one: {cpu: "1", memory: 1Gi, queue: ml}
  of_another: {cpu: "1", memory: 1Gi, queue: ml}
pipelines:
  here: {compute: of_all, steps: {a: {image: x, command: [a], compute: of_one}}}
  there: {orchestrator: {backend: argo}, steps: {a: {image: x, command: [a], compute: of_another}}}
platform: {orchestrator: {backend: vertex, project: acme-ml, location: europe-west3}}
"""


def told(loaded: Load, spec: str) -> list[str]:
    tree = fill(resolve(loaded(spec).layers, "default")[0].tree)
    return [f"{d.place}: {d.code} {d.message}" for d in choose(tree).problems]


def test_a_model_s_own_server_withholds_that_model_alone(loaded: Load) -> None:
    assert told(loaded, SPEC) == [
        "mlops.yaml:5:61: MS146 models.there.serving.server (seldon) is not rendered yet: models.there.serving"
    ]


def test_the_platform_s_withholds_those_that_have_none_of_their_own(loaded: Load) -> None:
    own = SPEC.replace("seldon", "kserve") + "platform: {serving: {backend: seldon}}\n"
    assert told(loaded, own) == [
        "mlops.yaml:6:31: MS146 platform.serving (seldon) is not rendered yet: models.here.serving"
    ]


def test_a_backend_that_would_make_nothing_says_nothing(loaded: Load) -> None:
    assert told(loaded, SPEC.partition("models:")[0] + "platform: {serving: {backend: seldon}}\n") == []


def test_what_runs_pipelines_is_asked_of_the_profiles_alone_that_its_steps_use(loaded: Load) -> None:
    assert [line.partition("`")[2].partition("`")[0] for line in told(loaded, COMPUTE)] == [
        "compute.of_all.queue", "compute.of_one.queue",
    ]  # fmt: skip


def test_lint_asks_for_a_time_limit_where_one_can_be_had() -> None:
    timeless = {
        name
        for name, system in systems("orchestrator").items()
        for limit in system.limits
        if limit.field == "pipelines.*.timeout" and not limit.honours("6h")
    }
    assert timeless == TIMELESS
