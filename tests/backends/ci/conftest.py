"""Images as lowering says that they are built."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mlops_spec.blueprint.types import Build, Integration, Project
from mlops_spec.language.text import Name, Word

DIGEST = f"sha256:{'4b' * 32}"
RUNTIME = f"registry.acme.example/mlops-spec/runtime@{DIGEST}"


@pytest.fixture
def build() -> Callable[..., Build]:
    def build(name: str = "train", **changes: Any) -> Build:
        source, listed, file = f"{name}/src", f"{name}/requirements.lock", f"deploy/project/images/{name}/Dockerfile"
        fields = {
            "repository": Word(f"registry.acme.example/growth/{name}"), "registry": Word("registry.acme.example"),
            "tag": None, "base": Word(f"docker.io/library/python:3.12-slim@{DIGEST}"), "python": Name("3.12"),
            "context": Word(name), "requirements": Word("requirements.lock"), "source": Name("src"), "file": Word(file),
            "inputs": f"{source} {listed} {file}", "patterns": (f"{source}/**", listed, file), **changes,
        }  # fmt: skip
        return Build(address=f"images.{name}.build", name=Name(name), **fields)

    return build


@pytest.fixture
def project(nodes: Any, build: Callable[..., Build]) -> Callable[..., Project]:
    integration = Integration(
        address="platform.ci", project=Name("ml"), branch=Word("main"), folder=Word("."),
        scripts=Word("deploy/project/images"), checks=Word("deploy/project/ci"), runtime=Word(RUNTIME),
    )  # fmt: skip

    def project(*builds: Build, **changes: Any) -> Project:
        fields = {"description": None, "repository": None, "delivered": (), "integration": integration, **changes}
        return Project(**nodes.resource("ml", "project"), builds=builds or (build(),), **fields)

    return project
