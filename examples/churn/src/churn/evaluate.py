"""Measure a model with the rows that it has not seen: all of them, or those of a region."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import mlflow.sklearn
from sklearn.metrics import accuracy_score, log_loss, roc_auc_score

from churn.table import TEST, part, read


def main() -> None:
    """Read, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--region")
    parser.add_argument("--model", required=True)
    parser.add_argument("--table", required=True)
    parser.add_argument("--metrics", required=True)
    told = parser.parse_args()
    table = read(told.table)
    if told.region is not None:
        table = table[table["region"] == told.region]
    features, labels = part(table, TEST)
    scores = mlflow.sklearn.load_model(told.model).predict_proba(features)[:, 1]
    metrics = {
        "auc": roc_auc_score(labels, scores),
        "accuracy": accuracy_score(labels, scores >= 0.5),
        "log_loss": log_loss(labels, scores),
        "rows": len(features),
    }
    of = {"region": told.region} if told.region is not None else {}
    Path(told.metrics).write_text(json.dumps({**of, **metrics}))
    print(told.region or "all", metrics)


if __name__ == "__main__":
    main()
