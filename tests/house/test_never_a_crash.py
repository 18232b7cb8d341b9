"""Whatever a user does to a spec, the compiler answers with problems, never with a crash."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from mlops_spec.compiler import compile_spec
from mlops_spec.diagnostic import Severity
from mlops_spec.source.files import Memory

CHURN = Path(__file__).parents[2] / "examples" / "churn"
FILES = {str(path.relative_to(CHURN)): path.read_text("utf-8") for path in CHURN.rglob("*.yaml")}
VALUES = ["[]", "{}", "null", "3", "true", '"x"', "[{a: b}]", "{a: {b: c}}", '"${{ variables.image_repo }}"', '"${{ inputs.x }}"', "6h", '"{{x}}"']  # fmt: skip
KEYS = ["x", "name", "only", "backend", "from", "steps", "inputs"]
ROUNDS, EACH = 8, 12


def mutated(text: str, chosen: random.Random) -> str:
    """Do to a file what an editor's slip does: lose a line, a word or a bracket, or put something else in place."""
    lines = text.split("\n")
    line = chosen.randrange(len(lines))
    match chosen.randrange(5):
        case 0:
            del lines[line]
            return "\n".join(lines)
        case 1:
            found = list(re.finditer(r"(?<=: )[^,{}\[\]\n#]+", text))
            put = chosen.choice(VALUES) + " "
        case 2:
            found = list(re.finditer(r"[A-Za-z_-]+(?=:)", text))
            put = chosen.choice(KEYS)
        case 3:
            found = list(re.finditer(r"\[[^\[\]\n]*\]|\{[^{}\n]*\}", text))
            put = chosen.choice(VALUES)
        case _:
            start = chosen.randrange(len(text))
            return text[:start] + text[start + chosen.randint(1, 6) :]
    if not found:
        return text
    place = chosen.choice(found)
    return text[: place.start()] + put + text[place.end() :]


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_a_slip_of_the_editor_is_a_problem_with_a_place(seed: int) -> None:
    chosen = random.Random(seed)
    for _ in range(EACH):
        files = dict(FILES)
        for name in chosen.choices(list(files), k=chosen.randint(1, 3)):
            files[name] = mutated(files[name], chosen)
        result = compile_spec(Memory({name: text.encode() for name, text in files.items()}), "mlops.yaml")
        assert all(d.place is not None for d in result.diagnostics if d.severity is Severity.ERROR), files
