"""A real API server takes every object of every example and environment, and refuses what is wrong with them."""

from __future__ import annotations

import copy
import functools
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.cluster import Cluster, Object, Rejected
from tests.golden_trees import EXAMPLES, ROOT, compiled, objects

pytestmark = [pytest.mark.conformance, pytest.mark.xdist_group("api-server")]
CHURN = ROOT / "examples" / "churn"


def without_versions(found: list[Object]) -> list[Object]:
    """The Gateway's definition has defaults in its status, which the second write alone stores: read they always are."""
    return [{**document, "metadata": {**document["metadata"], "resourceVersion": ""}} for document in found]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_it_takes_every_environment_and_the_second_time_changes_nothing(example: Path, api_server: Cluster) -> None:
    rendered = list(objects(compiled(example).tree).values())
    api_server.create_namespaces(rendered)
    first = api_server.apply(rendered)
    assert len(first) == len(rendered)
    second = api_server.apply(rendered)
    assert without_versions(second) == without_versions(first)
    assert api_server.apply(rendered) == second
    assert api_server.differences(rendered) == ""
    api_server.apply(rendered, "--dry-run=server")
    assert api_server.live(rendered) == second


@functools.cache
def production() -> dict[tuple[str, str], Object]:
    found = [document for path, document in objects(compiled(CHURN).tree).items() if path.startswith("prod/")]
    return {(document["kind"], document["metadata"]["name"]): document for document in found}


def broken(kind: str, name: str, place: list[str | int], value: Any) -> tuple[Object, Object]:
    """An object of the example's production, renamed; and the same with one value put in, or taken out for None."""
    whole = copy.deepcopy(production()[kind, name])
    whole["metadata"]["name"] = "seeded"
    wrong = copy.deepcopy(whole)
    inner: Any = wrong
    for step in place[:-1]:
        inner = inner[step]
    if value is None:
        del inner[place[-1]]
    else:
        inner[place[-1]] = value
    return whole, wrong


MODEL: list[str | int] = ["spec", "predictor", "model"]
RULE: list[str | int] = ["spec", "rules", 0]


@pytest.mark.parametrize("kind, name, place, value, said", [
    ("InferenceService", "churn", [*MODEL, "storageURI"], "s3://a", r"\.storageURI: field not declared in schema"),
    ("Job", "mlops-sync", ["spec", "backofLimit"], 3, r"\.backofLimit: field not declared in schema"),
    ("InferenceService", "churn", ["spec", "predictor", "minReplicas"], "three", "minReplicas"),
    ("Job", "mlops-sync", ["spec", "backoffLimit"], "three", r"\.backoffLimit: expected numeric"),
    ("HTTPRoute", "churn", ["spec", "parentRefs", 0, "name"], None, r"parentRefs\[0\]\.name: Required value"),
    ("Job", "mlops-sync", ["spec", "template", "spec", "containers"], None, r"spec\.containers: Required value"),
    ("Gateway", "models", ["spec", "listeners", 0, "allowedRoutes", "namespaces", "from"], "Some", "Unsupported value"),
    ("Role", "pipelines", ["rules", 0, "verbs"], None, r"verbs: Required value"),
    ("HTTPRoute", "churn", [*RULE, "matches", 0, "path", "type"], "Exact", "exactly one PathPrefix match must be"),
    ("NetworkPolicy", "train", ["spec", "egress", 1, "to", 0, "ipBlock", "cidr"], "10.0.0.0", "cidr: Invalid value"),
], ids=[
    "unknown-field", "unknown-field-of-kubernetes", "wrong-type", "wrong-type-of-kubernetes", "missing",
    "missing-of-kubernetes", "no-such-choice", "missing-verbs", "CEL-rule", "invalid-of-kubernetes",
])  # fmt: skip
def test_it_refuses_a_seeded_mistake(
    kind: str, name: str, place: list[str | int], value: Any, said: str, api_server: Cluster
) -> None:
    whole, wrong = broken(kind, name, place, value)
    api_server.create_namespaces([whole])
    api_server.apply([whole], "--dry-run=server")
    with pytest.raises(Rejected, match=said):
        api_server.apply([wrong], "--dry-run=server")
