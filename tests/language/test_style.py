"""The one style: what a file says and its comments stay, also in odd dress; a second time changes nothing."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from mlops_spec.language.style import formatted
from mlops_spec.source.style.outline import comments
from mlops_spec.source.tree import Source
from mlops_spec.source.yaml import read
from tests.odd_dress import texts

ROOT = Path(__file__).parents[2]


def source(text: str, file: str = "mlops.yaml") -> Source:
    found, problems = read(text.encode(), file)
    assert found is not None, (problems, text)
    return found


def style(text: str, schema: str = "spec") -> str:
    return formatted(source(text), schema)


CANONICAL = {
    "sections and known keys come in the schemas' order, names stay in their author's": (
        "models: {}\nproject:\n  owner: x\n  name: hello\npipelines:\n  z: {steps: {s: {command: [c], image: i}}, timeout: 1h}\n  a: {}\n",
        "project:\n  name: hello\n  owner: x\n\npipelines:\n  z: {timeout: 1h, steps: {s: {image: i, command: [c]}}}\n  a: {}\n\nmodels: {}\n",
    ),
    "keys that no schema names come last": ("zz: 1\nproject: {aa: 1, name: x}\n", "project: {name: x, aa: 1}\nzz: 1\n"),
    "overrides are sections too": (
        "environments:\n  prod:\n    overrides:\n      models: {m: {serving: {replicas: {max: 2, min: 1}}}}\n      platform: {}\n",
        "environments:\n  prod:\n    overrides:\n      platform: {}\n      models: {m: {serving: {replicas: {min: 1, max: 2}}}}\n",
    ),
    "brackets and blocks are their author's choice": (
        "project: {name: x}\nimages:\n- a\n", "project: {name: x}\n\nimages:\n  - a\n",
    ),
    "an anchor stays above its aliases": (
        "models:\n    a: &x {flavor: 'sklearn'}\n    b: *x\nproject: {name: *x}\n",
        "models:\n  a: &x {flavor: sklearn}\n  b: *x\n\nproject: {name: *x}\n",
    ),
    "a suppression stays with its line": (
        "pipelines:\n  a:\n    # mlops-spec: ignore[MS205] held elsewhere\n    steps: {}\n    timeout: 1h\n",
        "pipelines:\n  a:\n    timeout: 1h\n    # mlops-spec: ignore[MS205] held elsewhere\n    steps: {}\n",
    ),
    "lines end with a line feed alone": ("project: {name: x}\r\n", "project: {name: x}\n"),
}  # fmt: skip


@pytest.mark.parametrize("case", CANONICAL)
def test_the_style(case: str) -> None:
    text, wanted = CANONICAL[case]
    assert style(text) == wanted
    assert style(wanted) == wanted


def test_the_lock_has_an_order_of_its_own() -> None:
    text = "environments:\n  dev: {models: {churn: {run: a, version: 1}}}\nlockVersion: 1\n"
    assert style(text, "lock") == "lockVersion: 1\n\nenvironments:\n  dev: {models: {churn: {version: 1, run: a}}}\n"


@pytest.mark.parametrize("path", sorted((ROOT / "examples").rglob("*.yaml")), ids=lambda path: path.name)
def test_the_examples_say_the_same_in_the_style(path: Path) -> None:
    if path.parent.name == "manifests":
        return
    schema = "lock" if path.name == "mlops.lock.yaml" else "spec"
    before = source(path.read_text())
    after = source(style(before.text, schema))
    assert after.data == before.data
    assert comments(after.text) == comments(before.text)


def said(data: Any) -> str:
    return json.dumps(data, sort_keys=True)


def numbers(text: str) -> list[str]:
    return sorted(re.findall(r"# c[0-9]+ [^\n]*", text))


@settings(max_examples=120)
@given(texts())
def test_what_is_said_and_every_comment_stay_and_a_second_time_changes_nothing(text: str) -> None:
    before = source(text)
    once = formatted(before)
    assert said(source(once).data) == said(before.data)
    assert numbers(once) == numbers(text)
    assert style(once) == once


@settings(max_examples=80)
@given(texts())
def test_a_comment_stays_with_its_key(text: str) -> None:
    top = len(text) - len(re.sub(r"\A(#.*\n|\n)+", "", text))
    files_own = numbers(text[:top])
    for now in (text, style(text)):
        lines = now.split("\n")
        for n, line in enumerate(lines):
            if line in files_own:
                continue
            above = re.match(r" *# c[0-9]+ above ([a-zA-Z-]+)$", line)
            at = re.search(r"# c[0-9]+ at ([a-zA-Z-]+)$", line)
            if above:
                following = next(x for x in lines[n + 1 :] if x.strip() and not x.lstrip().startswith("#"))
                assert re.match(rf' *(- +)*"?{above[1]}"?:', following), now
            elif at and re.match(r' *(- +)*"?[a-zA-Z-]+"?:', line):
                assert f"{at[1]}" in line, now
