"""The table of customers: where it is read from, and which of its columns the model sees."""

from __future__ import annotations

import pandas as pd
from pyarrow import parquet
from pyarrow.fs import FileSystem

FEATURES = ["tenure", "plan", "monthly_spend"]
LABEL = "churned"
SPLIT = "split"
TRAIN, TEST = "train", "test"


def read(where: str) -> pd.DataFrame:
    """Read a table from a path or a URI."""
    store, path = FileSystem.from_uri(where)
    return parquet.read_table(path, filesystem=store).to_pandas()


def part(table: pd.DataFrame, split: str) -> tuple[pd.DataFrame, pd.Series]:
    """Return the features and labels of the rows to train, or to test, with."""
    rows = table[table[SPLIT] == split]
    return rows[FEATURES], rows[LABEL]
