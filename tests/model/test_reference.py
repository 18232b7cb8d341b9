from __future__ import annotations

from collections.abc import Callable

import pytest

from mlops_spec.diagnostic import Diagnostic
from mlops_spec.language.defaults import fill
from mlops_spec.language.environment import resolve
from mlops_spec.language.layers import Loaded
from mlops_spec.language.values import substitute
from mlops_spec.model.reference import check, order

Load = Callable[..., Loaded]
SPEC = """\
apiVersion: mlops-spec/v1
project: {name: x}
environments: {dev: {}, prod: {}}
platform: {artifacts: {uri: "s3://b/a"}}
compute: {small: {cpu: 1, memory: 1Gi}}
secrets: {token: {store: v, path: p, keys: [value]}}
channels: {oncall: {slack: {url: "${{ secrets.token.url }}"}}}
datasets: {raw: {uri: "s3://b/raw"}}
experiments: {e: {}}
pipelines:
  train:
    experiment: e
    parameters: {depth: 3}
    steps:
      a:
        image: r.example/a:1
        command: [run, "${{ inputs.raw }}", "${{ parameters.depth }}", "${{ outputs.out }}"]
        inputs: {raw: datasets.raw}
        outputs: {out: {type: dataset}, model: {type: model}, metrics: {type: metrics}}
        compute: small
      b:
        image: r.example/b:1
        command: [run]
        inputs: {out: steps.a.outputs.out}
      check: {gate: {metrics: steps.a.outputs.metrics, require: {auc: ">= 0.8"}}}
      register: {register: {model: m, from: steps.a.outputs.model}}
models: {m: {trained_by: train}}
""".replace("secrets.token.url", "secrets.token.value")


def found(loaded: Load, *changes: tuple[str, str]) -> list[Diagnostic]:
    text = SPEC
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    spec = loaded(text)
    resolved, problems = resolve(spec.layers, "dev")
    tree, more = substitute(resolved.tree, "dev", spec.lock)
    assert (problems, more) == ([], [])
    return check(fill(tree), resolved.left_out, "dev")


def test_every_name_names_something(loaded: Load) -> None:
    assert found(loaded) == []


@pytest.mark.parametrize(
    "old, new, place, code, message, hint",
    [
        ("experiment: e\n", "experiment: ee\n", "12:17", "MS120", "there is no experiment named ee", "did you mean e?"),
        ("experiment: e\n", "experiment: train\n", "12:17", "MS122", "train is no experiment but a pipeline", "known: e"),
        ("compute: small", "compute: smal", "20:18", "MS120", "there is no compute profile named smal", "did you mean small?"),
        ("raw: datasets.raw", "raw: datasets.row", "18:23", "MS120", "there is no dataset named row", "did you mean raw?"),
        ("raw: datasets.raw", "raw: models.m", "18:23", "MS120", "`models.m` is no address that can stand here", "write steps.<step>.outputs.<output>, datasets.<name> or features.services.<name>"),
        ("steps.a.outputs.out", "steps.a.outputs.ot", "24:23", "MS120", "the step a has no output ot", "did you mean out?"),
        ("steps.a.outputs.out", "steps.z.outputs.out", "24:23", "MS120", "there is no step named z", "known: a, b, check, register"),
        ("steps.a.outputs.metrics", "steps.a.outputs.out", "25:31", "MS122", "`gate` takes an output of type metrics, but steps.a.outputs.out is of type dataset", "did you mean steps.a.outputs.metrics?"),
        ("${{ inputs.raw }}", "${{ inputs.row }}", "17:24", "MS120", "`inputs.row` names nothing", "did you mean raw?"),
        ("${{ parameters.depth }}", "${{ run.day }}", "17:45", "MS120", "`run.day` names nothing", "known: date, id, scheduled_at"),
        ("secrets.token.value", "secrets.token.url", "7:34", "MS120", "the secret token has no key url", "known: value"),
        ("secrets.token.value", "secrets.tokn.value", "7:34", "MS120", "there is no secret named tokn", "did you mean token?"),
        ("trained_by: train", "trained_by: trian", "27:26", "MS120", "there is no pipeline named trian", "did you mean train?"),
    ],
)  # fmt: skip
def test_a_name_that_is_wrong(loaded: Load, old: str, new: str, place: str, code: str, message: str, hint: str) -> None:
    problems = found(loaded, (old, new))
    assert [(f"{d.place.line}:{d.place.column}" if d.place else "", d.code, d.message, d.hint) for d in problems] == [
        (place, code, message, hint)
    ]


def test_a_text_that_only_looks_like_a_reference_names_nothing(loaded: Load) -> None:
    described = 'experiments: {e: {description: "as $${{ secrets.nobody.key }} in a workflow"}}'
    assert found(loaded, ("experiments: {e: {}}", described)) == []


def test_an_environment_sets_no_variable_that_is_not_declared(loaded: Load) -> None:
    variables = "variables: {size: {type: integer, default: 1}}\nmodels: {m:"
    spec = [("models: {m:", variables), ("environments: {dev: {}", "environments: {dev: {variables: {sise: 2}}")]
    (problem,) = found(loaded, *spec)
    assert (problem.code, problem.message) == ("MS120", "dev sets a variable sise that is not declared")
    assert (problem.address, problem.hint) == ("environments.dev.variables.sise", "did you mean size?")


def test_what_is_left_out_is_said_to_be(loaded: Load) -> None:
    problems = found(loaded, ("experiments: {e: {}}", "experiments: {e: {only: [prod]}}"))
    assert [(d.code, d.message) for d in problems] == [("MS121", "the experiment e is not in dev")]
    assert problems[0].related[0].place.line == 9


def test_a_circle_of_steps_is_printed_once_at_its_first(loaded: Load) -> None:
    problems = found(loaded, ("inputs: {raw: datasets.raw}", "inputs: {raw: datasets.raw}\n        after: [b]"))
    assert [(d.place.line if d.place else 0, d.message) for d in problems] == [
        (15, "steps wait for each other: a → b → a")
    ]
    assert [(r.place.line, r.message) for r in problems[0].related] == [
        (19, "a waits for b here"),
        (25, "b waits for a here"),
    ]


def test_a_gate_stands_before_every_register(loaded: Load) -> None:
    steps = fill(resolve(loaded(SPEC).layers, "dev")[0].tree)["pipelines"]["train"]["steps"]
    assert order(steps) == {"a": (), "b": ("a",), "check": ("a",), "register": ("a", "check")}


def test_a_register_before_its_gate_is_a_circle(loaded: Load) -> None:
    problems = found(loaded, ("check: {gate:", "check: {after: [register], gate:"))
    assert [d.code for d in problems] == ["MS123"]
    assert [r.message for r in problems[0].related] == [
        "check waits for register here",
        "register waits for check, as a register does for every gate",
    ]


@pytest.mark.parametrize(
    "line, message",
    [
        ("{from: pipelines.old, to: pipelines.train}", None),
        ("{from: pipelines.train, to: models.m}", "`pipelines.train` has moved, but still stands"),
        ("{from: pipelines.old, to: pipelines.trian}", "`pipelines.trian` does not exist"),
        ("{from: pipelines.old, to: models.m}", "a thing can move within its own section alone"),
    ],
)
def test_moved(loaded: Load, line: str, message: str | None) -> None:
    problems = found(loaded, ("models: {m:", f"moved: [{line}]\nmodels: {{m:"))
    assert [d.message for d in problems][:1] == ([message] if message else [])
