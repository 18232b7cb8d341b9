"""The Code Quality report of GitLab: the five fields that it reads, and fingerprints that outlive an edit."""

from __future__ import annotations

import json

from mlops_spec.diagnostic import Diagnostic, Place
from mlops_spec.report.gitlab import render


def test_each_problem_is_a_finding_on_its_line(problems: list[Diagnostic]) -> None:
    first, *others = json.loads(render(problems))
    assert first.pop("fingerprint")
    assert first == {
        "description": "twice: 100%, really; in prod, staging; remove one",
        "check_name": "MS013",
        "severity": "critical",
        "location": {"path": "a folder/mlops.yaml", "lines": {"begin": 3}},
    }
    assert [each["severity"] for each in others] == ["minor", "minor"]
    assert [each["location"] for each in others] == [{"path": ".", "lines": {"begin": 1}}] * 2


def prints(problems: list[Diagnostic]) -> list[str]:
    return [each["fingerprint"] for each in json.loads(render(problems))]


def test_a_fingerprint_is_of_one_finding_and_stays_while_lines_move(problems: list[Diagnostic]) -> None:
    twice = [problems[0], problems[0]._replace(place=Place("a folder/mlops.yaml", 9, 1)), *problems[1:]]
    assert len({*prints(twice)}) == 4
    moved = [each._replace(place=each.place and each.place._replace(line=70)) for each in problems]
    assert prints(moved) == prints(problems)
    assert prints([problems[0]._replace(message="otherwise")]) != prints(problems[:1])
