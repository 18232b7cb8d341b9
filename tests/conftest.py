"""What every test may use: specs written in the test itself, read as the compiler reads them."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator
from pathlib import Path

import pytest
from hypothesis import settings

from mlops_spec.language.layers import Loaded, load
from mlops_spec.source.files import Memory

pytest_plugins = ["tests.kept_templates", "tests.oracles"]
settings.register_profile("no test asserts a time", deadline=None)
settings.load_profile("no test asserts a time")
ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of CRDs and tools; what needs it is skipped visibly where there is none."""
    folder = Path(os.environ.get("MLOPS_SPEC_SHARED", ROOT.parent / "shared"))
    if not folder.is_dir():
        pytest.skip("MLOPS_SPEC_SHARED names no folder")
    return folder


@pytest.fixture
def loaded() -> Callable[..., Loaded]:
    """Load files given as keywords or a mapping; the spec is ``mlops.yaml``. Fails the test where it does not load."""

    def make(spec: str, **others: str) -> Loaded:
        texts = {"mlops.yaml": spec, **{name.replace("__", "."): text for name, text in others.items()}}
        result, problems = load(Memory({name: text.encode() for name, text in texts.items()}), "mlops.yaml")
        assert result is not None, problems
        return result

    return make


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where CI says so, a skip is a failure: what could not be proven was not proven."""
    report = yield
    if report.skipped and os.environ.get("MLOPS_SPEC_NO_SKIP"):
        report.outcome = "failed"
    return report
