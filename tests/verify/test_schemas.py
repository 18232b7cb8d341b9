"""Custom objects against the schemas of their CRDs."""

from __future__ import annotations

import subprocess
import sys

import pytest

from mlops_spec.verify.schemas import open_schemas, strict

CRD = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: toys.acme.example
spec:
  group: acme.example
  names:
    plural: toys
    kind: Toy
  scope: Namespaced
  versions:
    - name: v0
      served: false
      storage: false
      schema: {openAPIV3Schema: {type: object}}
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
            apiVersion: {type: string}
            kind: {type: string}
            metadata: {type: object}
            spec:
              type: object
              required: [size, colour]
              properties:
                size: {type: string, enum: [small, large]}
                colour: {type: string, default: red}
                count: {type: integer, minimum: 1}
                port: {x-kubernetes-int-or-string: true, anyOf: [{type: integer}, {type: string}]}
                name: {type: string, pattern: '^[[:alpha:]]+$'}
                code: {type: string, pattern: '^[a-z]+$'}
                gone: {type: string, nullable: true}
                free: {type: object, x-kubernetes-preserve-unknown-fields: true}
                texts: {type: object, additionalProperties: {type: string}}
                parts: {type: array, items: {type: object, properties: {id: {type: string}}}}
              oneOf:
                - required: [count]
                - required: [port]
"""


@pytest.fixture
def schemas(tmp_path):
    (tmp_path / "toys.yaml").write_text(CRD)
    problems = []
    found = open_schemas(tmp_path, problems)
    assert problems == []
    return found


def toy(version="v1", metadata=None, **spec):
    spec = {"size": "small", "count": 1, **spec}
    return {
        "apiVersion": f"acme.example/{version}", "kind": "Toy", "metadata": metadata or {"name": "a"},
        "spec": {key: value for key, value in spec.items() if value != "-"},
    }  # fmt: skip


@pytest.mark.parametrize("spec", [
    {}, {"colour": "blue"}, {"count": "-", "port": 80}, {"count": "-", "port": "http"}, {"name": "7"}, {"gone": None},
    {"free": {"any": {"thing": 1}}}, {"texts": {"any": "text"}}, {"parts": [{"id": "a"}]},
])  # fmt: skip
def test_what_a_crd_allows(schemas, spec):
    assert list(schemas.faults(toy(**spec))) == []


@pytest.mark.parametrize("spec, field, message", [
    ({"sise": "small"}, ("spec", "sise"), "did you mean size?"),
    ({"size": "-"}, ("spec",), "the field size is missing"),
    ({"size": "huge"}, ("spec", "size"), "one of small, large"),
    ({"count": "1"}, ("spec", "count"), "should be of type integer"),
    ({"count": 0}, ("spec", "count"), "less than the minimum"),
    ({"code": "A"}, ("spec", "code"), "does not match"),
    ({"port": 80}, ("spec",), "more than one"),
    ({"count": "-", "port": True}, ("spec", "port"), "should be of type"),
    ({"texts": {"any": 1}}, ("spec", "texts", "any"), "should be of type"),
    ({"parts": [{"ID": "a"}]}, ("spec", "parts", 0, "ID"), "there is no field ID"),
    ({"metadata": {"name": "a", "label": {}}}, ("metadata", "label"), "did you mean labels?"),
    ({"metadata": {"name": "a", "labels": {"a": 1}}}, ("metadata", "labels", "a"), "should be of type"),
    ({"version": "v0"}, ("apiVersion",), "Toy has no version v0: known: v1"),
])  # fmt: skip
def test_what_a_crd_has_against_an_object(schemas, spec, field, message):
    (fault,) = schemas.faults(toy(**spec))
    assert fault.field == field
    assert message in fault.message


def test_kinds_without_a_crd_are_left_alone(schemas):
    assert list(schemas.faults({"apiVersion": "v1", "kind": "Toy"})) == []
    assert list(schemas.faults({})) == []


def test_a_folder_without_crds_is_said(tmp_path):
    problems = []
    (tmp_path / "other.yaml").write_text("kind: ConfigMap\n")
    assert open_schemas(tmp_path, problems) is None
    assert [problem.code for problem in problems] == ["MS188"]


@pytest.mark.long
def test_every_real_crd_can_be_read(shared):
    import yaml
    from jsonschema import Draft4Validator

    found = sorted(shared.glob("crds/argoproj.io/*.yaml"))
    assert found
    for path in found:
        for version in yaml.load(path.read_text(), yaml.CSafeLoader)["spec"]["versions"]:
            Draft4Validator.check_schema(strict(version["schema"]["openAPIV3Schema"]))


def test_jsonschema_is_imported_only_with_crds():
    script = "import sys, mlops_spec.verify; assert not {m for m in sys.modules if m.partition('.')[0] == 'jsonschema'}"
    subprocess.run([sys.executable, "-c", script], check=True)
