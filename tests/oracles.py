"""The real systems' own readers, each in an environment of its own that a variable names; without one, a visible skip."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest


@pytest.fixture(scope="session")
def crds(shared: Path) -> ModuleType:
    """The reader of the real systems' definitions: its Store finds them by group and kind, its Run checks objects."""
    spec = importlib.util.spec_from_file_location("validate", shared / "crds" / "validate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def conforms(shared: Path, crds: ModuleType) -> Callable[[dict[str, Any]], None]:
    """Hold objects to the CRDs of real systems; at least one of them must have one."""
    store = crds.Store(shared / "crds")

    def conforms(objects: dict[str, Any]) -> None:
        run = crds.Run(store)
        for path, document in objects.items():
            group, _, version = document["apiVersion"].rpartition("/")
            if (group, document["kind"]) in store.files:
                run.validated += 1
                assert run.check(document, group, version, document["kind"]) == [], path
        assert run.validated

    return conforms


def _oracle(name: str, script: str, objects: dict[str, Any]) -> None:
    python = os.environ.get(name)
    if not python:
        pytest.skip(f"{name} names no Python")
    done = subprocess.run(
        [python, "-c", script], input=json.dumps(objects), capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


_KUBERNETES = """
import json, sys, kubernetes_validate
for path, document in json.load(sys.stdin).items():
    kubernetes_validate.validate(document, "1.33", strict=True)
"""

_HERA = """
import inspect, json, sys
from pydantic import BaseModel
from hera.workflows import models
for _, model in inspect.getmembers(models, lambda m: inspect.isclass(m) and issubclass(m, BaseModel)):
    model.model_config["extra"] = "forbid"
for _, model in inspect.getmembers(models, lambda m: inspect.isclass(m) and issubclass(m, BaseModel)):
    model.model_rebuild(force=True)
for path, document in json.load(sys.stdin).items():
    getattr(models, document["kind"]).model_validate(document)
"""


_KSERVE = r"""
import json, re, sys
import kubernetes.client.models as core
from kserve import models as own
PLAIN = {"str": str, "int": int, "float": (int, float), "bool": bool, "object": object}
EITHER = ("IntOrString", "ResourceQuantity")
def check(name, value, field):
    of = re.fullmatch(r"(list|List|dict|Dict)[(\[](?:[a-z]+, ?)?(.*)[)\]]", name)
    if of:
        items = enumerate(value) if of[1].lower() == "list" else value.items()
        for key, item in items:
            check(of[2], item, f"{field}.{key}")
    elif name in PLAIN:
        assert isinstance(value, PLAIN[name]), (field, name, value)
    elif not name.endswith(EITHER):
        short = re.sub("K8sIoApi[A-Z][a-z]+(?=V1)", "", name)
        model = getattr(own, name, None) or getattr(core, short)
        keys = {key: attribute for attribute, key in model.attribute_map.items()}
        for key, item in value.items():
            assert key in keys, (field, key, name)
            check(model.openapi_types[keys[key]], item, f"{field}.{key}")
for path, document in json.load(sys.stdin).items():
    check("V1beta1" + document["kind"], document, path)
"""


@pytest.fixture
def kserve_takes() -> Callable[[dict[str, Any]], None]:
    """Hold servers to the models of KServe's client, field by field and type by type."""
    return lambda objects: _oracle("MLOPS_SPEC_KSERVE_PYTHON", _KSERVE, objects)


@pytest.fixture
def kubernetes_takes() -> Callable[[dict[str, Any]], None]:
    """Hold Kubernetes' own objects to its schemas."""
    return lambda objects: _oracle("MLOPS_SPEC_KUBERNETES_VALIDATE_PYTHON", _KUBERNETES, objects)


@pytest.fixture
def hera_takes() -> Callable[[dict[str, Any]], None]:
    """Hold Argo's objects to hera's models, with unknown fields forbidden."""
    return lambda objects: _oracle("MLOPS_SPEC_HERA_PYTHON", _HERA, objects)
