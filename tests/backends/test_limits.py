"""What no backend makes yet is said once where it is chosen, with what it withholds."""

from __future__ import annotations

from collections.abc import Callable

from mlops_spec.backends.choice import choose
from mlops_spec.language.defaults import fill
from mlops_spec.language.environment import resolve
from mlops_spec.language.layers import Loaded

Load = Callable[..., Loaded]
SPEC = """\
apiVersion: mlops-spec/v1
project: {name: churn}
pipelines:
  here: {steps: {a: {image: x, command: [a]}}}
  there: {orchestrator: {backend: vertex}, steps: {a: {image: x, command: [a]}}}
"""


def told(loaded: Load, spec: str) -> list[str]:
    tree = fill(resolve(loaded(spec).layers, "default")[0].tree)
    return [f"{d.place}: {d.code} {d.message}" for d in choose(tree).problems]


def test_a_pipeline_s_own_orchestrator_withholds_that_pipeline_alone(loaded: Load) -> None:
    assert told(loaded, SPEC) == [
        "mlops.yaml:5:35: MS146 pipelines.there.orchestrator (vertex) is not rendered yet: pipelines.there"
    ]


def test_the_platform_s_withholds_those_that_have_none_of_their_own(loaded: Load) -> None:
    own = SPEC.replace("vertex", "argo") + "platform: {orchestrator: {backend: vertex}}\n"
    assert told(loaded, own) == [
        "mlops.yaml:6:36: MS146 platform.orchestrator (vertex) is not rendered yet: pipelines.here"
    ]


def test_a_backend_that_would_make_nothing_says_nothing(loaded: Load) -> None:
    assert told(loaded, SPEC.replace("vertex", "argo") + "platform: {serving: {backend: seldon}}\n") == []
