from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from mlops_spec.language import environment
from mlops_spec.language.condition import Condition
from mlops_spec.language.defaults import fill
from mlops_spec.language.layers import load
from mlops_spec.language.text import Name
from mlops_spec.language.units import Duration, Quantity, Share
from mlops_spec.language.values import substitute
from mlops_spec.model.build import build
from mlops_spec.model.choice import Choice
from mlops_spec.model.common import Schedule
from mlops_spec.model.lock import Lock
from mlops_spec.model.node import Named, Node
from mlops_spec.model.spec import Spec
from mlops_spec.source.files import Folder

CHURN = Path(__file__).parent.parent.parent / "examples" / "churn"


@pytest.fixture(scope="module")
def loaded() -> Any:
    result, problems = load(Folder(CHURN), "mlops.yaml")
    assert result is not None, problems
    return result


@pytest.fixture(scope="module")
def prod(loaded: Any) -> Spec:
    resolved, _ = environment.resolve(loaded.layers, "prod")
    data, _ = substitute(resolved.tree, "prod", loaded.lock)
    return build(Spec, fill(data))


def nodes(value: Any) -> list[Node]:
    if isinstance(value, Node):
        return [value, *(n for v in vars(value).values() for n in nodes(v))]
    if isinstance(value, Mapping):
        return [n for v in value.values() for n in nodes(v)]
    return [n for v in value for n in nodes(v)] if isinstance(value, tuple) else []


def test_every_node_has_the_address_under_which_the_spec_says_it(prod: Spec) -> None:
    step = prod.pipelines["train"].steps["fit"]
    assert step.address == "pipelines.train.steps.fit"
    assert step.inputs["table"].address == "pipelines.train.steps.fit.inputs.table"
    assert prod.patches[0].patch[0].address == "patches.0.patch.0"
    assert all(isinstance(node.address, str) for node in nodes(prod))
    assert len({node.address for node in nodes(prod)}) == len(nodes(prod))


def test_a_key_becomes_the_name(prod: Spec) -> None:
    assert prod.pipelines["train"].steps["good-enough"].name == "good-enough"
    assert all(node.name == node.address.split(".")[-1] for node in nodes(prod) if isinstance(node, Named))


def test_values_have_the_types_that_the_classes_say(prod: Spec) -> None:
    train = prod.pipelines["train"]
    gate = train.steps["good-enough"].gate
    serving = prod.models["churn"].serving
    assert train.timeout == Duration("6h")
    assert isinstance(train.timeout, Duration)
    assert train.schedule == Schedule(address="pipelines.train.schedule", cron="0 3 * * 1", timezone="Europe/Berlin")
    assert gate is not None
    assert gate.against is not None
    assert isinstance(gate.against.require["auc"], Condition)
    assert isinstance(train.steps["fit"].compute, Name)
    assert isinstance(prod.compute["gpu"].memory, Quantity)
    assert serving is not None
    assert serving.shadow is not None
    assert serving.shadow.sample == Share("20%")


def test_what_is_absent_is_none_or_empty(prod: Spec) -> None:
    train = prod.pipelines["train"]
    assert train.orchestrator is None
    assert train.steps["prepare"].after == ()
    assert train.steps["prepare"].foreach == {}
    assert prod.environments["dev"].protected is False


def test_a_choice_keeps_its_options_for_the_backend_to_build(prod: Spec) -> None:
    assert prod.platform.delivery == Choice(
        address="platform.delivery",
        backend="argocd",
        options={"namespace": "argocd", "project": "ml", "create_project": False, "path": "deploy", "branch": "main"},
    )


def test_a_node_cannot_be_changed(prod: Spec) -> None:
    with pytest.raises(AttributeError, match="frozen"):
        prod.project.name = Name("other")
    with pytest.raises(TypeError):
        prod.pipelines["other"] = prod.pipelines["train"]  # type: ignore[index]


def test_the_lock_is_built_alike(loaded: Any) -> None:
    lock = build(Lock, fill(loaded.lock, "lock"))
    model = lock.environments["prod"].models["churn"]
    assert (model.version, model.rollout) == (6, None)
    assert model.shadow is not None
    assert model.shadow.version == 8


def test_a_whole_number_is_an_int_however_it_is_written() -> None:
    class Count(Node):
        count: int

    assert repr(build(Count, {"count": 3.0}).count) == "3"


def test_a_class_that_asks_for_more_than_its_schema_gives_fails_at_once() -> None:
    class Odd(Node):
        colour: str

    with pytest.raises(KeyError, match=r"Odd\.colour has no value at models\.churn"):
        build(Odd, {}, "models.churn")
