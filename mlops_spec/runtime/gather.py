"""``gather``: leaves the list of what each item of a ``foreach`` has left, where the orchestrator keeps the URIs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from mlops_spec.runtime.program import Configuration, output_path


def run(configuration: Configuration, values: Sequence[str], environment: Mapping[str, str]) -> dict[str, Any]:
    """Write the ``values``, which are URIs, as a JSON list. Raises Failed."""
    path = output_path(environment, configuration["output"])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(list(values), ensure_ascii=False), encoding="utf-8")
    return {"output": configuration["output"], "uris": len(values)}
