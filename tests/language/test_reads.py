"""What a spec is read from is known without compiling it, and a compile looks at nothing else of the repository."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mlops_spec.compiler import Options, compile_spec
from mlops_spec.language.reads import Reads, Recording, reads
from mlops_spec.source.files import Folder, Memory

EXAMPLES = Path(__file__).parents[2] / "examples"
HEAD = "apiVersion: mlops-spec/v1\n"
_watching: list[set[str]] = []


def _note(event: str, arguments: tuple[object, ...]) -> None:
    if _watching and event in ("open", "os.scandir", "os.listdir"):
        _watching[-1].add(str(arguments[0]))


@contextmanager
def opened() -> Iterator[set[str]]:
    """Know every file that Python opens, or folder that it lists, whoever does."""
    sys.addaudithook(_note)  # which stays, and then notes nothing
    _watching.append(set())
    try:
        yield _watching[-1]
    finally:
        _watching.clear()


@pytest.mark.parametrize(
    "example",
    [
        pytest.param(path.parent.name, marks=() if path.parent.name in ("churn", "minimal") else pytest.mark.long)
        for path in sorted(EXAMPLES.glob("*/mlops.yaml"))
    ],
)
def test_a_compile_looks_at_nothing_else(example: str, tmp_path: Path) -> None:
    root = tmp_path / "repository" / "team"
    shutil.copytree(EXAMPLES / example, root)
    spec = (root / "mlops.yaml").read_text()
    folder = "templates" if "\ntemplates: " in spec else "own"
    (root / "mlops.yaml").write_text(spec if folder == "templates" else f"{spec}templates: own\n")
    (root / folder / "cluster").mkdir(parents=True, exist_ok=True)
    (root / folder / "cluster" / "other.yaml.j2").write_text("kind: Other\n")
    recording = Recording(Folder(root))
    with opened() as seen:
        done = compile_spec(recording, "mlops.yaml", Options(root))
    assert done.tree
    found = reads(Folder(root), "mlops.yaml")
    assert recording.paths <= found.files
    assert found.folders == {folder}
    below = {Path(path).relative_to(root).as_posix() for path in seen if path.startswith(f"{root}/")}
    assert below
    assert {path for path in below if path not in found.files and not path.startswith(f"{folder}/")} == set()


def of(**files: str) -> Reads:
    texts = {name.replace("__", "/") + ".yaml": text.encode() for name, text in files.items()}
    return reads(Memory(texts), "mlops.yaml")


def test_files_are_known_that_overrides_variables_and_layers_name() -> None:
    spec = """\
extends: [base.yaml, missing.yaml]
environments: {dev: {}, prod: {overrides: {manifests: [{path: prod.yaml}]}}}
variables: {which: {type: string, default: dev}}
manifests: [{path: "${{ variables.which }}.yaml"}, {path: ../outside.yaml}]
"""
    found = of(mlops=HEAD + spec, base=HEAD + "include: [part.yaml]\n", part="templates: own\n")
    # Where a layer is missing no compile goes on, and what it would say further is of no matter.
    assert found.files == {"mlops.yaml", "base.yaml", "part.yaml", "missing.yaml", "mlops.lock.yaml"}
    found = of(
        mlops=HEAD + spec.replace(", missing.yaml", ""), base=HEAD + "include: [part.yaml]\n", part="templates: own\n"
    )
    assert found.files == {
        "mlops.yaml",
        "base.yaml",
        "part.yaml",
        "mlops.lock.yaml",
        "dev.yaml",
        "../outside.yaml",
        "prod.yaml",
        "own",
    }
    assert found.folders == {"own"}


@pytest.mark.parametrize(
    "spec",
    ["", "a: [", "manifests: 1\n", "manifests: [1, {path: 2}]\ntemplates: [x]\n", "environments: 1\nmanifests: []\n"],
)
def test_what_is_wrong_is_no_matter(spec: str) -> None:
    assert of(mlops=HEAD + spec).files >= {"mlops.yaml"}
    assert of(mlops=spec).files >= {"mlops.yaml"}
