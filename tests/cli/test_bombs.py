"""Specs made to exhaust the machine end as problems, in a process that may have a gigabyte and half a minute of it."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

HEAD = "apiVersion: mlops-spec/v1\nproject: {name: x}\n"
MEMORY, SECONDS = 1 << 30, 30
FIT = {"image": "registry.acme.example/fit:1", "command": ["fit"]}
Bomb = Callable[[Path], str]


def said(**sections: object) -> str:
    return json.dumps({"apiVersion": "mlops-spec/v1", "project": {"name": "x"}, **sections})


def variables(*texts: str) -> str:
    return said(variables={f"v{n}": {"type": "string", "default": text} for n, text in enumerate(texts)})


def naming(number: int) -> str:
    return f"${{{{ variables.v{number} }}}}"


def layers(root: Path) -> str:
    for number in range(2000):
        (root / f"l{number}.yaml").write_text(f"apiVersion: mlops-spec/v1\nextends: [l{number + 1}.yaml]\n")
    return said(extends=["l0.yaml"])


def sparse(root: Path) -> str:
    with (root / "part.yaml").open("wb") as file:
        file.truncate(1 << 40)
    return said(include=["part.yaml"])


def crowded(root: Path) -> str:
    for number in range(20_000):
        (root / f"m{number}.yaml").touch()
    return said(include=["missing.yaml"])


def endless(root: Path) -> str:
    (root / "part.yaml").symlink_to("/dev/zero")
    return said(include=["part.yaml"])


BOMBS: dict[str, tuple[Bomb, str]] = {
    "brackets": (lambda _: HEAD + "variables: " + "[" * 25_000 + "\n", "MS007"),
    "braces": (lambda _: HEAD + "variables: " + "{a: " * 25_000 + "\n", "MS007"),
    "aliases": (
        lambda _: HEAD + "variables:\n  a0: &a0 [x, x]\n" + "".join(f"  a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 45)),
        "MS011",
    ),
    "merge keys": (
        lambda _: HEAD + "variables:\n  a0: &a0 {x: 1}\n" + "".join(f"  a{n}: &a{n} {{<<: [*a{n - 1}, *a{n - 1}]}}\n" for n in range(1, 30)),
        "MS012",
    ),
    "base 60": (lambda _: HEAD + "variables: {a: 1" + ":59" * 300_000 + "}\n", "MS020"),
    "digits": (lambda _: HEAD + "variables: {a: " + "9" * 5000 + "}\n", "MS019"),
    "a mebibyte": (lambda _: HEAD + "#" * (1 << 20) + "\n", "MS001"),
    "a tebibyte": (sparse, "MS001"),
    "a device": (endless, "MS031"),
    "many neighbours": (crowded, "MS032"),
    "layers": (layers, "MS057"),
    "a chain of values": (lambda _: variables(*(naming(n + 1) for n in range(8000)), "x"), "MS087"),
    "values that grow": (lambda _: variables(*(naming(n + 1) * 10 for n in range(12)), "0123456789"), "MS088"),
    "a long value everywhere": (lambda _: variables("x" * 500_000, *("a" + naming(0) for _ in range(5000))), "MS088"),
    "environments": (lambda _: said(environments={f"e{n}": {} for n in range(5000)}), "MS062"),
    "steps": (lambda _: said(pipelines={"p": {"steps": {f"s{n}": FIT for n in range(5000)}}}), "MS106"),
    "a circle of steps": (
        lambda _: said(pipelines={"p": {"steps": {f"s{n}": {**FIT, "after": [f"s{(n + 1) % 1000}"]} for n in range(1000)}}}),
        "MS123",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_a_problem_within_bounds(here: Path, name: str) -> None:
    write, code = BOMBS[name]
    (here / "mlops.yaml").write_text(write(here))

    def bounded() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))

    command = [sys.executable, "-m", "mlops_spec", "lint", "--format", "json"]
    done = subprocess.run(command, preexec_fn=bounded, capture_output=True, check=False)
    assert done.returncode in (1, 3), done.stderr[-500:]
    assert code in set(codes(done.stdout))
    assert b"Traceback" not in done.stderr


def codes(printed: bytes) -> Iterator[str]:
    for problem in json.loads(printed)["diagnostics"]:
        yield problem["code"]
