"""What a spec asks of registries, and what their answers make of the lock: their lines, and no other byte."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops_spec.language.defaults import fill
from mlops_spec.language.environment import resolve
from mlops_spec.language.layers import Loaded
from mlops_spec.language.needs import Need, gated, needs, once, pinned, pins, put, put_all
from mlops_spec.language.schema import check
from mlops_spec.source.tree import Map, same
from mlops_spec.source.yaml import read

Load = Callable[..., Loaded]
SPEC = """\
apiVersion: mlops-spec/v1
project: {name: churn}
environments:
  dev: {}
  prod: {promotes_from: dev}
images:
  train: {repository: registry.acme.example/train, tag: "1", build: {python: "3.12", requirements: r.lock}}
  other: {repository: registry.acme.example/other, build: {python: "3.12", requirements: r.lock, base: "b.acme.example/x@sha256:%s"}}
models:
  churn:
    version: "@challenger"
    serving: {shadow: {version: "@challenger"}, rollout: {strategy: canary, steps: [{weight: 10}]}}
  fixed:
    version: 7
    serving: {}
    ab_test:
      state: running
      variants: {a: {version: 7, weight: 50}, b: {version: "@challenger", weight: 50}}
      assign_by: id
      metric: {name: m, goal: maximize, labels: l}
      duration: 1d
      min_samples: 1
  idle: {version: "@challenger"}
""" % ("0" * 64)
LIVE = "version: 1, run: r, uri: s3://a/1, digest: sha256:" + "1" * 64


def found(loaded: Load, lock: str, environment: str) -> tuple[dict[str, Need], list[str]]:
    spec = loaded(SPEC, **{"mlops.lock.yaml": lock})
    wanted, problems = needs(fill(resolve(spec.layers, environment)[0].tree), spec.lock, environment)
    return {need.title: need for need in wanted}, [problem.message for problem in problems]


def test_an_environment_that_promotes_from_nobody_asks_for_all(loaded: Load) -> None:
    wanted, problems = found(loaded, "lockVersion: 1\n", "dev")
    assert {title: (need.of, need.said, need.firm) for title, need in wanted.items()} == {
        "images.train": ("registry.acme.example/train", "1", False),
        "images.train.base": ("docker.io/library/python", "3.12-slim", True),
        "dev churn": ("churn", "@challenger", False),
        "dev churn.shadow": ("churn", "@challenger", False),
        "dev fixed": ("fixed", 7, True),
        "dev fixed.variants.a": ("fixed", 7, False),
        "dev fixed.variants.b": ("fixed", "@challenger", False),
    }
    assert problems == ["nothing says which digest of images.other is meant: it has no tag"]
    assert str(wanted["dev churn.shadow"].place) == "mlops.yaml:12:33"


def test_an_environment_that_promotes_takes_no_version_by_an_alias(loaded: Load) -> None:
    wanted, problems = found(loaded, "lockVersion: 1\n", "prod")
    assert "prod churn" not in wanted
    assert "prod churn.shadow" not in wanted
    assert wanted["prod fixed"].said == 7
    assert "models.churn comes to prod by a promotion from dev, and the lock has none yet" in problems
    lock = f"lockVersion: 1\nenvironments: {{prod: {{models: {{churn: {{{LIVE}}}}}}}}}\n"
    wanted, problems = found(loaded, lock, "prod")
    assert "prod churn" not in wanted
    assert wanted["prod churn.shadow"].said == "@challenger"
    assert problems == ["nothing says which digest of images.other is meant: it has no tag"]


def test_a_pipeline_gates_what_it_registers_and_is_known_by_former_names() -> None:
    register = "put: {register: {model: churn, from: steps.fit.outputs.model}}"
    gate = "judge: {gate: {metrics: steps.fit.outputs.metrics, require: {auc: '>= 0.8'}}}"
    tree = data(
        "moved: [{from: pipelines.old, to: pipelines.train}, {from: models.train, to: models.x}]\n"
        "pipelines:\n"
        f"  train: {{steps: {{{gate}, {register}}}}}\n"
        f"  open: {{steps: {{{register}}}}}\n"
        f"  judges: {{steps: {{{gate}}}}}\n"
    )
    assert [*gated(tree, "churn")] == ["train", "old"]
    assert [*gated(tree, "other")] == []
    assert [*gated(Map(), "churn")] == []


def test_an_image_that_is_two_is_refused() -> None:
    one = Need(("images", "train"), "a", "1", "images.train.tag", None)
    kept, problems = once([one, one, one._replace(said="2")])
    assert kept == [one]
    assert [(p.code, p.message) for p in problems] == [
        ("MS112", "images.train.tag is a:2 in one environment and a:1 in another")
    ]


def test_every_version_of_a_lock_is_told(loaded: Load) -> None:
    beside = f"shadow: {{{LIVE}}}, rollout: {{step: 0, from: {{{LIVE}}}}}, variants: {{a: {{{LIVE}}}, b: {{{LIVE}}}}}"
    lock = loaded(
        SPEC,
        **{"mlops.lock.yaml": f"lockVersion: 1\nenvironments: {{dev: {{models: {{churn: {{{LIVE}, {beside}}}}}}}}}\n"},
    ).lock
    assert [".".join(map(str, pin.path[3:])) for pin in pins(lock, ["dev", "prod"])] == [
        "churn", "churn.shadow", "churn.rollout.from", "churn.variants.a", "churn.variants.b",
    ]  # fmt: skip


def version(number: int) -> dict[str, Any]:
    return {"version": number, "run": "5b4a3f2e", "uri": f"s3://acme/{number}", "digest": "sha256:" + f"{number:064}"}


@pytest.mark.parametrize("gradual", [True, False])
def test_a_version_that_moves_keeps_the_one_before_where_there_are_steps(gradual: bool) -> None:
    need = Need(("environments", "dev", "models", "churn"), "churn", "@challenger", "", None, "dev", gradual=gradual)
    text = put("", need, {**version(1), "requirements": ["a==1"]})
    text = text.replace("[a==1]}\n", "[a==1]} # one\n")
    after = put(text, need, version(2))
    assert check(data(after), "lock") == []
    model = data(after)["environments"]["dev"]["models"]["churn"]
    assert pinned(data(after), need) == version(2)
    assert model.get("rollout") == ({"step": 0, "from": {**version(1), "requirements": ["a==1"]}} if gradual else None)
    assert "churn: {version: 2, " in after
    assert after.endswith("} # one\n")
    assert put(after, need, version(2)) == after


def data(text: str) -> Map:
    source, problems = read(text.encode(), "")
    assert source is not None, (problems, text)
    return source.data


NAMES = st.sampled_from(["a", "churn", "train", "zoo"])
LINES = st.builds(
    lambda environment, name: Need(("environments", environment, "models", name), name, 1, "", None, environment),
    st.sampled_from(["dev", "prod"]), NAMES,
) | st.builds(lambda name, base: Need(("images", name, *base), name, "1", "", None), NAMES, st.sampled_from([(), ("base",)]))  # fmt: skip
ANSWERS = st.integers(1, 9)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(LINES, ANSWERS), min_size=1, max_size=8), LINES, ANSWERS, st.booleans())
def test_a_line_changes_and_no_other_byte(
    before: list[tuple[Need, int]], need: Need, number: int, dressed: bool
) -> None:
    text = "# The lock.\r\nlockVersion: 1 # of ours\r\n" if dressed else "lockVersion: 1\n"
    for each, answer in before:
        text = put(text, each, answered(each, answer))
    after = put(text, need, answered(need, number))
    assert check(data(after), "lock") == []
    assert pinned(data(after), need) == answered(need, number)
    others = [each for each, _ in before if each.path != need.path]
    assert all(same(pinned(data(after), each), pinned(data(text), each)) for each in others)
    lines, edited = text.splitlines(keepends=True), after.splitlines(keepends=True)
    known = pinned(data(text), need)
    if known is None:
        start = next((n for n, (one, other) in enumerate(zip(text, after)) if one != other), len(text))
        assert after.endswith(text[start:])
    else:
        assert len(edited) == len(lines)
        differ = [line for line, other in zip(lines, edited) if line != other]
        assert len(differ) == (0 if known == answered(need, number) else 1)


BESIDE = st.builds(
    lambda name, below: Need(("environments", "dev", "models", name, *below), name, 1, "", None, "dev"),
    NAMES, st.sampled_from([("shadow",), ("variants", "a"), ("variants", "b")]),
)  # fmt: skip


@settings(max_examples=50, deadline=None)
@given(st.lists(LINES | BESIDE, min_size=1, max_size=8))
def test_many_lines_at_once_are_what_they_are_one_by_one(lines: list[Need]) -> None:
    known = {need.path for need in lines}
    wanted, _ = once(need for need in lines if len(need.path) < 5 or need.path[:4] in known)
    answers = {need: answered(need, number) for number, need in enumerate(wanted, 1)}
    text = ""
    for need, answer in answers.items():
        text = put(text, need, answer)
    assert put_all("", answers) == text


def answered(need: Need, number: int) -> Any:
    return version(number) if need.environment else version(number)["digest"]
