"""What is printed of all orchestrators side by side."""

from __future__ import annotations

from tests.readers.__main__ import lines


def test_every_step_and_every_limit_is_shown() -> None:
    shown = list(lines("prod"))
    steps = {line.strip() for line in shown if line.startswith("\n  ")}
    assert {"begin", "prepare", "fit", "evaluate", "by-region", "card", "good-enough", "register"} < steps
    assert "    all                      after: begin, fit, prepare" in shown
    assert "    argo                     items: eu, us" in shown
    limits = shown[shown.index("\nlimits of vertex") :]
    assert any("`pipelines.train.timeout` cannot be had on vertex" in line for line in limits)
