"""The example of the documentation with another system in the place of one of its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from mlops_spec.compiler import Compilation, compile_spec
from mlops_spec.source.files import Memory

CHURN = Path(__file__).parents[1] / "examples" / "churn"


def churn(orchestrator: str, options: dict[str, Any], **replaced: str) -> Compilation:
    """Compile churn with another orchestrator, with its texts ``replaced``."""
    raw = {name: text.encode() for name, text in texts(orchestrator, options, **replaced).items()}
    return compile_spec(Memory(raw), "mlops.yaml")


def texts(orchestrator: str, options: dict[str, Any], **replaced: str) -> dict[str, str]:
    """Return churn's files with another orchestrator; its schedule is in UTC, and texts are ``replaced`` in its spec."""
    found = {str(path.relative_to(CHURN)): path.read_text("utf-8") for path in CHURN.rglob("*.yaml")}
    said = f"  orchestrator: {json.dumps({'backend': orchestrator, **options})}"
    platform = found["platform/base.mlops.yaml"].split("\n")
    found["platform/base.mlops.yaml"] = "\n".join(
        said if line.startswith("  orchestrator:") else line for line in platform
    )
    spec = found["mlops.yaml"].replace("Europe/Berlin", "UTC")
    for before, after in replaced.items():
        assert before in spec
        spec = spec.replace(before, after)
    return {**found, "mlops.yaml": spec}
