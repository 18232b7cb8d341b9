"""Nodes as lowering makes them, printed and read back, and the real schemas to hold them to."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from mlops_spec import assets
from mlops_spec.blueprint.ports import File
from mlops_spec.blueprint.types import (
    GCS,
    S3,
    Account,
    Artifact,
    Autoscale,
    Blueprint,
    Budget,
    Canary,
    Compute,
    Config,
    CronJob,
    DesiredState,
    Endpoint,
    Environment,
    Fraction,
    Gateway,
    Input,
    Item,
    Job,
    Label,
    Location,
    Machine,
    Mirror,
    Monitor,
    Namespace,
    Output,
    Parameter,
    Parent,
    Pipeline,
    Policy,
    Quantity,
    Reference,
    Replicas,
    Result,
    Retries,
    Role,
    Route,
    Rule,
    Schedule,
    Scoring,
    Secret,
    SecretEntry,
    SecretKey,
    Service,
    Source,
    Step,
    Taken,
    Target,
    Token,
    Toleration,
    Variable,
    Version,
    Volume,
    When,
    Workload,
)
from mlops_spec.language.text import Name
from mlops_spec.render.environment import Templates
from mlops_spec.render.tree import tree
from tests import kept_templates

DIGEST = "@sha256:" + "4b" * 32
LABELS = {
    "app.kubernetes.io/name": "train", "app.kubernetes.io/instance": "churn-dev", "app.kubernetes.io/part-of": "churn",
    "cost-center": "4711",
}  # fmt: skip
COMPUTE = {"cpu": "500m", "memory": "1Gi"}


def labels(**texts: str) -> tuple[Label, ...]:
    return tuple(Label(address="project", key=key, value=value) for key, value in texts.items())


def resource(name: str, component: str, **annotations: str) -> dict[str, Any]:
    notes = {"mlops-spec.dev/source": f"mlops.yaml#{name}", **annotations}
    return {
        "address": f"x.{name}", "name": Name(name), "namespace": Name("churn-dev"), "component": Name(component),
        "labels": labels(**LABELS), "annotations": labels(**notes),
    }  # fmt: skip


def compute(**changes: Any) -> Compute:
    amounts = tuple(Quantity(address="compute.small", name=key, amount=value) for key, value in COMPUTE.items())
    fields = {
        "requests": amounts, "limits": amounts, "accelerator": None, "node_selector": (), "tolerations": (), "queue": None, **changes,
    }  # fmt: skip
    return Compute(address="compute.small", **fields)


def volume(
    name: str, path: str, size: str | None = "1Gi", *, memory: bool = False, config: str | None = None
) -> Volume:
    at = Name(config) if config else None
    return Volume(address="compute.small", name=Name(name), path=path, size=size, memory=memory, config=at, token=False)


def secret_key(name: str, key: str) -> SecretKey:
    return SecretKey(address=f"secrets.{name}", name=Name(name), key=Name(key))


def variable(name: str, value: str | SecretKey) -> Variable:
    plain = value if isinstance(value, str) else None
    secret = value if isinstance(value, SecretKey) else None
    return Variable(address="x", name=Name(name), value=plain, secret=secret)


def workload(name: str = "fit", *command: str, **changes: Any) -> Workload:
    fields = {
        "image": f"registry.acme.example/train{DIGEST}", "command": command or ("python", "-m", "fit"),
        "env": (variable("LOG_LEVEL", "no"),), "compute": compute(),
        "volumes": (volume("outputs", "/mlops/outputs", "10Gi"), volume("tmp", "/tmp")), **changes,
    }  # fmt: skip
    return Workload(address=f"pipelines.train.steps.{name}", name=Name(name), **fields)


def reference(**known: Any) -> Reference:
    absent = {"parameter": None, "run": False, "begin": None, "item": None, "artifact": None}
    ((kind, value),) = known.items()
    name = {"run": "run", "begin": value, "artifact": kind}.get(kind, f"{kind}-{value}")
    return Reference(address="x", name=Name(name), **{**absent, **known})


def artifact(step: str, output: str) -> Artifact:
    return Artifact(address="x", step=Name(step), output=Name(output))


def s3(key: str) -> Location:
    where = S3(
        address="platform.artifacts", bucket="acme-ml", key=key, endpoint="s3.amazonaws.com", insecure=False, region="eu-central-1",
        access=secret_key("object-store", "access_key"), secret=secret_key("object-store", "secret_key"),
    )  # fmt: skip
    return Location(address="platform.artifacts", s3=where, gcs=None)


def gcs(key: str) -> Location:
    where = GCS(address="platform.artifacts", bucket="acme-ml", key=key, account=None)
    return Location(address="platform.artifacts", s3=None, gcs=where)


def taken(source: str | None, **known: Any) -> Taken:
    return Taken(address="x", reference=reference(**known), source=source)


def given(name: str, **known: Any) -> Input:
    fields = {"uri": None, "artifact": None, "source": None, "location": None, "content": None, **known}
    return Input(address="x", name=Name(name), type=Name("dataset"), path=f"/mlops/inputs/{name}", **fields)


def output(name: str, location: Location) -> Output:
    return Output(
        address="x",
        name=Name(name),
        path=f"/mlops/outputs/{name}",
        type=Name("model"),
        flavor=None,
        taken=True,
        uri="-",
        location=location,
    )


def step(name: str = "fit", **changes: Any) -> Step:
    fields = {
        "workload": workload(name), "init": (), "annotations": (), "after": (), "takes": (), "inputs": (),
        "outputs": (), "results": (), "retries": None, "timeout": None, "when": None, "items": (), "repeatable": False, **changes,
    }  # fmt: skip
    return Step(address=f"pipelines.train.steps.{name}", name=Name(name), **fields)


def pipeline(*steps: Step, **changes: Any) -> Pipeline:
    fields = {
        "account": Name("pipelines"), "pods": labels(**LABELS), "parameters": (), "schedule": None, "timeout": None,
        "description": None, "events": (), "polled": (), "decision": None, "end": None, "root": None, "submission": None, "steps": steps or (step(),), **changes,
    }  # fmt: skip
    return Pipeline(**resource("train", "pipelines"), **fields)


def version(number: int) -> Version:
    uri = f"s3://acme-ml/artifacts/1/models/m-{number}/artifacts"
    return Version(address="models.churn.serving", name=Name(f"v{number}"), uri=uri)


def service(**changes: Any) -> Service:
    fields = {
        "model": Name("churn"), "account": Name("churn.server"), "pods": labels(**LABELS),
        "selector": labels(**{"app.kubernetes.io/name": "churn"}), "version": version(6), "canary": None,
        "replicas": Replicas(address="x", min=1, max=4), "autoscale": None, "compute": compute(),
        "volumes": (volume("tmp", "/tmp"),), "log": None, **changes,
    }  # fmt: skip
    return Service(**resource("churn", "serving"), **fields)


def target(name: str, weight: int | None = None) -> Target:
    return Target(address="models.churn.serving", name=Name(name), port=80, weight=weight)


def route(*targets: Target, **changes: Any) -> Route:
    fields = {
        "parent": Parent(address="platform.gateway", name=Name("models"), namespace=Name("churn-dev")),
        "host": "churn.ml.acme.example", "path": "/churn", "rewrite": "/", "mirror": None,
        "targets": targets or (target("churn-predictor"),), **changes,
    }  # fmt: skip
    return Route(**resource("churn", "gateway"), **fields)


def environment(**changes: Any) -> Environment:
    fields = {
        "name": Name("dev"), "namespace": Name("churn-dev"), "cluster": "https://kubernetes.default.svc",
        "protected": False, "branch": "main", "path": "deploy/dev", **changes,
    }  # fmt: skip
    return Environment(address="environments.dev", **fields)


def blueprint(**changes: Any) -> Blueprint:
    fields = {
        "project": "churn", "environment": environment(), "namespace": Namespace(**resource("churn-dev", "cluster")),
        "pipelines": (), "services": (), "collector": None, "gateway": None, "routes": (), "dashboards": (), "triggers": (), "bus": None, "scorings": (), "monitors": (), "jobs": (), "crons": (), "secrets": (), "accounts": (),
        "roles": (), "policies": (), "budgets": (), "state": None, "withheld": (), **changes,
    }  # fmt: skip
    return Blueprint(address="", **fields)


NODES = SimpleNamespace(
    labels=labels, resource=resource, compute=compute, volume=volume, secret_key=secret_key, variable=variable,
    workload=workload, reference=reference, artifact=artifact, s3=s3, gcs=gcs, taken=taken, given=given, output=output,
    step=step, pipeline=pipeline, version=version, service=service, target=target, route=route,
    environment=environment, blueprint=blueprint, digest=DIGEST,
    Autoscale=Autoscale, Budget=Budget, Canary=Canary, Config=Config, CronJob=CronJob, Monitor=Monitor, Fraction=Fraction, Gateway=Gateway, Mirror=Mirror, Replicas=Replicas, Source=Source,
    Account=Account, DesiredState=DesiredState, Endpoint=Endpoint, Item=Item, Job=Job, Namespace=Namespace,
    Parameter=Parameter, Policy=Policy, Quantity=Quantity, Result=Result, Retries=Retries, Role=Role, Rule=Rule, Machine=Machine, Schedule=Schedule, Scoring=Scoring, Secret=Secret,
    SecretEntry=SecretEntry, Token=Token, Toleration=Toleration, When=When,
)  # fmt: skip
"""What tests build nodes with: each takes what matters to the test, and fills in the rest."""


@pytest.fixture
def nodes() -> SimpleNamespace:
    return NODES


@pytest.fixture
def texts() -> Callable[[Iterable[File]], dict[str, str]]:
    """Print files as a tree of texts by path."""

    def texts(files: Iterable[File]) -> dict[str, str]:
        made, _, problems = tree(files, Templates([assets.TEMPLATES], cache=kept_templates.templates()))
        assert problems == []
        return made

    return texts


@pytest.fixture
def printed(texts: Callable[..., dict[str, str]]) -> Callable[[Iterable[File]], dict[str, Any]]:
    """Print files, and read them back: objects by path."""
    return lambda files: {path: yaml.load(text, yaml.CSafeLoader) for path, text in texts(files).items()}
