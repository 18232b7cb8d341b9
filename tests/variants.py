"""The example of the documentation with another system in the place of one of its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from mlops_spec.compiler import Compilation, compile_spec
from mlops_spec.source.files import Memory

CHURN = Path(__file__).parents[1] / "examples" / "churn"


def churn(orchestrator: str, options: dict[str, Any], **replaced: str) -> Compilation:
    """Compile churn with another orchestrator; its schedule is in UTC, and texts are ``replaced`` in its spec."""
    texts = {str(path.relative_to(CHURN)): path.read_bytes() for path in CHURN.rglob("*") if path.is_file()}
    said = f"  orchestrator: {json.dumps({'backend': orchestrator, **options})}"
    platform = texts["platform/base.mlops.yaml"].decode().split("\n")
    changed = (said if line.startswith("  orchestrator:") else line for line in platform)
    texts["platform/base.mlops.yaml"] = "\n".join(changed).encode()
    spec = texts["mlops.yaml"].decode().replace("Europe/Berlin", "UTC")
    for before, after in replaced.items():
        assert before in spec
        spec = spec.replace(before, after)
    texts["mlops.yaml"] = spec.encode()
    return compile_spec(Memory(texts), "mlops.yaml")
