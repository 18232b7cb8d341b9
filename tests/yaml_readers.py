"""Readers of YAML 1.1 and 1.2, and lines that tempt them."""

from typing import Any

import pytest
import yaml
from hypothesis import strategies as st
from ruamel.yaml import YAML

LINES = st.text(st.sampled_from("ab \t#:-\n'\"\\|>é😀\x85\u2028\x7f\r"), max_size=30)


def read_by_libyaml(text: str) -> Any:
    return yaml.load(text, Loader=yaml.CSafeLoader)


def read_as_yaml_1_2(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(text)


READERS = pytest.mark.parametrize("read", [read_by_libyaml, read_as_yaml_1_2])
