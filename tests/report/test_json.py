"""What a program reads of a problem."""

from __future__ import annotations

import json

from mlops_spec.diagnostic import Place, Related, error, warning
from mlops_spec.report.json import render

PLACE = Place("a folder/mlops.yaml", 3, 7)
FOUND = [
    error(
        "MS013", "twice: 100%, really", PLACE, "models.churn", "remove one", Related("first", PLACE._replace(line=1))
    )._replace(environments=("prod", "staging")),
    warning("MS204", "no gate", None, "pipelines.train"),
    warning("MS205", "nothing known", None),
]


def test_json_holds_every_field() -> None:
    printed = json.loads(render(FOUND, {}))
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
