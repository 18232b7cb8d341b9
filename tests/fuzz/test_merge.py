"""Whatever stands in layers and overrides, merging and selecting them gives a tree whose every value knows its place."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from mlops_spec.language import environment
from mlops_spec.language.layers import load
from mlops_spec.language.locked import check
from mlops_spec.source.files import Memory
from mlops_spec.source.tree import walk
from tests.fuzz.bounds import bounded

NAMES = st.sampled_from(
    ["a", "b", "dev", "local", "only", "except", "overrides", "steps", "default", "store", "cluster"]
)
LEAVES = (
    st.none() | st.booleans() | st.integers(0, 9) | st.sampled_from(["a", "dev", "", "models.a", "${{ variables.a }}"])
)
DATA = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4), max_leaves=12
)
SECTIONS = st.sampled_from(
    ["environments", "variables", "models", "pipelines", "secrets", "platform", "patches", "project"]
)
LOCKED = st.lists(
    st.sampled_from(["environments.*.cluster", "secrets.*.store", "models", "models.*.a", "*", "platform.a.backend"])
)
LAYERS = st.lists(st.tuples(st.dictionaries(SECTIONS, DATA, max_size=5), LOCKED), min_size=1, max_size=4)


@bounded(60)
@given(LAYERS)
def test_layers_merge_whatever_they_hold(layers: list[tuple[dict[str, Any], list[str]]]) -> None:
    files = {}
    for number, (sections, locked) in enumerate(layers):
        below = [f"{number + 1}.yaml"] if number + 1 < len(layers) else []
        document = {"apiVersion": "mlops-spec/v1", "extends": below, "locked": locked, **sections}
        files[f"{number}.yaml"] = json.dumps(document).encode()
    loaded, problems = load(Memory(files), "0.yaml")
    assert (loaded is None) is bool(problems)
    if loaded is None:
        return
    names, found = environment.names(loaded.layers)
    if found:
        return
    for name in (*names, environment.LOCAL):
        tree = environment.resolve(loaded.layers, name)[0].tree
        check(loaded.layers, tree, name)
        assert all(mark is not None for _, _, mark in walk(tree))
        in_maps = (value for path, value, _ in walk(tree) if all(isinstance(part, str) for part in path))
        assert all(value is not None for value in in_maps)
