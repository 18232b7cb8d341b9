"""The one style: what a file says and its comments stay, also in odd dress; a second time changes nothing."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops_spec.language.style import formatted
from mlops_spec.source.style.outline import comments
from mlops_spec.source.tree import Source
from mlops_spec.source.yaml import read

ROOT = Path(__file__).parents[2]
SECTIONS = ["models", "pipelines", "project", "apiVersion", "datasets", "monitors", "include", "patches", "unknown"]
KEYS = ["image", "steps", "command", "name", "description", "only", "timeout", "serving", "slo", "fit", "a", "zz-top"]
WORDS = [
    "plain",
    "two words",
    "# no comment",
    "it's",
    'say "x"',
    "yes",
    "1.5",
    "a: b",
    "",
    " x ",
    "[",
    "${{ inputs.x }}",
    "é 😀",
    "true",
    "-",
    "a\tb",
]
LINES = ["line", "  deeper", "# no comment", "", "- dash", "key: value"]


def source(text: str, file: str = "mlops.yaml") -> Source:
    found, problems = read(text.encode(), file)
    assert found is not None, (problems, text)
    return found


def style(text: str, schema: str = "spec") -> str:
    return formatted(source(text), schema)


class Writer:
    """Writes data as YAML in odd dress; each comment has a number, and says which key it is for."""

    def __init__(self, draw: Any) -> None:
        self.draw = draw
        self.comments = 0

    def some(self, *choices: Any) -> Any:
        return self.draw(st.sampled_from(choices))

    def comment(self, what: str) -> str:
        self.comments += 1
        return f"# c{self.comments} {what}"

    def above(self, indent: int, what: str) -> list[str]:
        lines = [""] * self.some(0, 0, 0, 1, 2)
        if self.some(False, False, True):
            lines.append(" " * indent + self.comment(f"above {what}"))
        return lines

    def scalar(self, flow: bool) -> str:
        word = self.some(*WORDS)
        kind = self.some("plain", "'", '"', '"')
        if kind == "plain":
            return self.some("plain", "12", "true", "null", "s3://a/b", "word-1")
        return json.dumps(word, ensure_ascii=False) if kind == '"' else "'" + word.replace("'", "''") + "'"

    def flow(self, depth: int, indent: int) -> str:
        kind = self.some("scalar", "scalar", "map", "list") if depth else "scalar"
        if kind == "scalar":
            return self.scalar(True)
        gap = self.some(" ", " ", "  ", f"\n{' ' * (indent + 3)}")
        if self.some(False, False, False, True):
            gap = f" {self.comment('within')}\n{' ' * (indent + 2)}"
        items = [self.flow(depth - 1, indent) for _ in range(self.some(0, 1, 2, 3))]
        if kind == "list":
            return "[" + ("," + gap).join(items) + "]"
        keys = self.draw(st.permutations(KEYS))
        return "{" + ("," + gap).join(f"{key}: {item}" for key, item in zip(keys, items)) + self.some("", " ") + "}"

    def block_text(self, indent: int) -> list[str]:
        width = indent + self.some(1, 2, 5)
        body = [self.some(*LINES) for _ in range(self.some(1, 2, 3))]
        head = self.some("|", ">", "|-", ">-", "|+") + self.some("", "  " + self.comment("at the head"))
        first = " " * width + "first"
        return [head, first, *(" " * width + line if line else "" for line in body)]

    def value(self, prefix: str, indent: int, depth: int, what: str) -> list[str]:
        """Write what follows ``prefix``, a key or dash at ``indent``."""
        kind = self.some("flow", "flow", "map", "list", "text", "folded", "none") if depth else "flow"
        at = self.some("", "", f"  {self.comment(f'at {what}')}") if kind != "text" else ""
        if kind == "none":
            return [prefix + at]
        if kind == "flow":
            text = f"{prefix} {self.flow(2, indent)}{at}"
            return text.split("\n")
        if kind == "text":
            head, *body = self.block_text(indent)
            return [f"{prefix} {head}", *body]
        if kind == "folded":
            quote = self.some("'", '"')
            return [f"{prefix} {quote}one", " " * (indent + 3) + f"two{quote}{at}"]
        if kind == "map":
            inner = indent + self.some(1, 2, 2, 4)
            return [prefix + at, *self.mapping(inner, depth - 1, self.draw(st.permutations(KEYS)), what)]
        return [
            prefix + at,
            *self.sequence(indent + self.some(*([0, 2] if prefix.endswith(":") else [1, 2]), 3), depth - 1, what),
        ]

    def mapping(self, indent: int, depth: int, keys: list[str], what: str) -> list[str]:
        lines: list[str] = []
        for key in keys[: self.some(1, 2, 3, 4)]:
            dressed = self.some(key, key, f'"{key}"')
            lines += self.above(indent, key)
            lines += self.value(f"{' ' * indent}{dressed}:", indent, depth, key)
            if self.some(False, False, False, False, True):
                lines.append(" " * (indent + 2) + self.comment(f"below {key}"))
        return lines

    def sequence(self, indent: int, depth: int, what: str) -> list[str]:
        lines: list[str] = []
        for _ in range(self.some(1, 2, 3)):
            lines += self.above(indent, "an item")
            if depth and self.some(True, False):
                inner = indent + self.some(2, 2, 4)
                first, *rest = self.mapping(inner, depth - 1, self.draw(st.permutations(KEYS)), what)
                while not first.strip() or first.lstrip().startswith("#"):
                    lines.append(re.sub("above .*", "above an item", first))
                    first, *rest = rest
                lines += [" " * indent + "-" + first[indent + 1 :], *rest]
            else:
                lines += self.value(" " * indent + "-", indent, depth, "an item")
        return lines


@st.composite
def texts(draw: Any) -> str:
    writer = Writer(draw)
    header = ["# c0 the file", ""] if draw(st.booleans()) else []
    lines = [*header, *writer.mapping(0, 3, draw(st.permutations(SECTIONS)), "")]
    return "\n".join(lines) + draw(st.sampled_from(["\n", "", "\n\n\n"]))


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
