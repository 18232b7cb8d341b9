"""What a pull request looks like: changing one value changes the lines that say it, and no others."""

from __future__ import annotations

import difflib
from pathlib import Path

from mlops_spec.compiler import compile_spec
from mlops_spec.source.files import Memory

CHURN = Path(__file__).parent.parent / "examples" / "churn"
FILES = {str(path.relative_to(CHURN)): path.read_text("utf-8") for path in CHURN.rglob("*.yaml")}


def rendered(files: dict[str, str]) -> dict[str, str]:
    return compile_spec(Memory({name: text.encode() for name, text in files.items()}), "mlops.yaml").tree


def changed(old: str, new: str) -> list[str]:
    """Replace a text of the spec; return the changed lines of all rendered files, each behind its path."""
    spec = FILES["mlops.yaml"]
    assert spec.count(old) == 1
    before, after = rendered(FILES), rendered({**FILES, "mlops.yaml": spec.replace(old, new)})
    assert before.keys() == after.keys()
    return [
        f"{path}: {line}"
        for path in before
        for line in difflib.ndiff(before[path].splitlines(), after[path].splitlines())
        if line[0] in "+-"
    ]


def test_a_timeout_for_prod_alone_is_one_line_of_prod() -> None:
    path = "prod/pipelines/workflowtemplate-train.yaml"
    assert changed(
        "    overrides:                 ", "    overrides:\n      pipelines: {train: {timeout: 8h}}\n# "
    ) == [
        f"{path}: -   activeDeadlineSeconds: 21600",
        f"{path}: +   activeDeadlineSeconds: 28800",
    ]


def test_a_schedule_is_one_line_of_what_starts_it_and_of_what_misses_it() -> None:
    lines = changed('cron: "0 3 * * 1"', 'cron: "0 4 * * 1"')
    files = ("configmap-train-poll.yaml", "cronworkflow-train.yaml")
    held = [f"{environment}/pipelines/{file}" for environment in ("dev", "staging", "prod") for file in files]
    assert [line.partition(":")[0] for line in lines] == [path for path in held for _ in "-+"]


def test_the_order_in_which_files_are_found_changes_nothing() -> None:
    assert rendered(dict(reversed(FILES.items()))) == rendered(FILES)


def test_line_ends_and_a_byte_order_mark_change_nothing() -> None:
    windows = {name: "\ufeff" + text.replace("\n", "\r\n") for name, text in FILES.items()}
    assert rendered(windows) == rendered(FILES)
