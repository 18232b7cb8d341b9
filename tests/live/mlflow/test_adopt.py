"""What a server holds, as a spec says it: every name is one that a spec can have, and nothing goes in silence."""

from __future__ import annotations

import pytest

from mlops_spec.blueprint.contract import NOTE
from mlops_spec.cli.importing import Asked, added, whole
from mlops_spec.compiler import compile_spec
from mlops_spec.diagnostic import failed
from mlops_spec.live.mlflow.adopt import Adopted, adopt
from mlops_spec.live.mlflow.state import Found, Kind
from mlops_spec.source.files import Memory

EXPERIMENT, MODEL = Kind.EXPERIMENT, Kind.MODEL
ASKED = Asked("http://mlflow.mlops.svc:5000", "http://mlflow.mlops.svc:5000", (), (), "x", None)


def experiment(name: str, **tags: str) -> Found:
    return Found(EXPERIMENT, name, tags, "1")


def names_on_the_server(text: str) -> list[str]:
    """Return the names under which a spec would be applied."""
    result = compile_spec(Memory({"mlops.yaml": text.encode()}), "mlops.yaml")
    assert not failed(result.diagnostics), result.diagnostics
    state = result.environments["default"].blueprint.state  # type: ignore[union-attr]
    return [each.name for each in (*state.experiments, *state.models)] if state else []


def spec(adopted: Adopted) -> str:
    text = whole(adopted, ASKED)
    assert set(names_on_the_server(text)) >= {name for entries in adopted.sections.values() for name in entries} - {
        line["to"].partition(".")[2] for line in adopted.moved
    }
    return text


def test_what_a_spec_can_say_is_said() -> None:
    tags = {
        NOTE: "Who ${{ leaves }}?",
        "domain": "growth",
        "mlops-spec.metric": "auc",
        "mlops-spec.goal": "maximize",
    }
    adopted = adopt([Found(EXPERIMENT, "churn", tags, "1"), Found(MODEL, "churn", {}, aliases={"champion": "7"})], {})
    assert adopted == Adopted(
        {
            "experiments": {
                "churn": {
                    "description": "Who $${{ leaves }}?",
                    "metric": {"name": "auc", "goal": "maximize"},
                    "tags": {"domain": "growth"},
                }
            },
            "models": {"churn": {"version": "@champion"}},
        },
        (),
        (),
    )
    text = spec(adopted)
    assert text.startswith("apiVersion: mlops-spec/v1\nproject: {name: x}\nplatform: {tracking: {uri: ")
    assert (
        '  churn: {description: "Who $${{ leaves }}?", metric: {name: auc, goal: maximize}, tags: {domain: growth}}\n'
        in text
    )


def test_names_with_underscores_keep_theirs_and_never_meet() -> None:
    adopted = adopt([experiment("a_b"), experiment("a-b"), experiment("a-b-2"), Found(MODEL, "a_b", {})], {})
    assert sorted(adopted.sections["experiments"]) == ["a-b", "a-b-2", "a-b-3"]
    assert adopted.moved == (
        {"from": "experiments.a_b", "to": "experiments.a-b-3"},
        {"from": "models.a_b", "to": "models.a-b"},
    )
    assert sorted(names_on_the_server(spec(adopted))) == ["a-b", "a-b-2", "a_b", "a_b"]


@pytest.mark.parametrize(
    "name", ["Churn", "/Users/ada/churn", "a.b", "a b", "é", "1a", "_a", "a_", "a\n# b", "\x1b[31m", "x" * 64, "-"]
)
def test_a_name_that_no_spec_can_have_is_left_out_by_name(name: str) -> None:
    adopted = adopt([experiment(name)], {})
    assert (adopted.sections["experiments"], [what for what, _ in adopted.left_out]) == ({}, [f"experiment {name}"])
    assert [line for line in spec(adopted).splitlines() if not line.startswith("#")] == [
        "apiVersion: mlops-spec/v1", "project: {name: x}", 'platform: {tracking: {uri: http://mlflow.mlops.svc:5000}}',
    ]  # fmt: skip


@pytest.mark.parametrize(
    "key, value", [("a b", "c"), ("a", ""), ("a", "\x00"), ("a", "\u202e"), ("a", "x" * 5001), ("é", "c")]
)
def test_a_tag_that_no_spec_can_say_is_left_out_by_name(key: str, value: str) -> None:
    adopted = adopt([experiment("churn", **{key: value})], {})
    assert adopted.sections["experiments"] == {"churn": {}}
    assert [what for what, _ in adopted.left_out] == [f"experiment churn, its tag {key}"]
    spec(adopted)


def test_tags_of_the_system_are_no_tags_of_a_spec() -> None:
    tags = {
        "mlflow.ownerId": "x",
        "mlops-spec.project": "y",
        "mlops-spec.metric": "not one",
        "mlops-spec.goal": "maximize",
    }
    adopted = adopt([experiment("churn", **tags)], {})
    assert (adopted.sections["experiments"], adopted.left_out) == ({"churn": {}}, ())


@pytest.mark.parametrize(
    "text", ["a: b # c", "'\"\\", "on", "- x", "{{a}}", "${{", "$${{ a }}", "$(x)", "é\n\ttab", "0x1"]
)
def test_text_arrives_as_it_is(text: str) -> None:
    adopted = adopt([Found(EXPERIMENT, "churn", {NOTE: text, "a": text}, "1"), Found(MODEL, "m", {NOTE: text})], {})
    result = compile_spec(Memory({"mlops.yaml": spec(adopted).encode()}), "mlops.yaml")
    state = result.environments["default"].blueprint.state  # type: ignore[union-attr]
    assert state is not None
    assert {label.key: label.value for label in state.experiments[0].tags} == {NOTE: text, "a": text}
    assert state.models[0].description == text


def test_a_name_that_the_spec_gave_to_another_is_left_out() -> None:
    adopted = adopt([experiment("a-b"), experiment("a_b")], {"experiments": {"a-b": "a_b"}})
    assert (adopted.sections["experiments"], adopted.moved) == ({}, ())
    assert adopted.left_out == (("experiment a-b", "the spec has another one at `experiments.a-b`"),)


SPEC = """\
# Ours.
apiVersion: mlops-spec/v1
project: {name: x} # the name
experiments:
  # The first.
  churn: {description: Ours.} # stays
"""


def test_what_a_spec_lacks_is_added_and_all_else_stays() -> None:
    found = [experiment("churn", a="b"), experiment("other", a="b"), Found(MODEL, "a_b", {})]
    adopted = adopt(found, {"experiments": {"churn": "churn"}})
    text = added("mlops.yaml", SPEC, adopted)
    assert adopt(found, {"experiments": {"churn": "churn", "other": "other"}, "models": {"a-b": "a_b"}}).sections == {
        "experiments": {}, "models": {},
    }  # fmt: skip
    assert text == (
        f"{SPEC}  other: {{tags: {{a: b}}}}\nmodels:\n  a-b: {{}}\nmoved:\n  - {{from: models.a_b, to: models.a-b}}\n"
    )
    assert sorted(names_on_the_server(text)) == ["a_b", "churn", "other"]
