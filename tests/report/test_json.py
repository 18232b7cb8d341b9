"""What a program reads of a problem."""

from __future__ import annotations

import json

from mlops_spec.diagnostic import Diagnostic, Place, Repair
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
        "repair": None,
    }
    assert printed["diagnostics"][1]["file"] is None


def test_json_holds_repairs_and_what_was_repaired(problems: list[Diagnostic]) -> None:
    mended = problems[0]._replace(repair=Repair(Place("mlops.yaml", 3, 7), None, (0, 600)))
    printed = json.loads(render(problems[1:], {}, [mended]))
    assert [d["code"] for d in printed["diagnostics"]] == [d.code for d in problems[1:]]
    assert printed["repaired"][0]["repair"] == {
        "file": "mlops.yaml",
        "line": 3,
        "column": 7,
        "key": None,
        "value": [0, 600],
    }
    assert "repaired" not in json.loads(render(problems, {}))
