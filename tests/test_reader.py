"""The reader of pages notices what is not so."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.reader import Reader

SPEC = '```yaml title="mlops.yaml"\napiVersion: mlops-spec/v1\nproject: {name: hello}\n```\n'


@pytest.fixture
def reader(tmp_path: Path) -> Reader:
    return Reader(tmp_path)


def test_a_command_is_run_where_the_last_one_ended(reader: Reader) -> None:
    page = "```console\n$ mkdir a && cd a\n$ touch b \\\n    c\n```\n\nThen:\n\n```console\n$ ls\nnothing\n```\n"
    assert reader.follow(page) == page.replace("nothing", "b\nc")


def test_a_block_with_a_title_is_a_file_or_the_sections_to_replace(reader: Reader) -> None:
    page = f'{SPEC}\n```yaml title="mlops.yaml"\nproject: {{name: other}}\ncompute: {{}}\n```\n'
    reader.follow(page)
    assert (
        reader.here / "mlops.yaml"
    ).read_text() == "apiVersion: mlops-spec/v1\nproject: {name: other}\ncompute: {}\n"


@pytest.mark.parametrize(
    "wrong",
    [
        SPEC.replace("hello", "Hello World"),
        "```yaml\napiVersion: mlops-spec/v1\nproject: {naem: hello}\n```\n",
        "```yaml\nmodels: {churn: {serving: {replica: {min: 1}}}}\n```\n",
        "```yaml\nmodel: {}\n```\n",
        "```python\nprint()\n```\n",
    ],
)
def test_what_is_no_spec_and_what_nobody_checks_is_refused(wrong: str, reader: Reader) -> None:
    with pytest.raises(AssertionError):
        reader.follow(wrong)
