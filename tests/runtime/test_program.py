"""Where a program of the runtime finds and leaves what it works on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mlops_spec.runtime.program import Failed, input_path, leave


def test_results_lie_each_in_its_file(tmp_path: Path) -> None:
    where = {f"MLOPS_RESULT_{name}": str(tmp_path / "below" / name) for name in ("RUN_ID", "DATE")}
    leave(where, {"run_id": "1", "date": "ä\n"})
    assert [(tmp_path / "below" / name).read_bytes() for name in ("RUN_ID", "DATE")] == [b"1", "ä\n".encode()]


def test_a_file_of_json_takes_all_results_that_belong_there(tmp_path: Path) -> None:
    one, other = str(tmp_path / "return.json"), str(tmp_path / "start")
    leave({"MLOPS_RESULT_A": one, "MLOPS_RESULT_B": one, "MLOPS_RESULT_C": other}, {"a": '"1"', "b": "2", "c": "3"})
    assert json.loads(Path(one).read_text()) == {"a": '"1"', "b": "2"}
    assert Path(other).read_text() == "3"


def test_a_place_that_the_compiler_did_not_say_is_a_failure() -> None:
    with pytest.raises(Failed, match="MLOPS_RESULT_A is not set"):
        leave({}, {"a": "1"})
    with pytest.raises(Failed, match="MLOPS_INPUT_TABLE is not set"):
        input_path({}, "table")
