"""Two validators, and a third in CI, give one verdict on every case; what a person reads of each fault is kept word by word.

``cases/bad/X.txt`` is what is said of ``cases/bad/X.yaml``; ``MLOPS_SPEC_UPDATE=1`` writes it anew, to be read through.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from mlops_spec.diagnostic import Diagnostic
from mlops_spec.language import environment, shape
from mlops_spec.language.layers import load
from mlops_spec.language.schema import check
from mlops_spec.language.values import substitute
from mlops_spec.source import yaml
from mlops_spec.source.files import Folder

ROOT = Path(__file__).parent.parent.parent
CASES = Path(__file__).parent / "cases"
BAD = sorted((CASES / "bad").glob("*.yaml"))
GOOD = sorted((CASES / "good").glob("*.yaml"))
EXAMPLES = sorted((ROOT / "examples").glob("*/mlops.yaml"))


def read(path: Path) -> Any:
    source, problems = yaml.read(path.read_bytes(), path.name)
    assert source is not None, problems
    return source.data


def schema_of(path: Path) -> str:
    return "lock" if path.name.startswith("lock-") else "spec"


def said(problems: list[Diagnostic]) -> str:
    return "".join(f"{d.place}: {d.severity} {d.code} {d.message}\n  = {d.hint}\n" for d in problems)


def resolved_examples() -> Iterator[tuple[str, Any]]:
    for path in EXAMPLES:
        loaded, problems = load(Folder(path.parent), path.name)
        assert loaded is not None, problems
        names, _ = environment.names(loaded.layers)
        for name in (*names, environment.LOCAL):
            resolved, _ = environment.resolve(loaded.layers, name)
            data, _ = substitute(resolved.tree, name, loaded.lock)
            yield f"{path.parent.name}-{name}", data


def explaining_verdict(data: Any, schema: str) -> bool:
    registry: Any = Registry().with_resources((n, DRAFT202012.create_resource(d)) for n, d in shape.documents().items())
    return Draft202012Validator(shape.document(f"{schema}.schema.json"), registry=registry).is_valid(data)


@pytest.mark.parametrize("path", BAD, ids=lambda p: p.stem)
def test_each_fault_is_said_at_its_place_with_a_way_out(path: Path) -> None:
    text = said(check(read(path), schema_of(path)))
    expected = path.with_suffix(".txt")
    if os.environ.get("MLOPS_SPEC_UPDATE"):
        expected.write_text(text, encoding="utf-8")
    assert text == expected.read_text(encoding="utf-8")
    assert text
    assert "look it up" not in text, "an example is missing in the schema"


def test_one_misspelt_key_is_one_problem() -> None:
    misspelt = [p for p in BAD if p.stem.endswith("misspelt")]
    assert misspelt
    assert all(len(check(read(p))) == 1 for p in misspelt)


def test_every_code_of_this_phase_has_a_case() -> None:
    codes = {line.split()[2] for p in BAD for line in p.with_suffix(".txt").read_text().splitlines()[::2]}
    assert codes == {f"MS{number}" for number in range(100, 112)}


@pytest.mark.parametrize("path", GOOD, ids=lambda p: p.stem)
def test_what_is_right_is_taken(path: Path) -> None:
    assert check(read(path), schema_of(path)) == []


def test_every_environment_of_every_example_is_taken() -> None:
    assert {name: said(check(data)) for name, data in resolved_examples() if check(data)} == {}


@pytest.mark.parametrize("path", [*BAD, *GOOD], ids=lambda p: p.stem)
def test_the_validator_that_explains_agrees_with_the_one_that_decides(path: Path) -> None:
    data = read(path)
    assert explaining_verdict(data, schema_of(path)) is (not check(data, schema_of(path)))


@pytest.fixture
def ajv() -> str:
    found = os.environ.get("MLOPS_SPEC_AJV")
    if not found:
        pytest.skip("MLOPS_SPEC_AJV names no ajv")
    return found


def ajv_verdicts(ajv: str, schema: str, folder: Path, cases: dict[str, Any]) -> dict[str, bool]:
    """Ask ajv about every case at once: True where it takes it."""
    for name, data in cases.items():
        (folder / f"{name}.json").write_text(json.dumps(data), encoding="utf-8")
    others = [str(p) for p in sorted((ROOT / "schemas").rglob("*.schema.json")) if p.name != "editor.schema.json"]
    main = str(ROOT / "schemas" / f"{schema}.schema.json")
    command = [ajv, "validate", "--spec=draft2020", "--strict=true", "--strict-tuples=false", "-s", main]
    command += ["-c", str(Path(__file__).parent / "ajv-keywords.js"), "-d", str(folder / "*.json")]
    command += [argument for other in others if other != main for argument in ("-r", other)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = (run.stdout + run.stderr).splitlines()
    found = {name: f"{folder / name}.json valid" in lines for name in cases}
    spoken = {name for name in cases if f"{folder / name}.json invalid" in lines or found[name]}
    assert spoken == set(cases), run.stderr[:2000]
    return found


@pytest.mark.conformance
@pytest.mark.parametrize("schema", ["spec", "lock"])
def test_a_validator_of_another_language_gives_the_same_verdicts(ajv: str, schema: str, tmp_path: Path) -> None:
    cases = {p.stem: read(p) for p in [*BAD, *GOOD] if schema_of(p) == schema}
    if schema == "spec":
        cases |= dict(resolved_examples())
    assert ajv_verdicts(ajv, schema, tmp_path, cases) == {n: not check(data, schema) for n, data in cases.items()}
