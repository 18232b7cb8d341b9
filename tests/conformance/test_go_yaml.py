"""Go's YAML reader, with which kubectl and Argo CD read, agrees with what we print and with what we read."""

from __future__ import annotations

import json
import os
import random
import subprocess
from pathlib import Path

import pytest

from mlops_spec.render.quoting import yaml_block
from mlops_spec.source.inline import yaml_text
from mlops_spec.source.yaml import read

pytestmark = pytest.mark.conformance

PIECES = [
    *"abyYnN01789-+._:#?!&*|>%@`'\"{}[],=~<$\\/ \t\n\r", "no", "yes", "on", "off", "null", "true", "0x", "0o", "1e3", "08",
    "1:30", "2026-01-01", ".inf", ".nan", "<<", "---", "...", ": ", " #", "\u0085", "\u2028", "\u00e9", "\U0001f600", "\x7f",
    "\u200e", "\ufeff",
]  # fmt: skip
COUNT = 100_000


def strings(count: int) -> list[str]:
    chosen = random.Random(20_260_101)
    return ["".join(chosen.choices(PIECES, k=chosen.randint(0, 6))) for _ in range(count)]


def go(documents: list[str]) -> list[object]:
    reader = os.environ.get("MLOPS_SPEC_GO_YAML")
    if not reader:
        pytest.skip("MLOPS_SPEC_GO_YAML names no reader")
    lines = "".join(json.dumps(document) + "\n" for document in documents)
    done = subprocess.run([str(Path(reader))], input=lines, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.split("\n") if line]


def block(value: str) -> str:
    return yaml_block(value, 4)


def test_what_we_print_comes_back_from_go() -> None:
    values = strings(COUNT)
    printed = [f"a:\n  - b: {printer(value)}\n" for value in values for printer in (yaml_text, block)]
    twice = [value for value in values for _ in range(2)]
    for value, text, found in zip(twice, printed, go(printed), strict=True):
        assert found == {"a": [{"b": value}]}, text


def test_what_we_read_go_reads_alike() -> None:
    documents = [f"k: {value}\n" for value in strings(COUNT)]
    agreed = 0
    for document, found in zip(documents, go(documents), strict=True):
        source, _ = read(document.encode("utf-8", "surrogatepass"), "a.yaml")
        if source is not None:
            assert found == source.data, document
            agreed += 1
    assert agreed > COUNT / 20
