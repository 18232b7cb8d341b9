"""``mlops-spec schema``: what editors complete and check by."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema_rs


def test_the_schema_that_is_printed_takes_a_spec_and_refuses_a_typo(here: Path, mlops: Callable[..., Any]) -> None:
    ran = mlops("schema")
    assert (ran.code, ran.err) == (0, "")
    validator = jsonschema_rs.Draft202012Validator(json.loads(ran.out))
    spec = {"apiVersion": "mlops-spec/v1", "project": {"name": "hello"}}
    assert validator.is_valid(spec)
    assert not validator.is_valid({**spec, "piplines": {}})
