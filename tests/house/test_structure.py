"""The house keeps its names in step: a backend is its module, its templates, its options schema and its test."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from mlops_spec.backends import systems
from mlops_spec.backends.choice import CAPABILITIES

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "mlops_spec"
BUILT = [(capability, name) for capability in CAPABILITIES for name in systems(capability)]


def module(name: str) -> str:
    return name.replace("-", "_")


@pytest.mark.parametrize("capability, name", BUILT)
def test_a_backend_is_module_schema_and_test(capability: str, name: str) -> None:
    assert (PACKAGE / "backends" / capability / f"{module(name)}.py").is_file()
    assert (ROOT / "schemas" / "backends" / capability / f"{name}.schema.json").is_file()
    assert (ROOT / "tests" / "backends" / capability / f"test_{module(name)}.py").is_file()


def test_every_backend_module_is_in_its_index() -> None:
    modules = {
        (path.parent.name, path.stem)
        for path in (PACKAGE / "backends").glob("*/*.py")
        if path.stem != "__init__" and path.parent.name != "cluster"
    }
    of_this_machine = {("orchestrator", "local")}  # the environment ``local`` has it, and no spec can choose it
    assert modules - of_this_machine == {(capability, module(name)) for capability, name in BUILT}
    assert of_this_machine <= modules


def test_every_template_is_named_by_exactly_one_file_call() -> None:
    named: list[str] = []
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "file" and node.args:
                first = node.args[0]
                assert isinstance(first, ast.Constant), f"{path}:{node.lineno}: a template is named literally"
                named.append(str(first.value))
    templates = {
        str(path.relative_to(ROOT / "templates"))
        for path in (ROOT / "templates").rglob("*.j2")
        if path.relative_to(ROOT / "templates").parts[0] != "shared"
    }
    assert sorted(named) == sorted(templates)


def test_every_shared_template_is_imported() -> None:
    texts = "\n".join(path.read_text() for path in (ROOT / "templates").rglob("*.j2"))
    for path in (ROOT / "templates" / "shared").glob("*.j2"):
        assert f'from "shared/{path.name}"' in texts


@pytest.mark.parametrize(
    "path", sorted(PACKAGE.glob("backends/*/*.py")), ids=lambda path: f"{path.parent.name}/{path.stem}"
)
def test_backends_build_no_manifests_in_python(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Dict):
            assert not any(isinstance(value, ast.Dict) for value in node.values), f"{path}:{node.lineno}: a nested dict"
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            assert not re.search(r"^(apiVersion|kind|metadata|spec):", node.value, re.MULTILINE), (
                f"{path}:{node.lineno}"
            )


def test_no_file_names_this_machine_or_a_registry() -> None:
    forbidden = re.compile(
        r"(^|[^A-Za-z0-9._/-])/(work|root|farm)/[a-z.]|pythonhosted|pypi\.org|registry\.npmjs|proxy\.golang"
    )
    suffixes = {".py", ".md", ".toml", ".txt", ".json", ".yaml", ".j2", ".mod", ".sum", ".go", ""}
    skipped = {
        ".git",
        "node_modules",
        ".venv",
        ".mypy_cache",
        ".ruff_cache",
        ".pytest_cache",
        ".hypothesis",
        ".mlops-spec",
    }
    for path in ROOT.rglob("*"):
        if path.is_file() and path.suffix in suffixes and not skipped & set(path.relative_to(ROOT).parts):
            if path == Path(__file__):
                continue
            for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
                assert not forbidden.search(line), f"{path}:{number}: {line.strip()[:100]}"
