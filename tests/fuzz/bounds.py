"""How long the fuzzing goes on: a bounded, repeatable run with the other tests; as long as one likes otherwise.

``MLOPS_SPEC_FUZZ_EXAMPLES=100000 pytest tests/fuzz`` looks for what no run has found yet. What it finds is mended, and
the input kept below ``corpus/``, from where every run plays it again.
"""

from __future__ import annotations

import os
from pathlib import Path

from hypothesis import HealthCheck, settings

CORPUS = Path(__file__).parent / "corpus"
_ASKED = os.environ.get("MLOPS_SPEC_FUZZ_EXAMPLES")


def bounded(usual: int) -> settings:
    """Settings for a target of which a run with the other tests tries ``usual`` examples, always the same."""
    return settings(
        max_examples=int(_ASKED) if _ASKED else usual,
        derandomize=_ASKED is None or "MLOPS_SPEC_NO_SKIP" in os.environ,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


def kept(target: str) -> list[Path]:
    """The inputs that once broke ``target``."""
    return sorted(path for path in (CORPUS / target).iterdir() if path.is_file())
