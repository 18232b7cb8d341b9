"""Data that programs of ours read themselves: which revision, from where, and with which keys."""

from __future__ import annotations

from collections.abc import Iterator

from mlops_spec.blueprint import contract
from mlops_spec.blueprint.lower.artifacts import endpoint, scheme, store
from mlops_spec.blueprint.lower.context import Context
from mlops_spec.blueprint.lower.words import secret_variable
from mlops_spec.blueprint.types import Endpoint, Variable
from mlops_spec.language.text import Name

_DVC = "dvc:"
_SSH = 22


def revision(context: Context, name: str) -> dict[str, str]:
    """Return which revision of a dataset a program is to read, as its configuration has it."""
    dataset = context.spec.datasets[name]
    repository = context.spec.project.repository
    return contract.present({"version": dataset.version, "path": dataset.path, "repository": repository})


def described(context: Context, name: str) -> dict[str, str]:
    """Return a dataset, and which revision of it, as a program's configuration has it."""
    return {"uri": context.spec.datasets[name].uri, **revision(context, name)}


def sources(context: Context, name: str) -> Iterator[Endpoint]:
    """Yield what a program talks to for a dataset: its store, and the repository that knows its revisions."""
    dataset, repository = context.spec.datasets[name], context.spec.project.repository
    yield store(dataset.uri, context.spec.platform.artifacts, f"{dataset.address}.uri")
    if repository is not None and (dataset.version or "").startswith(_DVC):
        at = "project.repository"
        web = scheme(repository) in ("http", "https")
        yield endpoint(repository, at) if web else Endpoint(address=at, namespace=None, port=_SSH)


def access(context: Context) -> Iterator[Variable]:
    """Yield the variables by which a program reaches the object store of ``platform.artifacts``."""
    artifacts = context.spec.platform.artifacts
    if artifacts is None or scheme(artifacts.uri) != "s3":
        return
    if artifacts.secret is not None:
        for name, key in (("AWS_ACCESS_KEY_ID", "access_key"), ("AWS_SECRET_ACCESS_KEY", "secret_key")):
            yield secret_variable(f"{artifacts.address}.secret", name, artifacts.secret, key)
    for name, value in (("AWS_DEFAULT_REGION", artifacts.region), ("AWS_ENDPOINT_URL", artifacts.endpoint)):
        if value is not None:
            yield Variable(address=artifacts.address, name=Name(name), value=value, secret=None)
