"""Who moves files between steps, brings data and runs items, whatever the orchestrator does not do itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from mlops_spec.backends import orchestrator
from mlops_spec.backends.orchestrator.argo import Argo
from mlops_spec.blueprint.types import Label, Pipeline, Step
from mlops_spec.compiler import Compilation, compile_spec
from mlops_spec.language.text import Name
from mlops_spec.source.files import Memory

DIGEST = "@sha256:" + "4b" * 32
RUNTIME = "registry.acme.example/runtime" + DIGEST
LOCK = 'lockVersion: 1\nimages: {runtime: {digest: "sha256:' + "4b" * 32 + '"}}\n'
SPEC = f"""\
apiVersion: mlops-spec/v1
project: {{name: x}}
platform:
  tracking: {{uri: http://mlflow.mlops.svc:5000}}
  artifacts: {{uri: "s3://acme/artifacts", region: eu-central-1}}
  runtime: {{image: registry.acme.example/runtime}}
datasets:
  pinned: {{uri: "s3://acme/pinned", version: "s3-version:abc"}}
  moving: {{uri: "s3://acme/ds=${{{{ run.date }}}}", version: per-run}}
models: {{m: {{}}}}
pipelines:
  train:
    retries: {{limit: 1, backoff: 1m}}
    steps:
      fit:
        image: registry.acme.example/fit{DIGEST}
        command: [fit, "${{{{ inputs.pinned }}}}", "${{{{ outputs.model }}}}", "--"]
        inputs: {{pinned: datasets.pinned, moving: datasets.moving}}
        outputs: {{model: {{type: model}}, metrics: {{type: metrics}}}}
      region:
        image: registry.acme.example/fit{DIGEST}
        foreach: {{region: [eu, us]}}
        command: [score, "${{{{ item.region }}}}", "${{{{ inputs.model }}}}"]
        inputs: {{model: {{from: steps.fit.outputs.model, as: uri}}}}
        outputs: {{of_it: {{type: metrics}}}}
      card:
        image: registry.acme.example/fit{DIGEST}
        command: [card, "${{{{ inputs.uris }}}}"]
        inputs: {{files: steps.region.outputs.of_it, uris: {{from: steps.region.outputs.of_it, as: uri}}}}
      alone: {{image: registry.acme.example/fit{DIGEST}, command: [alone]}}
      good: {{gate: {{metrics: steps.fit.outputs.metrics, require: {{auc: "> 0.8"}}}}}}
      keep: {{register: {{model: m, from: steps.fit.outputs.model}}}}
"""


class Carried(Argo):
    """Moves no artifacts."""

    schemes = brings = frozenset()


class Keeping(Argo):
    """Keeps artifacts where it likes, has no loops, and starts nothing in a pod before a step's own container."""

    keeps, loops, init_containers = True, False, False
    brings = frozenset()

    def input_uri(self, name: Name) -> str:
        return f"URI({name})"

    def output_path(self, name: Name) -> str:
        return f"PATH({name})"


class Substituting(Argo):
    """Puts the values of parameters in where they are known, so that their defaults are texts like any other."""

    def default(self, text: str) -> str:
        return f"DEFAULT({text})"


class Deaf(Argo):
    """Is started by no events, and runs pods of its own."""

    hears = False

    def drivers(self) -> tuple[Label, ...]:
        return (Label(address="platform.orchestrator", key="driver", value="yes"),)


Lowered = Callable[..., dict[str, Step]]


@pytest.fixture
def result(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Compilation]:
    def result(system: type[Argo], text: str = SPEC, lock: str = LOCK) -> Compilation:
        monkeypatch.setitem(orchestrator.SYSTEMS, "argo", system)
        return compile_spec(Memory({"mlops.yaml": text.encode(), "mlops.lock.yaml": lock.encode()}), "mlops.yaml")

    return result


@pytest.fixture
def lowered(result: Callable[..., Compilation]) -> Lowered:
    def lowered(system: type[Argo], text: str = SPEC) -> dict[str, Step]:
        found = result(system, text)
        blueprint = found.environments["default"].blueprint
        assert blueprint is not None, found.diagnostics
        (pipeline,) = blueprint.pipelines
        assert isinstance(pipeline, Pipeline)
        _in_order(pipeline)
        return {step.name: step for step in pipeline.steps}

    return lowered


def _in_order(pipeline: Pipeline) -> None:
    """Assert that names are distinct, and that what a step waits for and takes is there."""
    names = [step.name for step in pipeline.steps]
    assert len(set(names)) == len(names)
    left = {(step.name, output.name) for step in pipeline.steps for output in step.outputs}
    for step in pipeline.steps:
        assert set(step.after) <= set(names)
        for given in step.inputs:
            if given.artifact:
                assert (given.artifact.step, given.artifact.output) in left
                assert given.artifact.step in step.after


def _told(command: tuple[str, ...]) -> tuple[Any, list[str], list[str]]:
    at = command.index("--")
    return json.loads(command[2]), list(command[3:at]), list(command[at + 1 :])


def test_a_step_carries_its_files_itself_where_the_orchestrator_moves_none(lowered: Lowered) -> None:
    fit = lowered(Carried)["fit"]
    kept = "s3://acme/artifacts/x/default/train/{{workflow.uid}}/fit"
    assert fit.workload.command[:2] == ("/mlops/runtime/bin/mlops-spec-runtime", "step")
    told, values, command = _told(fit.workload.command)
    assert told == {
        "inputs": [],
        "outputs": [{"from": "/mlops/outputs/metrics"}, {"from": "/mlops/outputs/model"}],
    }
    assert values == [f"{kept}/metrics", f"{kept}/model"]
    assert command == ["fit", "/mlops/inputs/pinned", "/mlops/outputs/model", "--"]
    assert {variable.name: variable.value for variable in fit.workload.env}["AWS_DEFAULT_REGION"] == "eu-central-1"


def test_the_runtime_and_the_data_are_there_before_a_step_starts(lowered: Lowered) -> None:
    fit = lowered(Carried)["fit"]
    install, fetch = fit.init
    assert (install.image, fetch.image) == (RUNTIME, RUNTIME)
    assert install.command == ("mlops-spec-runtime", "install", "/mlops/runtime")
    shared = {volume.name: volume.path for volume in fit.workload.volumes}
    assert {volume.name: volume.path for volume in install.volumes} == {"runtime": "/mlops/runtime"}
    assert {volume.name: volume.path for volume in (*install.volumes, *fetch.volumes)}.items() <= shared.items()
    assert json.loads(fetch.command[2]) == {
        "inputs": [
            {"to": "/mlops/inputs/moving", "version": "per-run"},
            {"to": "/mlops/inputs/pinned", "version": "s3-version:abc"},
        ]
    }
    assert fetch.command[3:] == ("s3://acme/ds={{inputs.parameters.date}}", "s3://acme/pinned")


def test_the_lists_of_a_foreach_are_written_as_files(lowered: Lowered) -> None:
    told, values, _ = _told(lowered(Carried)["card"].workload.command)
    assert told == {"inputs": [{"content": True, "to": "/mlops/inputs/files"}], "outputs": []}
    kept = "s3://acme/artifacts/x/default/train/{{workflow.uid}}/region"
    assert json.loads(values[0]) == [f"{kept}/0/of_it", f"{kept}/1/of_it"]


def test_our_own_programs_carry_theirs_in_their_own_image(lowered: Lowered) -> None:
    steps = lowered(Carried)
    for name in ("good", "keep"):
        assert steps[name].init == ()
        assert steps[name].workload.command[:2] == ("mlops-spec-runtime", "step")
    told, values, command = _told(steps["good"].workload.command)
    assert told == {"inputs": [{"to": "/mlops/inputs/metrics"}], "outputs": []}
    assert values == ["s3://acme/artifacts/x/default/train/{{workflow.uid}}/fit/metrics"]
    assert command[:2] == ["mlops-spec-runtime", "gate"]


def test_what_moves_no_files_is_as_it_was(lowered: Lowered) -> None:
    alone = lowered(Carried)["alone"]
    assert (alone.workload.command, alone.init) == (("alone",), ())


def test_each_item_is_a_step_where_there_are_no_loops(lowered: Lowered) -> None:
    steps = lowered(Keeping)
    assert [steps[f"region-{i}"].workload.command for i in (0, 1)] == [
        ("score", "eu", "URI(model)"), ("score", "us", "URI(model)"),
    ]  # fmt: skip
    assert steps["region-0"].items == ()
    assert "item-region" not in {taken.reference.name for taken in steps["region-0"].takes}


def test_a_step_of_ours_gathers_what_each_item_left(lowered: Lowered) -> None:
    steps = lowered(Keeping)
    gather = steps["region-of-it"]
    assert gather.workload.command == (
        "mlops-spec-runtime", "gather", '{"output":"of_it"}', "URI(of_it_0)", "URI(of_it_1)",
    )  # fmt: skip
    assert [(i.artifact.step, i.artifact.output) for i in gather.inputs if i.artifact] == [
        ("region-0", "of_it"), ("region-1", "of_it"),
    ]  # fmt: skip
    card = {i.name: (i.artifact.step, i.artifact.output) for i in steps["card"].inputs if i.artifact}
    assert card == {
        "files": ("region-of-it", "of_it"), "uris_0": ("region-0", "of_it"), "uris_1": ("region-1", "of_it"),
    }  # fmt: skip
    assert steps["card"].workload.command == ("card", '["URI(uris_0)","URI(uris_1)"]')


def test_a_step_of_ours_brings_data_where_no_container_before_another_can(lowered: Lowered) -> None:
    steps = lowered(Keeping)
    fetch = steps["fit-fetch"]
    assert json.loads(fetch.workload.command[2]) == {
        "inputs": [
            {"output": "moving", "version": "per-run"}, {"output": "pinned", "version": "s3-version:abc"},
        ]
    }  # fmt: skip
    assert {v.name: v.value for v in fetch.workload.env}["MLOPS_OUTPUT_PINNED"] == "PATH(pinned)"
    assert [(output.name, output.path, output.type) for output in fetch.outputs] == [
        ("moving", "PATH(moving)", "dataset"), ("pinned", "PATH(pinned)", "dataset"),
    ]  # fmt: skip
    assert fetch.retries is not None
    assert steps["fit"].init == ()


def test_what_keeps_artifacts_says_the_uri_that_is_registered(lowered: Lowered) -> None:
    assert lowered(Keeping)["keep"].workload.command[-1] == "URI(model)"


def test_what_keeps_artifacts_opens_the_store_in_each_step_that_has_any(lowered: Lowered) -> None:
    found = {name: {v.name for v in step.workload.env} for name, step in lowered(Keeping).items()}
    opening = {name for name, names in found.items() if "AWS_DEFAULT_REGION" in names}
    assert opening == set(found) - {"begin", "alone"}


def test_a_step_knows_the_types_of_what_it_takes_and_whether_another_takes_what_it_leaves(lowered: Lowered) -> None:
    steps = lowered(Keeping)
    assert {i.name: i.type for i in steps["fit"].inputs} == {"moving": "dataset", "pinned": "dataset"}
    assert {i.name: i.type for i in steps["card"].inputs} == {"files": "file", "uris_0": "metrics", "uris_1": "metrics"}
    assert {i.name: i.type for i in steps["keep"].inputs} == {"model": "model"}
    assert all(output.taken for step in steps.values() for output in step.outputs)
    untaken = lowered(
        Keeping,
        SPEC.replace(
            "files: steps.region.outputs.of_it, uris: {from: steps.region.outputs.of_it, as: uri}", ""
        ).replace(', "${{ inputs.uris }}"', ""),
    )
    assert {output.name: output.taken for output in untaken["region-0"].outputs} == {"of_it": False}


def test_only_what_brings_pinned_data_alone_leaves_the_same_whenever_it_runs(lowered: Lowered) -> None:
    assert not [step.name for step in lowered(Keeping).values() if step.repeatable]
    pinned = SPEC.replace("pinned: datasets.pinned, moving: datasets.moving", "pinned: datasets.pinned")
    assert [step.name for step in lowered(Keeping, pinned).values() if step.repeatable] == ["fit-fetch"]


def test_events_are_for_those_that_hear_them(lowered: Lowered, result: Callable[..., Compilation]) -> None:
    asked = SPEC.replace(
        "moving: {uri", 'new: {uri: "s3://acme/new", changes: {sqs: q, region: r}}\n  moving: {uri'
    ).replace("    retries:", "    triggers: {new: {dataset: new}}\n    retries:")
    for system, started in ((Argo, True), (Deaf, False)):
        blueprint = result(system, asked).environments["default"].blueprint
        assert blueprint is not None
        (pipeline,) = blueprint.pipelines
        assert bool(pipeline.decision) is bool(blueprint.triggers) is bool(pipeline.events) is started
        assert bool(pipeline.polled) is not started
        assert [p.name for p in pipeline.parameters if p.name == "started-by"] == ([] if started else ["started-by"])


def test_pods_of_the_orchestrator_itself_reach_what_it_says_and_see_a_token(result: Callable[..., Compilation]) -> None:
    for system, its in ((Argo, []), (Deaf, ["pipelines.driver"])):
        blueprint = result(system).environments["default"].blueprint
        assert blueprint is not None
        assert [policy.name for policy in blueprint.policies if policy.name.endswith(".driver")] == its
        assert [account.mounted for account in blueprint.accounts if account.name == "pipelines"] == [bool(its)]


@pytest.mark.parametrize("system, said", [(Argo, "a$$(B)"), (Substituting, "DEFAULT(a$(B))")])
def test_the_orchestrator_says_how_a_default_is_written(
    system: type[Argo], said: str, result: Callable[..., Compilation]
) -> None:
    text = SPEC.replace("    retries:", '    parameters: {p: "a$(B)"}\n    retries:')
    blueprint = result(system, text).environments["default"].blueprint
    assert blueprint is not None
    assert [parameter.value for parameter in blueprint.pipelines[0].parameters] == [said]


@pytest.mark.parametrize("taken", ["region-0", "region-of-it", "fit-fetch", "begin", "trigger"])
def test_no_step_of_the_spec_has_the_name_of_one_that_is_added(taken: str, result: Callable[..., Compilation]) -> None:
    found = result(Keeping, SPEC.replace("alone:", f"{taken}:"))
    assert f"a step {taken} is added to the pipeline" in [d.message for d in found.diagnostics if d.code == "MS143"]


@pytest.mark.parametrize("system, reason", [
    (Carried, "its step fit takes a pinned dataset, which the runtime image sees to"),
    (Keeping, "its step fit takes a pinned dataset, which the runtime image sees to"),
])  # fmt: skip
def test_without_a_runtime_image_the_pipeline_is_withheld(
    system: type[Argo], reason: str, result: Callable[..., Compilation]
) -> None:
    text = SPEC.partition("      good:")[0].replace("  runtime: {image: registry.acme.example/runtime}\n", "")
    found = result(system, text.replace("${{ run.date }}", "x"), "lockVersion: 1\n")
    assert f"`pipelines.train` is withheld: {reason}" in [d.message for d in found.diagnostics if d.code == "MS140"]


def test_a_store_that_nothing_reads_is_an_error(result: Callable[..., Compilation]) -> None:
    found = result(Carried, SPEC.replace("s3://acme/artifacts", "hdfs://acme/artifacts"))
    (problem,) = [d for d in found.diagnostics if d.code == "MS142"]
    assert problem.message == "nothing moves artifacts under hdfs: between the steps of train"
    assert problem.hint == "set it to one of: gs, s3"
