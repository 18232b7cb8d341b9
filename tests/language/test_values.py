from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_spec.language.environment import resolve
from mlops_spec.language.layers import Loaded
from mlops_spec.language.placeholder import Literal, Reference, escape, split
from mlops_spec.language.values import substitute
from mlops_spec.source.tree import find

Load = Callable[..., Loaded]
HEAD = "apiVersion: mlops-spec/v1\nproject: {name: churn}\n"


def put_in(loaded: Load, spec: str, environment: str = "dev", lock: str = "lockVersion: 1\n") -> tuple[Any, list[str]]:
    found = loaded(HEAD + "environments: {dev: {variables: {size: 7}}}\n" + spec, mlops__lock__yaml=lock)
    tree, problems = substitute(resolve(found.layers, environment)[0].tree, environment, found.lock)
    return tree, [f"{d.place}: {d.code} {d.message}" for d in problems]


@given(st.text(alphabet="${} }{ab.\n", max_size=20))
def test_what_is_escaped_is_one_literal(text: str) -> None:
    assert split(escape(text)) == ((Literal(text),) if text else ())


def test_a_string_is_cut_into_text_and_references() -> None:
    assert split("a ${{ inputs.x }}b$${{ c }}") == (Literal("a "), Reference(("inputs", "x")), Literal("b${{ c }}"))


@pytest.mark.parametrize("text", ["${{ }}", "${{ a b }}", "${{ a", "${{ a..b }}", "${{ A }}", "${{ a | upper }}"])
def test_a_malformed_placeholder_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="`"):
        split(text)


def test_a_whole_placeholder_keeps_its_type(loaded: Load) -> None:
    spec = "variables: {size: {type: integer, default: 3}}\nmodels: {m: {a: '${{ variables.size }}', b: 'x${{ variables.size }}'}}\n"
    tree, problems = put_in(loaded, spec)
    assert (tree["models"]["m"], problems) == ({"a": 7, "b": "x7"}, [])
    origin = tree["models"]["m"].marks["a"].origin
    assert origin is not None


def test_environment_project_and_any_scalar_by_its_address(loaded: Load) -> None:
    spec = "compute: {s: {cpu: 2}}\nmodels: {m: {a: '${{ environment.name }}-${{ environment.namespace }}-${{ project.name }}-${{ compute.s.cpu }}'}}\n"
    assert put_in(loaded, spec)[0]["models"]["m"]["a"] == "dev-churn-dev-churn-2"


def test_an_image_takes_its_digest_from_the_lock(loaded: Load) -> None:
    spec = "images: {i: {repository: r.example/i, tag: v1}}\nmodels: {m: {a: '${{ images.i }}'}}\n"
    assert put_in(loaded, spec)[0]["models"]["m"]["a"] == "r.example/i:v1"
    lock = 'lockVersion: 1\nimages: {i: {digest: "sha256:abc"}}\n'
    assert put_in(loaded, spec, lock=lock)[0]["models"]["m"]["a"] == "r.example/i@sha256:abc"


def test_run_time_values_stay_where_they_may_stand(loaded: Load) -> None:
    spec = "variables: {v: {type: string, default: '$${{ x }}'}}\npipelines: {p: {steps: {s: {command: ['${{ inputs.x }}', '${{ variables.v }}']}}}}\n"
    tree, problems = put_in(loaded, spec)
    command = find(tree, ("pipelines", "p", "steps", "s", "command"))
    assert problems == []
    assert [split(word) for word in command] == [(Reference(("inputs", "x")),), (Literal("${{ x }}"),)]


@pytest.mark.parametrize(
    "spec, message",
    [
        ("models: {m: {a: '${{ run.date }}'}}\n", "mlops.yaml:4:17: MS085 `run.date` is known only at run time; it may stand in commands, env and URIs alone"),
        ("pipelines: {p: {steps: {s: {command: ['${{ secrets.a.b }}']}}}}\n", "mlops.yaml:4:39: MS085 `secrets.a.b` is known only at run time; it may stand in env, headers and channels alone"),
        ("models: {m: {a: '${{ variables.z }}'}}\n", "mlops.yaml:4:17: MS081 no variable is named z"),
        ("models: {m: {a: '${{ vars.z }}'}}\n", "mlops.yaml:4:17: MS081 `vars.z` names nothing"),
        ("models: {m: {a: '${{ models.n.a }}'}}\n", "mlops.yaml:4:17: MS081 `models.n.a` has no value"),
        ("variables: {v: {type: string}}\nmodels: {m: {a: '${{ variables.v }}'}}\n", "mlops.yaml:5:17: MS082 the variable v has no value in dev"),
        ("variables: {v: {type: string, default: 3}}\nmodels: {m: {a: '${{ variables.v }}'}}\n", "mlops.yaml:4:40: MS084 the variable v is a string, not 3"),
        ("models: {m: {a: '${{ project }}'}}\n", "mlops.yaml:4:17: MS083 `project` is not one value"),
        ("models: {m: {a: '${{ models.m.b }}', b: '${{ models.m.a }}'}}\n", "mlops.yaml:4:17: MS086 values go round in a circle: models.m.a → models.m.b → models.m.a"),
        ("models: {m: {a: '${{ 3 }}'}}\n", "mlops.yaml:4:17: MS080 `${{ 3 }}` is not a path of names and dots"),
    ],
)  # fmt: skip
def test_what_a_placeholder_cannot_say(loaded: Load, spec: str, message: str) -> None:
    assert put_in(loaded, spec)[1] == [message]


def test_a_circle_of_values_says_what_takes_its_value_from_what(loaded: Load) -> None:
    spec = loaded(HEAD + "models: {m: {a: '${{ models.m.b }}', b: '${{ models.m.a }}'}}\n")
    (problem,) = substitute(resolve(spec.layers, "dev")[0].tree, "dev", spec.lock)[1]
    assert [(r.place.column, r.message) for r in problem.related] == [
        (41, "models.m.b takes its value from models.m.a here")
    ]


def chain(length: int) -> str:
    links = [f"v{n}: {{type: string, default: '${{{{ variables.v{n + 1} }}}}'}}" for n in range(length - 1)]
    return f"variables: {{{', '.join(links)}, v{length - 1}: {{type: string, default: end}}}}\nmodels: {{m: {{a: '${{{{ variables.v0 }}}}'}}}}\n"


def test_a_chain_of_values_is_followed_to_its_end_within_bounds(loaded: Load) -> None:
    tree, problems = put_in(loaded, chain(100))
    assert (tree["models"]["m"]["a"], problems) == ("end", [])
    _, problems = put_in(loaded, chain(3000))
    assert problems == ["mlops.yaml:4:93: MS087 values name one another more than 100 times over"]


def test_values_that_hold_one_another_many_times_are_refused_before_they_grow(loaded: Load) -> None:
    ten = ["".join(f"${{{{ variables.v{n + 1} }}}}" for _ in range(10)) for n in range(9)]
    variables = ", ".join(f"v{n}: {{type: string, default: '{text}'}}" for n, text in enumerate([*ten, "0123456789"]))
    _, problems = put_in(loaded, f"variables: {{{variables}}}\n")
    assert [problem.partition(": ")[2] for problem in problems] == ["MS088 placeholders put in more than 4 MiB of text"]
