"""The table of effects in the docs is that of the code: what a reviewer reads there is what a comment says."""

from __future__ import annotations

from pathlib import Path

from mlops_spec.blueprint.effects import Effect

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "review-a-change.md"


def test_every_effect_is_explained_what_weighs_most_first() -> None:
    rows = "\n".join(f"| {effect.words} | {effect.meaning} |" for effect in sorted(Effect, reverse=True))
    assert f"| --- | --- |\n{rows}\n\n" in PAGE.read_text("utf-8")
