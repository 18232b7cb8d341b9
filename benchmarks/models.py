"""The product's real kinds: N models that serve and are watched, each trained, gated and registered by a pipeline."""

from __future__ import annotations

import hashlib
from pathlib import Path

_HEAD = """\
apiVersion: mlops-spec/v1
include: [pipelines.yaml, models.yaml, monitors.yaml, datasets.yaml]
project:
  name: fleet
  repository: https://git.acme.example/ml/fleet.git
platform:
  tracking: {backend: mlflow, uri: "https://mlflow.acme.example"}
  artifacts: {uri: "s3://acme-ml/artifacts", auth: workload-identity}
  runtime: {image: registry.acme.example/mlops-spec/runtime}
  gateway: {class: envoy}
environments:
  dev: {}
  prod:
    promotes_from: dev
    protected: true
    overrides:
      compute: {server: {cpu: "2", memory: 4Gi}}
compute:
  server: {cpu: 500m, memory: 1Gi}
images:
  train: {repository: registry.acme.example/fleet/train}
"""
_PIPELINE = """\
  train-{name}:
    schedule: {{cron: "{minute} 3 * * 1", timezone: Etc/UTC}}
    retries: {{limit: 2, backoff: 1m}}
    timeout: 6h
    parameters: {{rounds: {rounds}}}
    steps:
      prepare:
        image: ${{{{ images.train }}}}
        command: [python, -m, prepare, --data, "${{{{ inputs.data }}}}", --table, "${{{{ outputs.table }}}}"]
        inputs: {{data: datasets.{name}}}
        outputs: {{table: {{type: dataset}}}}
      fit:
        image: ${{{{ images.train }}}}
        command: [python, -m, fit, --rounds, "${{{{ parameters.rounds }}}}", --model, "${{{{ outputs.model }}}}"]
        inputs: {{table: steps.prepare.outputs.table}}
        outputs: {{model: {{type: model, flavor: sklearn}}, metrics: {{type: metrics}}}}
      good-enough:
        gate: {{metrics: steps.fit.outputs.metrics, require: {{auc: ">= 0.80"}}}}
      register:
        register: {{model: {name}, from: steps.fit.outputs.model, alias: challenger}}
"""
_MODEL = """\
  {name}:
    trained_by: train-{name}
    flavor: sklearn
    version: "@challenger"
    serving:
      compute: server
      replicas: {{min: 2, max: {most}}}
      expose: {{host: models.acme.example, path: /{name}}}
"""
_MONITOR = '  {name}: {{model: {name}, service: {{error_rate: "< 1%", for: 10m, action: rollback}}}}\n'
_DATASET = '  {name}: {{uri: "s3://acme-ml/{name}/training/", version: per-run}}\n'
_LOCKED = """\
      {name}:
        {{version: {version}, run: {run}, uri: "s3://acme-ml/artifacts/{name}/{version}", digest: "sha256:{digest}"}}
"""


def write(folder: Path, count: int) -> None:
    """Write a spec of ``count`` models, and its lock."""
    folder.mkdir(parents=True)
    names = [f"model-{number:04}" for number in range(count)]
    _write(folder / "mlops.yaml", _HEAD)
    _write(folder / "pipelines.yaml", "pipelines:\n", *(_pipeline(n, name) for n, name in enumerate(names)))
    _write(folder / "models.yaml", "models:\n", *(_MODEL.format(name=x, most=4 + n % 4) for n, x in enumerate(names)))
    _write(folder / "monitors.yaml", "monitors:\n", *(_MONITOR.format(name=name) for name in names))
    _write(folder / "datasets.yaml", "datasets:\n", *(_DATASET.format(name=name) for name in names))
    _write(folder / "mlops.lock.yaml", _lock(names))


def _pipeline(number: int, name: str) -> str:
    return _PIPELINE.format(name=name, minute=number % 60, rounds=100 + number)


def _lock(names: list[str]) -> str:
    digests = {image: _digest(image) for image in ("runtime", "train")}
    images = "".join(f'  {image}: {{digest: "sha256:{digest}"}}\n' for image, digest in digests.items())
    environments = "".join(
        f"  {environment}:\n    models:\n" + "".join(_locked(name, environment) for name in names)
        for environment in ("dev", "prod")
    )
    return f"lockVersion: 1\nimages:\n{images}environments:\n{environments}"


def _locked(name: str, environment: str) -> str:
    digest = _digest(f"{environment}/{name}")
    return _LOCKED.format(name=name, version=8 if environment == "dev" else 7, run=digest[:32], digest=digest)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _write(path: Path, *parts: str) -> None:
    path.write_text("".join(parts))
