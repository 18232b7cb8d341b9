"""The reference tells all that its sources of truth say: looked up here in the sources themselves."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from markdown_it import MarkdownIt

from mlops_spec.backends import systems
from mlops_spec.backends.choice import CAPABILITIES
from mlops_spec.cli.group import COMMANDS, commands
from mlops_spec.cli.pages import titles
from mlops_spec.diagnostic_codes import CODES
from mlops_spec.source.inline import yaml_value
from reference.__main__ import FOLDER
from reference.markdown import prose
from reference.pages import pages

ROOT = Path(__file__).parents[2]
PAGES = pages()
DEFINITION = re.compile(r"^\[?`([^`]+)`.*\n:   (.*\n(?:    .*\n)*)", re.MULTILINE)
DERIVED = ("editor.schema.json", "choices.schema.json")


def properties(schema: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each key with what a schema file says of it, wherever in the file; but for those of conditions."""
    if isinstance(schema, list):
        for member in schema:
            yield from properties(member)
    elif isinstance(schema, dict):
        for keyword, value in schema.items():
            if keyword == "properties":
                yield from (
                    (key, said) for key, said in value.items() if isinstance(said, dict) and "description" in said
                )
            if keyword in ("properties", "$defs"):
                yield from (found for said in value.values() for found in properties(said))
            elif keyword not in ("if", "examples", "default"):
                yield from properties(value)


SAID = [
    (path.relative_to(ROOT / "schemas").as_posix(), key, said)
    for path in sorted((ROOT / "schemas").rglob("*.schema.json"))
    if path.name not in DERIVED
    for key, said in properties(json.loads(path.read_text("utf-8")))
]


def lines(said: dict[str, Any]) -> Iterator[str]:
    yield prose(said["description"])
    if "default" in said:
        yield f"Default: `{yaml_value(said['default'])}`"
    yield from (f"`{yaml_value(example)}`" for example in said.get("examples", ()))
    readers = said.get("x-read-by", [])
    yield f"Read by: {readers if isinstance(readers, str) else ', '.join(readers)}" if readers else ""


def test_every_key_of_every_schema_is_told_with_all_that_is_said_of_it() -> None:
    told: dict[str, list[str]] = {}
    for text in PAGES.values():
        for key, about in DEFINITION.findall(text):
            told.setdefault(key, []).append(about)
    assert len(SAID) > 400
    missing = [
        f"{file}: {key}"
        for file, key, said in SAID
        if not any(all(line in about for line in lines(said)) for about in told.get(key, ()))
    ]
    assert missing == []


def test_every_code_is_told() -> None:
    text = PAGES["problems.md"]
    missing = [code for code in titles() if f"{{ #{code.lower()} }}" not in text and f"rules/{code}.md" not in PAGES]
    assert missing == []
    assert [code for code, about in CODES.items() if prose(about.way_out) not in text] == []


def test_every_limit_of_every_system_is_told_as_text_and_as_data() -> None:
    data = json.loads(PAGES["capabilities.json"])
    for capability in CAPABILITIES:
        known = {path.name.removesuffix(".schema.json") for path in (ROOT / "schemas/backends" / capability).iterdir()}
        assert data[capability]["systems"].keys() == known
        for name, told in data[capability]["systems"].items():
            section = (
                PAGES["capabilities.md"].split(f"{{ #{capability}.{name} }}")[1].split("\n## ")[0].split("\n### ")[0]
            )
            system = systems(capability).get(name)
            assert told["built"] == (system is not None) == ("Not built yet." not in section)
            for limit in system.limits if system else ():
                (row,) = [r for r in told["limits"] if (r["field"], r["reason"]) == (limit.field, limit.reason)]
                assert row["options"] == limit.options
                assert f"`{limit.field}`" in section
                assert prose(limit.reason) in section


def test_what_a_system_refuses_of_a_few_values_is_told() -> None:
    told = json.loads(PAGES["capabilities.json"])["serving"]["systems"]["kserve"]["limits"]
    refused = {row["options"].get("mode"): row["refused"] for row in told if row["field"].endswith("rollout.strategy")}
    assert refused == {"standard": ["blue-green"], "knative": ["rolling"]}


def test_every_series_is_told() -> None:
    named = re.findall(r'"(mlops_\w+)"', (ROOT / "mlops_spec/blueprint/signals.py").read_text("utf-8"))
    assert named
    assert [name for name in named if f"`{name}`" not in PAGES["metrics.md"]] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_told_with_every_option_and_example(name: str) -> None:
    section = PAGES["commands.md"].split(f"{{ #{name} }}")[1]
    printed = CliRunner().invoke(commands, [name, "--help"], prog_name="mlops-spec").output
    options = set(re.findall(r"--[a-z-]+", printed))
    assert options
    assert [option for option in options if option not in section] == []
    examples = [
        line.split("  ")[0] for line in re.findall(r"^ +(mlops-spec .*)$", printed.split("Examples:")[1], re.MULTILINE)
    ]
    assert examples
    assert [example for example in examples if example not in section] == []


@pytest.mark.parametrize("path", [path for path in PAGES if path.endswith(".md")])
def test_an_anchor_stands_once_on_its_page(path: str) -> None:
    anchors = re.findall(r"\{ #(\S+) \}", PAGES[path])
    assert sorted(anchors) == sorted(set(anchors))


def test_no_text_is_markup_but_for_code() -> None:
    texts = [said["description"] for _, _, said in SAID] + [part for about in CODES.values() for part in about]
    for text in dict.fromkeys(texts):
        printed = MarkdownIt().renderInline(prose(text))
        assert unescape(printed.replace("<code>", "`").replace("</code>", "`")) == text


def test_nothing_generated_is_committed() -> None:
    ignored = (ROOT / ".gitignore").read_text("utf-8").splitlines()
    assert f"/{FOLDER.relative_to(ROOT).as_posix()}/" in ignored
