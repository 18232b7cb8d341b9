"""No secret of a spec is quoted in a report."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlops_spec.cli.masking import masked
from mlops_spec.diagnostic import Place

RANDOM = "wJalrXUtnFEMI7K7MDENGbPxRfiCYEXAMPLEKEY"
WEBHOOK = "https://hooks.slack.com/services/T0123/B0123/abcDEF"


@pytest.mark.parametrize(
    "line, shown",
    [
        (f"env: {{LEVEL: info, API_TOKEN: {RANDOM}}}", "env: {LEVEL: info, API_TOKEN: …}"),
        (f'API_TOKEN: "{RANDOM}"  # new', "API_TOKEN: …  # new"),
        ("DB_PASSWORD: correct-horse", "DB_PASSWORD: …"),
        (f"url: {WEBHOOK}", "url: …"),
        (f"args: [--url, {WEBHOOK}]", "args: [--url, …]"),
        ("uri: postgresql://scott:tiger@db.acme.example/x", "uri: …"),
        ("uri: postgresql://db.acme.example/x", "uri: postgresql://db.acme.example/x"),
        ('API_TOKEN: "${{ secrets.api.token }}"', 'API_TOKEN: "${{ secrets.api.token }}"'),
        ("key: customer_id", "key: customer_id"),
    ],
)
def test_only_what_is_a_secret_is_masked(line: str, shown: str) -> None:
    assert masked(f"a: 1\n{line}\n", [Place("mlops.yaml", 2, 1)]) == f"a: 1\n{shown}\n"


def test_columns_behind_a_secret_stay_right() -> None:
    line = f"env: {{API_TOKEN: {RANDOM}, LEVLE: info}}"
    column = line.index("LEVLE") + 1
    shown = masked(line, [Place("mlops.yaml", 1, 1), Place("mlops.yaml", 1, column)])
    assert RANDOM not in shown
    assert shown[column - 1 :] == "LEVLE: info}"
    assert masked(line, [Place("mlops.yaml", 1, 1)]) == "env: {API_TOKEN: …, LEVLE: info}"


def test_a_problem_beside_a_secret_does_not_show_it(hello: Path, mlops: Callable[..., Any]) -> None:
    spec = hello / "mlops.yaml"
    spec.write_text(spec.read_text().replace("timeout: 6h", f"nv: {{API_TOKEN: {RANDOM}}}"))
    code, out, _ = mlops("lint")
    assert code == 1
    assert "nv: {API_TOKEN: …}" in out
    assert RANDOM not in out
    assert RANDOM not in mlops("lint", "--format", "json").out


def test_a_secret_in_plain_sight_is_told_without_its_value(hello: Path, mlops: Callable[..., Any]) -> None:
    spec = hello / "mlops.yaml"
    spec.write_text(f"{spec.read_text()}        env: {{API_TOKEN: {RANDOM}}}\n")
    for form in ("text", "json", "sarif", "github"):
        code, out, _ = mlops("lint", "--format", form)
        assert code == 1
        assert "MS281" in out
        assert RANDOM not in out
