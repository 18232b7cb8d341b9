"""The rendered trees of the examples, kept as files: ``python -m tests.golden_trees`` writes them anew."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from mlops_spec.compiler import Compilation, Options, compile_spec
from mlops_spec.source.files import Folder

ROOT = Path(__file__).parent.parent
EXAMPLES = sorted(path.parent for path in (ROOT / "examples").glob("*/mlops.yaml"))
GOLDEN = ROOT / "tests" / "golden"


def compiled(example: Path) -> Compilation:
    """Compile an example as the commands do; what is compiled is only read. One of the checkout, which stays, once."""
    return _once(example) if example in EXAMPLES else _compiled(example)


def _compiled(example: Path) -> Compilation:
    return compile_spec(Folder(example), "mlops.yaml", Options(root=example))


_once = cache(_compiled)


def objects(tree: Mapping[str, str]) -> dict[str, Any]:
    """The Kubernetes objects of a tree by their paths: no README, and nothing that only kustomize or CI reads."""
    documents = {path: yaml.load(text, yaml.CSafeLoader) for path, text in tree.items() if path.endswith(".yaml")}
    return {
        path: document
        for path, document in documents.items()
        if document.get("kind", "Kustomization") != "Kustomization"
    }


def write(tree: Mapping[str, str], folder: Path) -> None:
    """Write a tree into a folder, as it stands in Git."""
    for path, text in tree.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")


def main() -> None:
    """Write every golden anew; what is no longer rendered goes."""
    shutil.rmtree(GOLDEN, ignore_errors=True)
    for example in EXAMPLES:
        write(compiled(example).tree, GOLDEN / example.name)


if __name__ == "__main__":
    main()
