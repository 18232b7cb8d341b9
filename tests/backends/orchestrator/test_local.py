"""The environment ``local``: its words, which no text can be taken for, and one pipeline lowered to processes."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_spec.backends.orchestrator.local import Local, Word, parts, put_in, word
from mlops_spec.blueprint.ports import Refused
from mlops_spec.compiler import AtHand, Here, compile_at_hand
from mlops_spec.source.files import Memory

LOCAL = Local(address="platform.orchestrator")
HERE = Here("file:///kept", "sqlite:////kept/mlflow.db")
TEXT = st.text(st.characters(exclude_characters="\0"))


@given(st.lists(st.tuples(TEXT, TEXT)))
def test_what_is_put_in_is_put_in_alone(pairs: list[tuple[str, str]]) -> None:
    text = "".join(LOCAL.literal(before) + word("parameter", f"p{index}") for index, (before, _) in enumerate(pairs))
    values = {f"p{index}": value for index, (_, value) in enumerate(pairs)}
    assert put_in(text, lambda word: values[word.name]) == "".join(before + value for before, value in pairs)


def test_a_text_that_a_process_cannot_take_is_refused() -> None:
    with pytest.raises(Refused, match="NUL"):
        LOCAL.literal("a\0b")


def test_a_word_says_its_kind_and_name() -> None:
    assert [*parts(f"a{word('input', 'x')}{word('run')}b")] == ["a", Word("input", "x"), Word("run", ""), "b"]


SPEC = """\
apiVersion: mlops-spec/v1
project: {name: x}
platform:
  tracking: {backend: wandb, entity: acme}
  orchestrator: {backend: airflow}
  artifacts: {uri: "s3://acme/artifacts", secret: store}
secrets: {store: {path: ml/store, keys: [access_key, secret_key]}}
images: {train: {repository: registry.acme.example/train}}
datasets:
  pinned: {uri: "s3://acme/pinned", version: "s3-version:abc"}
  events: {uri: "s3://acme/events", version: per-run, changes: {sqs: events, region: eu-central-1}}
models: {m: {trained_by: train}}
monitors: {m: {model: m, schedule: "*/30 * * * *", window: 24h, quality: {nulls: {age: "< 1%"}, action: retrain}}}
environments: {prod: {protected: true}, local: {overrides: {datasets: {events: {uri: "file:data/events"}}}}}
pipelines:
  train:
    triggers: {new: {dataset: events}}
    retraining: {cooldown: 1h}
    steps:
      fit:
        image: ${{ images.train }}
        command: [fit]
        inputs: {pinned: datasets.pinned, events: datasets.events}
        outputs: {model: {type: model}, metrics: {type: metrics}}
      good: {gate: {metrics: steps.fit.outputs.metrics, require: {auc: "> 0.8"}}}
      keep: {register: {model: m, from: steps.fit.outputs.model}}
  other: {steps: {fit: {image: registry.acme.example/x, command: [fit]}}}
"""


def compiled(text: str = SPEC, here: Here = HERE, pipeline: str = "train") -> AtHand:
    return compile_at_hand(Memory({"mlops.yaml": text.encode()}), "mlops.yaml", pipeline, here)


def test_one_pipeline_is_lowered_whatever_runs_it_elsewhere_and_whatever_is_locked() -> None:
    done = compiled()
    assert done.pipeline is not None, done.diagnostics
    steps = {str(step.name): step for step in done.pipeline.steps}
    assert [*steps] == ["begin", "fit-fetch", "fit", "good", "keep"]
    assert (done.pipeline.events, done.pipeline.decision) == ((), None)
    assert json.loads(steps["fit-fetch"].workload.command[2]) == {
        "inputs": [{"output": "pinned", "version": "s3-version:abc"}]
    }
    brought = {str(one.name): (one.uri, one.artifact is None) for one in steps["fit"].inputs}
    assert brought == {"events": ("file:data/events", True), "pinned": (None, False)}
    uri = steps["fit"].outputs[1].uri
    assert uri is not None
    assert put_in(uri, lambda word: f"<{word.kind}>") == "file:///kept/x/local/train/<run>/fit/model"
    variables = {str(v.name): v.value for v in steps["fit"].workload.env}
    assert variables["MLFLOW_TRACKING_URI"] == "sqlite:////kept/mlflow.db"


def test_what_judges_and_registers_is_withheld_where_nothing_is_recorded() -> None:
    assert compiled(here=Here("file:///kept", None)).pipeline is None
    assert compiled(here=Here("file:///kept", None), pipeline="other").pipeline is not None


def test_an_error_is_told_with_its_place() -> None:
    done = compiled(SPEC.replace("steps.fit.outputs.model", "steps.fti.outputs.model"))
    assert done.pipeline is None
    assert [d.place is not None for d in done.diagnostics if "fti" in d.message] == [True]


def test_there_may_be_no_such_pipeline() -> None:
    done = compiled(pipeline="trian")
    assert done.spec is not None
    assert done.pipeline is None
