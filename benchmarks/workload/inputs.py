"""The one input of W(N) in the form that each contestant reads."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ENVIRONMENTS = ("dev", "prod")
SPEC = "fleet.yaml"
_SETTINGS = {
    "LOG_FORMAT": "json",
    "LOG_LEVEL": "debug",
    "REQUEST_TIMEOUT": "30s",
    "BATCH_SIZE": "32",
    "WARM_UP": "yes",
    "CACHE_TTL": "10m",
    "THRESHOLD": "0.5",
    "LOCALE": "en-GB",
}


def namespace(environment: str) -> str:
    """Return the namespace of an environment."""
    return f"fleet-{environment}"


def write(folder: Path, count: int) -> None:
    """Write ``fleet.yaml`` for the product and the lower bound, and a chart with its values."""
    folder.mkdir(parents=True)
    services = {_name(number): _service(number) for number in range(count)}
    overrides = {_name(number): _override(number) for number in range(count)}
    environments: dict[str, Any] = {name: {"namespace": namespace(name)} for name in ENVIRONMENTS}
    environments["prod"]["overrides"] = {"services": overrides}
    _write(folder / SPEC, {"environments": environments, "services": services})
    shutil.copytree(HERE / "chart", folder / "chart")
    _write(folder / "chart" / "values.yaml", {"services": services})
    _write(folder / "chart" / "dev.yaml", {})
    _write(folder / "chart" / "prod.yaml", {"services": overrides})


def write_kustomize(folder: Path, dev: Path, count: int) -> None:
    """Write a base of the objects below ``dev``, and an overlay per environment.

    The layout is the fastest of those tried: one base, one file per object, and one file of strategic merge patches.
    """
    shutil.copytree(dev, folder / "base")
    objects = sorted(path.relative_to(folder / "base").as_posix() for path in (folder / "base").rglob("*.yaml"))
    _write(folder / "base" / "kustomization.yaml", {"resources": objects})
    for environment in ENVIRONMENTS:
        (folder / environment).mkdir()
        overlay: dict[str, Any] = {"resources": ["../base"], "namespace": namespace(environment)}
        if environment == "prod":
            patches = (patch for number in range(count) for patch in _patches(_name(number), _override(number)))
            (folder / environment / "patches.yaml").write_text("---\n".join(map(_dumped, patches)))
            overlay["patches"] = [{"path": "patches.yaml"}]
        _write(folder / environment / "kustomization.yaml", overlay)


def _name(number: int) -> str:
    return f"model-{number:04}"


def _service(number: int) -> dict[str, Any]:
    name = _name(number)
    return {
        "image": f"registry.acme.example/fleet/{name}:1.{number % 10}.{number % 7}",
        "model": f"s3://acme-models/{name}/{number % 40}",
        "port": 8080 + number % 10,
        "replicas": {"min": 1, "max": 2},
        "compute": {"cpu": "500m", "memory": "1Gi"},
        "settings": _SETTINGS,
    }


def _override(number: int) -> dict[str, Any]:
    return {
        "replicas": {"min": 2 + number % 3, "max": 6},
        "compute": {"cpu": "2", "memory": "4Gi"},
        "settings": {"LOG_LEVEL": "warning"},
    }


def _patches(name: str, override: dict[str, Any]) -> Iterator[dict[str, Any]]:
    metadata = {"name": name, "namespace": namespace(ENVIRONMENTS[0])}
    replicas, compute = override["replicas"], override["compute"]
    container = {"name": "server", "resources": {"requests": compute, "limits": compute}}
    yield {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": metadata,
        "spec": {"replicas": replicas["min"], "template": {"spec": {"containers": [container]}}},
    }
    yield {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": metadata,
        "spec": {"minReplicas": replicas["min"], "maxReplicas": replicas["max"]},
    }
    yield {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": override["settings"]}


def _write(path: Path, data: dict[str, Any]) -> None:
    path.write_text(_dumped(data))


def _dumped(data: dict[str, Any]) -> str:
    return "\n".join(_lines(data, "")) + "\n"


def _lines(data: dict[str, Any], margin: str) -> Iterator[str]:
    """Write block mappings as a person does, every text quoted."""
    for key, value in data.items():
        if isinstance(value, dict) and value:
            yield f"{margin}{key}:"
            yield from _lines(value, f"{margin}  ")
        else:
            yield f"{margin}{key}: {json.dumps(value)}"
