"""What a compile does to the process that calls it, and what it makes of the environment `local`."""

from __future__ import annotations

import gc

import pytest

from mlops_spec.compiler import compile_spec
from mlops_spec.source.files import Memory

SPEC = b"apiVersion: mlops-spec/v1\nproject: {name: churn}\n"


@pytest.mark.parametrize("wanted", [True, False])
def test_a_compile_leaves_the_collector_as_it_found_it(wanted: bool) -> None:
    before = gc.isenabled()
    (gc.enable if wanted else gc.disable)()
    try:
        compile_spec(Memory({"mlops.yaml": SPEC}), "mlops.yaml")
        assert gc.isenabled() is wanted
        assert gc.get_freeze_count() == 0
    finally:
        (gc.enable if before else gc.disable)()


LOCAL = """\
apiVersion: mlops-spec/v1
project: {name: churn}
environments: {dev: {}, local: {overrides: {datasets: {rows: %s}}}}
datasets: {rows: {uri: "s3://acme/rows.csv", version: "s3-version:1"}}
"""


@pytest.mark.parametrize("override, code", [
    ('{uri: "file:rows.csv", version: per-run}', None),
    ('{urii: "file:rows.csv"}', "MS100"),
    ('{uri: "file:rows.csv", changes: {sqs: a, region: b, secret: nobody}}', "MS120"),
])  # fmt: skip
def test_what_is_local_is_checked_as_schema_and_names_and_not_rendered(override: str, code: str | None) -> None:
    result = compile_spec(Memory({"mlops.yaml": (LOCAL % override).encode()}), "mlops.yaml")
    found = [(d.code, d.environments) for d in result.diagnostics]
    assert found == ([(code, ("local",))] if code else [])
    assert not any(path.startswith("local/") for path in result.tree)
