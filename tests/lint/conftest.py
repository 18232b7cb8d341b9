"""Rules are tried on specs that walk the whole corridor, from text on."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mlops_spec.compiler import Options, compile_spec
from mlops_spec.diagnostic import Diagnostic
from mlops_spec.lint.run import Choice, titles
from mlops_spec.source.files import Memory

Lint = Callable[..., list[Diagnostic]]
ALL = Choice()


@pytest.fixture
def lint() -> Lint:
    """Compile a spec, and return what the rules and the suppressions say of it."""

    def run(spec: str, choice: Choice = ALL, only: tuple[str, ...] = (), lock: str = "") -> list[Diagnostic]:
        files = {"mlops.yaml": spec, **({"mlops.lock.yaml": lock} if lock else {})}
        given = Memory({name: text.encode() for name, text in files.items()})
        done = compile_spec(given, "mlops.yaml", Options(only=only, rules=choice))
        assert all(environment.spec for environment in done.environments.values()), done.diagnostics
        return [d for d in done.diagnostics if d.code in titles()]

    return run
