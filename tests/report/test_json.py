"""What a program reads of a problem."""

from __future__ import annotations

import json

from mlops_spec.diagnostic import Diagnostic
from mlops_spec.report.json import render


def test_json_holds_every_field(problems: list[Diagnostic]) -> None:
    printed = json.loads(render(problems, {}))
    assert printed["summary"] == {"errors": 1, "warnings": 2}
    assert printed["diagnostics"][0] == {
        "severity": "error",
        "code": "MS013",
        "message": "twice: 100%, really",
        "file": "a folder/mlops.yaml",
        "line": 3,
        "column": 7,
        "address": "models.churn",
        "hint": "remove one",
        "related": [{"message": "first", "file": "a folder/mlops.yaml", "line": 1, "column": 7}],
        "environments": ["prod", "staging"],
    }
    assert printed["diagnostics"][1]["file"] is None
