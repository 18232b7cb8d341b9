"""Whatever placeholders stand where, putting their values in ends, with values or with problems at their places."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_spec.language import environment
from mlops_spec.language.layers import load
from mlops_spec.language.placeholder import Literal, escape, split
from mlops_spec.language.values import substitute
from mlops_spec.source.files import Memory
from tests.fuzz.bounds import bounded, kept
from tests.fuzz.texts import TEXTS

PATHS = st.sampled_from(
    "variables.a variables.b variables.c variables environment.name environment.namespace environment.cluster project.name "
    "images.fit images.runtime images compute.a.cpu models.a.b models run.date inputs.x secrets.a.b nothing a..b A".split()
)
WORDS = st.lists(
    PATHS.map("${{{{ {} }}}}".format) | st.sampled_from(["", "-", "$", "$${{", "${{", "}}", "x"]), max_size=4
).map("".join)
VALUES = (
    WORDS | st.integers(0, 9) | st.lists(WORDS, max_size=2) | st.dictionaries(st.sampled_from("ab"), WORDS, max_size=2)
)
VARIABLES = st.fixed_dictionaries(
    {}, optional={"type": st.sampled_from(["string", "integer", "list", "map"]), "default": VALUES}
)
SPECS = st.fixed_dictionaries(
    {"project": st.fixed_dictionaries({"name": WORDS})},
    optional={
        "variables": st.dictionaries(st.sampled_from("abc"), VARIABLES | VALUES),
        "environments": st.fixed_dictionaries({"dev": st.dictionaries(st.sampled_from(["namespace", "cluster", "variables"]), VALUES)}),
        "images": st.fixed_dictionaries({"fit": st.dictionaries(st.sampled_from(["repository", "tag"]), VALUES)}),
        "platform": st.fixed_dictionaries({"runtime": st.fixed_dictionaries({"image": VALUES})}),
        "models": st.dictionaries(st.sampled_from("ab"), VALUES),
        "pipelines": st.fixed_dictionaries({"p": st.fixed_dictionaries({"steps": st.fixed_dictionaries({"s": st.fixed_dictionaries({"command": st.lists(WORDS, max_size=2)})})})}),
    },
)  # fmt: skip


def check(raw: bytes) -> None:
    loaded, _ = load(Memory({"mlops.yaml": raw}), "mlops.yaml")
    if loaded is None:
        return
    names, found = environment.names(loaded.layers)
    for name in () if found else names:
        _, problems = substitute(environment.resolve(loaded.layers, name)[0].tree, name, loaded.lock)
        assert all(d.place is not None and d.place.line for d in problems)


@bounded(80)
@given(SPECS)
def test_values_are_put_in_or_refused(spec: dict[str, Any]) -> None:
    check(json.dumps({"apiVersion": "mlops-spec/v1", **spec}).encode())


@bounded(80)
@given(TEXTS)
def test_a_text_is_cut_and_joined_again_or_refused(text: str) -> None:
    try:
        parts = split(text)
    except ValueError:
        return
    joined = "".join(
        escape(part.text) if isinstance(part, Literal) else "${{ " + ".".join(part.path) + " }}" for part in parts
    )
    assert split(joined) == parts


@pytest.mark.parametrize("path", kept("placeholder"), ids=lambda path: path.name)
def test_what_once_broke_placeholders_does_not_any_more(path: Path) -> None:
    check(path.read_bytes())
