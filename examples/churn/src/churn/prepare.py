"""Check the customers, and say of each whether it is to train or to test with."""

from __future__ import annotations

import argparse
import hashlib

import pandas as pd

from churn.table import FEATURES, LABEL, SPLIT, TEST, TRAIN, read


def split(customer: int, test_size: float) -> str:
    """Say what a customer is for: always the same, however many others there are."""
    share = int.from_bytes(hashlib.sha256(str(customer).encode()).digest()[:4], "big") / 2**32
    return TEST if share < test_size else TRAIN


def prepare(customers: pd.DataFrame, test_size: float) -> pd.DataFrame:
    """Return the rows that can be learned from."""
    rows = customers.dropna(subset=[*FEATURES, LABEL]).drop_duplicates("customer_id", keep="last")
    if rows.empty:
        raise SystemExit("there are no customers to learn from")
    return rows.assign(**{SPLIT: [split(customer, test_size) for customer in rows["customer_id"]]})


def main() -> None:
    """Read, prepare, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", required=True)
    parser.add_argument("--test-size", type=float, required=True)
    parser.add_argument("--out", required=True)
    told = parser.parse_args()
    table = prepare(read(told.customers), told.test_size)
    table.to_parquet(told.out, index=False)
    print(table[SPLIT].value_counts().to_string())


if __name__ == "__main__":
    main()
