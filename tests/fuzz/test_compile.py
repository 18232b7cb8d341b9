"""Whatever is done to a spec, compiling it gives a tree that reads back, or problems with places; it never crashes."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_spec import report
from mlops_spec.compiler import compile_spec
from mlops_spec.diagnostic import Severity
from mlops_spec.source.files import Memory
from tests.fuzz.bounds import bounded, kept
from tests.fuzz.texts import TEXTS, slipped
from tests.golden_trees import ROOT
from tests.yaml_readers import read_by_libyaml

CHURN = ROOT / "examples" / "churn"
TEXT = {str(path.relative_to(CHURN)): path.read_text("utf-8") for path in CHURN.rglob("*.yaml")}
DATA = {name: read_by_libyaml(text) for name, text in TEXT.items()}
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e]")
SCALARS = [
    None, True, False, 0, 1, -1, 3.5, 10**18, "", "a", "a" * 64, "A", "a.b", "6h", "20%", ">= 0.8", "1Gi", "sha256:" + "0" * 64, "{{x}}",
    "$(X)", "${{ variables.image_repo }}", "${{ inputs.x }}", "${{ run.date }}", "${{ nothing }}", "steps.prepare.outputs.table",
    "s3://a/b", "https://a.example/b", "../../etc/passwd", "prod", "local", "project", "begin", [], {}, [[]], {"a": {}}, "é\n\x07", "'", '"',
]  # fmt: skip


def paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a document but its top."""
    for key, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield (*path, key)
        yield from paths(item, (*path, key))


PLACES = {name: sorted(paths(data), key=str) for name, data in DATA.items()}


@st.composite
def altered(draw: st.DrawFn) -> dict[str, str]:
    """Churn's files with values lost, moved, doubled, renamed or replaced."""
    data = copy.deepcopy(DATA)
    for _ in range(draw(st.integers(1, 4))):
        name = draw(st.sampled_from(sorted(data)))
        path = draw(st.sampled_from(PLACES[name]))
        try:
            holder = data[name]
            for part in path[:-1]:
                holder = holder[part]
            value = holder[path[-1]]
            match draw(st.sampled_from(["lose", "put", "put", "rename", "text", "copy"])):
                case "lose":
                    del holder[path[-1]]
                case "put":
                    holder[path[-1]] = copy.deepcopy(draw(st.sampled_from(SCALARS)))
                case "rename":
                    holder[draw(st.sampled_from(["x", "name", "only", "backend", "from", "steps", "a-b"]))] = value
                case "text":
                    holder[path[-1]] = draw(TEXTS)
                case _:
                    other = draw(st.sampled_from(PLACES[name]))
                    target = data[name]
                    for part in other[:-1]:
                        target = target[part]
                    target[other[-1]] = copy.deepcopy(value)
        except (KeyError, IndexError, TypeError):
            continue
    return {**TEXT, **{name: json.dumps(document) for name, document in data.items()}}


@st.composite
def with_slips(draw: st.DrawFn) -> dict[str, str]:
    name = draw(st.sampled_from(sorted(TEXT)))
    return {**TEXT, name: draw(slipped(TEXT[name]))}


def check(files: dict[str, str]) -> None:
    raw = {name: text.encode("utf-8", "surrogatepass") for name, text in files.items()}
    result = compile_spec(Memory(raw), "mlops.yaml")
    errors = [d for d in result.diagnostics if d.severity is Severity.ERROR]
    assert all(d.place is not None for d in errors), errors
    for form in report.FORMATS:
        printed = report.render(form, list(result.diagnostics), files)
        assert not CONTROL.search(printed)
    if not errors:
        for path, text in result.tree.items():
            if path.endswith(".yaml"):
                assert isinstance(read_by_libyaml(text), dict), path


@bounded(12)
@given(altered())
def test_altered_values_are_compiled_or_refused(files: dict[str, str]) -> None:
    check(files)


@bounded(6)
@given(with_slips())
def test_slips_of_an_editor_are_compiled_or_refused(files: dict[str, str]) -> None:
    check(files)


@pytest.mark.parametrize("path", kept("compile"), ids=lambda path: path.name)
def test_what_once_broke_the_compiler_does_not_any_more(path: Path) -> None:
    check({**TEXT, "mlops.yaml": path.read_text("utf-8")})
