"""Nothing is dropped in silence: alter each field that render reads, in turn; the tree changes, or a limit speaks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from mlops_spec.address import matches, parse, text
from mlops_spec.backends import systems
from mlops_spec.backends.choice import CAPABILITIES
from mlops_spec.backends.limits import withheld_by
from mlops_spec.compiler import Compilation, Options, compile_spec
from mlops_spec.diagnostic import failed
from mlops_spec.language import pin, shape
from mlops_spec.model.reference import NAMES
from mlops_spec.source import edit
from mlops_spec.source.files import Memory
from mlops_spec.source.tree import Map, Seq, find
from mlops_spec.source.yaml import read

CHURN = Path(__file__).parents[2] / "examples" / "churn"
ENVIRONMENT = "dev"
Place = tuple[str | int, ...]

BASE = """\
apiVersion: mlops-spec/v1
extends: [mlops.yaml]
variables: {train_compute: {default: gpu}}
environments: {dev: {protected: false}}
compute:
  gpu: {tolerations: [{key: nvidia.com/gpu, operator: Equal, value: "yes", effect: NoSchedule}], queue: ml}
  other: {cpu: "1", memory: 1Gi}
datasets:
  other: {uri: "s3://acme-ml/other/", version: "sha256:4be1c7a0d1a1a0b2c6e5f1c6a3fb7f7f1dcb4f2c8a1d7e8e3a5b6c7d8e9f0a1b", path: data/x}
  schema: {uri: "s3://acme-ml/schema/", version: per-run, schema: {a: int64}}
experiments: {other: {}}
models:
  other: {}
  churn:
    trained_by: train
    serving:
      shadow: {sample: 5%}
      rollout: {strategy: canary, steps: [{weight: 10, pause: 10m}, {weight: 100}], analysis: {error_rate: "< 1%"}}
    batch: {features: churn_v1, timeout: 2h}
channels: {other: {slack: {url: "${{ secrets.other.token }}", channel: "#ml"}}}
monitors:
  watched:
    model: churn
    description: Customers change faster than the model does.
    data: active
    reference: other
    schedule: {cron: "*/30 * * * *", timezone: UTC}
    window: 24h
    min_rows: 1000
    quality: {nulls: {tenure: "< 1%"}, ranges: {tenure: [0, 600]}, new_categories: "< 0.1%", severity: page}
    drift: {method: psi, threshold: 0.2, share: 0.3, columns: [tenure, plan], consecutive: 3}
    prediction_drift: {method: jensenshannon, threshold: 0.1, consecutive: 2}
    performance: {require: {auc: ">= 0.78"}, labels: active, join: request_id, label: churned, delay: 30d, consecutive: 2}
    compute: other
    service: {latency_p99: "< 300ms", error_rate: "< 1%", throughput: "> 1/s", for: 10m, severity: page}
    custom: {refunds: {query: "sum(refunds_total)", require: "< 50"}}
    notify: [other]
    dashboard: true
features: {entities: {other: {join_key: other_id, type: int64}}, services: {other: {views: [customer_stats]}}}
secrets: {other: {store: vault, path: ml/other, keys: [token, access_key, secret_key, username, password]}, airflow: {store: vault, path: ml/airflow, keys: [username, password]}}
platform: {artifacts: {endpoint: "https://minio.acme.example"}, delivery: {create_project: true}, dashboards: {folder: ML, datasource: Prometheus}, rollout: {secret: other, path: specs}, batch: {image: "registry.acme.example/spark@sha256:4be1c7a0d1a1a0b2c6e5f1c6a3fb7f7f1dcb4f2c8a1d7e8e3a5b6c7d8e9f0a1b"}}
pipelines:
  other: {steps: {one: {image: "registry.acme.example/one@sha256:4be1c7a0d1a1a0b2c6e5f1c6a3fb7f7f1dcb4f2c8a1d7e8e3a5b6c7d8e9f0a1b", command: [one]}}}
  train:
    compute: other
    description: Trains.
    steps:
      prepare: {description: Prepares., timeout: 1h, retries: {limit: 1, backoff: 2m}, env: {TOKEN: "${{ secrets.slack.url }}"},
                inputs: {more: datasets.active, pinned: datasets.other}}
      fit: {after: [prepare], inputs: {everything: {from: datasets.active, as: uri}},
            outputs: {model: {flavor: null}, second: {type: model, flavor: sklearn}}}
      card: {after: [evaluate]}
"""


def filled(lock: str) -> str:
    """Return the lock with a rollout under way, and with what an image is built on: much is read only then."""
    lock = pin.image(lock, read(lock.encode(), "")[0].data, "train", f"sha256:{'4b' * 32}", base=True)
    model = ("environments", ENVIRONMENT, "models", "churn")
    before = {key: find(read(lock.encode(), "")[0].data, (*model, key)) for key in ("version", "run", "uri", "digest")}
    return edit.insert(lock, model, "rollout", {"step": 0, "from": before})


def files(altered: dict[str, Any]) -> Memory:
    """Return churn, what makes its spec fuller, and one altered value on top."""
    texts = {str(p.relative_to(CHURN)): p.read_bytes() for p in CHURN.rglob("*") if p.is_file()}
    base = texts["platform/base.mlops.yaml"].decode()
    texts["platform/base.mlops.yaml"] = "\n".join(
        ln for ln in base.split("\n") if not ln.startswith("locked:")
    ).encode()
    texts["base.yaml"] = BASE.encode()
    texts["mlops.lock.yaml"] = filled(texts["mlops.lock.yaml"].decode()).encode()
    top = {"apiVersion": "mlops-spec/v1", "extends": ["base.yaml"], **altered}
    texts["top.yaml"] = json.dumps(top).encode()
    return Memory(texts)


def compiled(altered: dict[str, Any]) -> Compilation:
    return compile_spec(files(altered), "top.yaml", Options(only=(ENVIRONMENT,)))


@cache
def unaltered() -> Compilation:
    return compiled({})


def data() -> Map:
    return unaltered().environments[ENVIRONMENT].resolved


def leaves(value: Any, path: Place = ()) -> Iterator[tuple[Place, Any]]:
    if isinstance(value, Map):
        for key, item in value.items():
            yield from leaves(item, (*path, key))
    elif isinstance(value, Seq):
        for index, item in enumerate(value):
            yield from leaves(item, (*path, index))
    else:
        yield path, value


def annotation(path: Place, key: str) -> Any:
    """Return what the nearest schema at or above ``path`` says under ``key``."""
    for end in range(len(path), 0, -1):
        for part in shape.parts(shape.at(shape.root(), data(), path[:end]), find(data(), path[:end])):
            if key in part.schema:
                return part.schema[key]
    return None


def read_by_render(path: Place) -> bool:
    read = annotation(path, "x-read-by") or ()
    return "render" in ([read] if isinstance(read, str) else read)


def used(path: Place) -> bool:
    """Tell whether something that is built reads it; else what reads it is withheld, or is not there."""
    if path[0] == "channels":
        told = (part.get("notify") or () for of in ("monitors", "pipelines") for part in data()[of].values())
        return f'"{path[1]}"' in json.dumps(list(told))
    if path[0] not in ("datasets", "compute"):
        return True
    churn = data()["models"]["churn"]
    readers = json.dumps([data()["pipelines"], data()["monitors"], churn["serving"], churn["batch"]])
    names = {
        "datasets": ("datasets.{}", '"input": "{}"', '"reference": "{}"', '"labels": "{}"', '"data": "{}"'),
        "compute": ('"compute": "{}"',),
    }
    return any(name.format(path[1]) in readers for name in names[str(path[0])])


def pattern(path: Place) -> str:
    """Return the field that ``path`` is an instance of: names and numbers are ``*``."""
    named: list[str] = []
    where, value = shape.root(), data()
    for part in path:
        free = isinstance(part, int) or str(part) not in shape.properties(where, value)
        named.append("*" if free else str(part))
        where, value = shape.at(where, value, (part,)), find(value, (part,))
    return ".".join(named)


@cache
def fields() -> dict[str, list[Place]]:
    """Return every field that render reads and the spec says, with the paths where it stands."""
    skipped = {"apiVersion", "variables", "moved", "manifests", "patches", "templates"}
    found: dict[str, list[Place]] = {}
    for path, _ in leaves(data()):
        if path[0] in skipped or path[-1] == "backend" or {"only", "except"} & set(path):
            continue
        if path[0] == "environments" and path[1] != ENVIRONMENT:
            continue
        if read_by_render(path) and used(path):
            found.setdefault(pattern(path), []).append(path)
    return found


def others(path: Place, value: Any) -> Iterator[Any]:
    """Yield values that may stand in place of ``value``."""
    if isinstance(value, bool):
        yield not value
        return
    if isinstance(value, int | float):
        yield from (value + 1, value * 2, value - 1)
    for pattern, kind in NAMES.items():
        if matches(pattern, path):
            yield from (name for name in find(data(), parse(kind)) or () if name != value)
    known = {
        "inputs": (
            "steps.prepare.outputs.table",
            "steps.fit.outputs.metrics",
            "datasets.customers",
            "features.services.churn_v1",
        ),
        "gate": ("steps.fit.outputs.metrics",),
        "after": ("prepare", "evaluate"),
        "parameter": ("max_depth",),
        "under": ("500ms",),
        "query": ("sum(up)",),
    }
    for key, values in known.items():
        if key in path:
            yield from values
    for key in ("enum", "examples"):
        for end in (len(path),):
            for part in shape.parts(shape.at(shape.root(), data(), path[:end]), value):
                yield from part.schema.get(key, ())
    if isinstance(value, str):
        yield value[:-1] + ("0" if value[-1:] != "0" else "1")
        yield from (
            value + "x",
            value + "7",
            "7" + value,
            value + ".com",
            value[:-1],
            "steps.fit.outputs.second",
            "7m",
            "5 4 * * *",
        )


def altering(path: Place, value: Any) -> dict[str, Any]:
    """Return the document that puts ``value`` at ``path``; lists, and what may be written short, are given whole."""
    whole_at = next((i for i, part in enumerate(path) if isinstance(part, int)), None)
    for short in ("inputs", "schedule"):
        if whole_at is None and short in path[:-1]:
            whole_at = path.index(short) + (2 if short == "inputs" else 1)
    if whole_at is not None:
        whole = json.loads(json.dumps(find(data(), path[:whole_at])))
        inner = whole
        for part in path[whole_at:-1]:
            inner = inner[part]
        inner[path[-1]] = value
        path, value = path[:whole_at], whole
    for part in reversed(path):
        value = {part: value}
    return dict(value)


def speaks(compilation: Compilation, path: Place) -> bool:
    """Tell whether a diagnostic says that what stands at ``path`` cannot be had, or is not built yet.

    An option of a system may be what another field cannot be had with.
    """
    if path[0] == "platform" and any(d.code == "MS145" for d in compilation.diagnostics):
        return True
    told = {parse(d.address) for d in compilation.diagnostics if d.code in ("MS145", "MS146")}
    if any(tuple(map(str, path[: len(address)])) == address for address in told):
        return True
    unbuilt = [c for c in CAPABILITIES if find(data(), ("platform", c, "backend")) not in systems(c)]
    return any(withheld_by(c, path) or path[:2] == ("platform", c) for c in unbuilt)


def alterations(path: Place) -> Iterator[tuple[Any, Compilation]]:
    """Yield other values for the field at ``path``, and what comes of each: a limit that speaks, or a tree."""
    value, tried = find(data(), path), []
    for other in others(path, value):
        if other == value or other in tried or "${{" in str(other):
            continue
        tried.append(other)
        result = compiled(altering(path, other))
        if speaks(result, path) or not failed(result.diagnostics):
            yield other, result


def verdict(path: Place) -> bool | None:
    """Return whether altering the field at ``path`` shows; None where no other value can stand there."""
    return next((speaks(found, path) or found.tree != unaltered().tree for _, found in alterations(path)), None)


ALONE = ("pipelines.*.steps.*.register.alias", "channels.*.slack.url", "models.*.serving.rollout.strategy")
"""Where one value alone can stand: an alias that nothing serves from, what must be a secret, a canary with steps."""


@pytest.mark.long
@pytest.mark.parametrize("field", fields())
def test_altering_a_field_changes_the_tree_or_a_limit_speaks(field: str) -> None:
    shown = False
    for path in fields()[field]:
        found = verdict(path)
        assert found is not False, f"altering {text(path)} changes nothing, and no limit says so"
        shown = shown or bool(found)
        if shown:
            return
    assert shown or field in ALONE, f"no other value can stand at any {field}"


def test_the_unaltered_spec_compiles() -> None:
    assert not failed(unaltered().diagnostics), unaltered().diagnostics
