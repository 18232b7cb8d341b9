"""Fields as an API server names them, found in data."""

from __future__ import annotations

from typing import Any

import pytest

from mlops_spec.live.kubernetes.field import steps

DATA: dict[str, Any] = {
    "metadata": {"labels": {"app.kubernetes.io/part-of": "a", "app": "b"}},
    "data": {"tls.crt": "x"},
    "spec": {
        "rules": [{"a": 1}, {"name": "b", "x": [1, 2]}],
        "ports": [{"containerPort": 80, "protocol": "TCP"}, {"containerPort": 80, "protocol": "UDP"}],
        "containers": [{"name": "a"}, {"name": "b", "image": "x"}],
    },
}


@pytest.mark.parametrize("field, path", [
    ("", ()),
    (".metadata.labels.app.kubernetes.io/part-of", ("metadata", "labels", "app.kubernetes.io/part-of")),
    ("metadata.labels.app", ("metadata", "labels", "app")),
    ("data[tls.crt]", ("data", "tls.crt")),
    ("spec.rules[1].x[0]", ("spec", "rules", 1, "x", 0)),
    ('.spec.containers[name="b"].image', ("spec", "containers", 1, "image")),
    ('.spec.ports[containerPort=80,protocol="UDP"].protocol', ("spec", "ports", 1, "protocol")),
    ("spec.clusterIPs[0]", ("spec",)),
    ("spec.rules[7].x", ("spec", "rules")),
    ('spec.containers[name="z"]', ("spec", "containers")),
    ("spec.containers.name", ("spec", "containers")),
])  # fmt: skip
def test_a_field_is_found_or_as_much_of_it_as_there_is(field: str, path: tuple[str | int, ...]) -> None:
    assert steps(DATA, field) == path
