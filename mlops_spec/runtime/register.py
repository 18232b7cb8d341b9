"""``register``: makes a version of a model in the registry that says where it comes from, and moves its alias."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mlops_spec.runtime.digest import digest_of
from mlops_spec.runtime.program import Configuration, Failed, input_path, needed, value_of
from mlops_spec.runtime.tracking import Tracking, lineage


def run(configuration: Configuration, values: Sequence[str], environment: Mapping[str, str]) -> dict[str, Any]:
    """Register what lies at the first of the ``values``, a URI; the same of the same run once. Raises Failed."""
    model, uri = input_path(environment, "model"), value_of(values, 0, "the URI at which the model is kept")
    run_id, name = needed(environment, "MLFLOW_RUN_ID"), configuration["name"]
    digest, tracking = digest_of(model), Tracking(environment)
    made_by = {"run": environment.get("MLOPS_RUN"), "flavor": configuration.get("flavor"), "digest": digest}
    known = {**tracking.who(), **lineage(environment, **made_by)}
    version, found = _version(tracking, name, uri, run_id, known)
    if "alias" in configuration:
        tracking.client.set_registered_model_alias(name, configuration["alias"], version)
    said = {"model": name, "version": version, "run_id": run_id, "uri": uri, "digest": digest, "created": not found}
    return {**said, "signature": _signed(model)}


def _version(tracking: Tracking, name: str, uri: str, run_id: str, known: Mapping[str, str]) -> tuple[str, bool]:
    """Return the number of the version, and whether it was there before."""
    from mlflow.exceptions import MlflowException

    client = tracking.client
    try:
        client.create_registered_model(name)
    except MlflowException as problem:
        if problem.error_code != "RESOURCE_ALREADY_EXISTS":
            raise Failed(f"the registry takes no model {name}: {problem}") from None
    for version in client.search_model_versions(f"name = '{name}' and run_id = '{run_id}'"):
        if version.source == uri:
            for key, value in known.items():
                client.set_model_version_tag(name, version.version, key, value)
            return str(version.version), True
    try:
        return str(client.create_model_version(name, uri, run_id, tags=dict(known)).version), False
    except MlflowException as problem:
        raise Failed(f"the registry takes no version of {name} from {uri}: {problem}") from None


def _signed(model: Path) -> bool:
    """Tell whether an MLflow model says what it takes and gives."""
    described = model / "MLmodel"
    if not described.is_file():
        return False
    from mlflow.models import Model

    return Model.load(str(described)).signature is not None
