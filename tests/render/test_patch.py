"""A patch changes what it names and no other byte, or says what the object lacks."""

from __future__ import annotations

from typing import Any

import pytest

from mlops_spec.render.patch import Misfit, patched
from mlops_spec.source.tree import Map, Seq

TEXT = """\
kind: Service
metadata:
  labels:
    acme.example/team: "growth"   # who is asked
spec:
  ports:
    - port: 80
    - port: 443
  type: ClusterIP
"""


def apply(*operations: dict[str, Any]) -> tuple[Misfit | None, str]:
    return patched(TEXT, Seq(Map(operation) for operation in operations))


def test_every_other_byte_stays() -> None:
    changes = [
        {"op": "replace", "path": "/spec/ports/1/port", "value": 8443},
        {"op": "add", "path": "/metadata/labels/acme.example~1tier", "value": "web"},
    ]
    misfit, text = apply(*changes)
    added = '"growth"   # who is asked\n    acme.example/tier: web\n'
    assert (misfit, text) == (None, TEXT.replace("443", "8443").replace('"growth"   # who is asked\n', added))


@pytest.mark.parametrize(
    "operation, key, why, hint",
    [
        ({"op": "remove", "path": "/spec/typ"}, "path", "has no `spec.typ`", "did you mean /spec/type?"),
        ({"op": "remove", "path": "/spec/host"}, "path", "has no `spec.host`", "known: ports, type"),
        ({"op": "replace", "path": "/metadata/labels/acme.example~1tea", "value": "x"}, "path", 'has no `metadata.labels["acme.example/tea"]`', "did you mean /metadata/labels/acme.example~1team?"),
        ({"op": "add", "path": "/spec/template/x", "value": 1}, "path", "has no `spec.template`", "known: ports, type"),
        ({"op": "remove", "path": "/spec/ports/2"}, "path", "has no `spec.ports.2`", "`spec.ports` has 2 items, counted from 0; `-` is the place behind the last"),
        ({"op": "add", "path": "/spec/ports/3", "value": {}}, "path", "has no place `spec.ports.3`", "`spec.ports` has 2 items, counted from 0; `-` is the place behind the last"),
        ({"op": "remove", "path": "/spec/ports/01"}, "path", "has no `spec.ports.01`", "`spec.ports` has 2 items, counted from 0; `-` is the place behind the last"),
        ({"op": "add", "path": "/spec/type/x", "value": 1}, "path", "has nothing below `spec.type`", "it is a single value: replace it, or correct the path"),
        ({"op": "remove", "path": "/spec/type/x"}, "path", "has nothing below `spec.type`", "it is a single value: replace it, or correct the path"),
        ({"op": "test", "path": "/spec/type", "value": "None"}, "path", "has another `spec.type` than the patch tests for", "correct the test, or take the patch out"),
        ({"op": "move", "from": "/spec/tipe", "path": "/spec/x"}, "from", "has no `spec.tipe`", "did you mean /spec/type?"),
        ({"op": "move", "from": "/spec", "path": "/spec/x"}, "path", "cannot have its `spec` changed like this", "nothing can be moved into itself"),
        ({"op": "copy", "from": "/spec/type", "path": "/sepc/x"}, "path", "has no `sepc`", "did you mean /spec?"),
    ],
)  # fmt: skip
def test_what_does_not_fit_says_what_is_missing(operation: dict[str, Any], key: str, why: str, hint: str) -> None:
    assert apply(operation) == (Misfit(0, key, why, hint), TEXT)


def test_an_operation_sees_what_those_before_it_did() -> None:
    removal = {"op": "remove", "path": "/spec/type"}
    misfit, text = apply(removal, removal)
    assert misfit == Misfit(1, "path", "has no `spec.type`", "known: ports")
    assert text == TEXT
