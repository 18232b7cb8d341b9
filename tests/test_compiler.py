"""What a compile does to the process that calls it."""

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
