"""Run by an interpreter that has Evidently: what it finds for each drift method and each metric of a monitor.

Reads ``{"drift": [[method, threshold, kind], ...], "metrics": [name, ...]}`` and prints, for each method, the scores and
verdicts on rows that stayed and rows that moved, and for each metric its value beside scikit-learn's.
"""

# mypy: ignore-errors
from __future__ import annotations

import json
import sys
from typing import Any

import numpy as np
import pandas as pd
from evidently import BinaryClassification, DataDefinition, Dataset, Regression, Report
from evidently import metrics as computed
from sklearn import metrics as independent

CLASSES = {
    "accuracy": "Accuracy", "auc": "RocAuc", "f1": "F1Score", "log_loss": "LogLoss", "precision": "Precision",
    "recall": "Recall",
}  # fmt: skip
NUMBERS = {"mae": "MAE", "mape": "MAPE", "r2": "R2Score", "rmse": "RMSE"}
ROWS = 2000


def drift(method: str, threshold: float, kind: str) -> dict[str, Any]:
    random = np.random.default_rng(7)

    def rows(moved: bool) -> Dataset:
        if kind == "numerical":
            column = random.normal(3 if moved else 0, 1, ROWS)
        else:
            column = random.choice(["a", "b"], ROWS, p=[0.1, 0.9] if moved else [0.6, 0.4])
        definition = DataDefinition(**{f"{kind}_columns": ["column"]})
        return Dataset.from_pandas(pd.DataFrame({"column": column}), definition)

    reference, found = rows(False), {}
    for name, current in (("stayed", rows(False)), ("moved", rows(True))):
        report = Report([computed.ValueDrift(column="column", method=method, threshold=threshold)], include_tests=True)
        result = report.run(current_data=current, reference_data=reference).dict()
        found[name] = [float(result["metrics"][0]["value"]), str(result["tests"][0]["status"])]
    return found


def metric(name: str) -> list[float]:
    random = np.random.default_rng(7)
    if name in CLASSES:
        truth = random.integers(0, 2, ROWS)
        score = np.clip(truth * 0.4 + random.uniform(0, 0.6, ROWS), 0.01, 0.99)
        frame = pd.DataFrame({"truth": truth, "label": (score > 0.5).astype(int), "score": score})
        kind: Any = BinaryClassification(
            target="truth", prediction_labels="label", prediction_probas="score", pos_label=1
        )
        definition = DataDefinition(classification=[kind])
        probable = name in ("auc", "log_loss")
        theirs = {"auc": "roc_auc_score", "log_loss": "log_loss"}.get(name, f"{name}_score")
        wanted = getattr(independent, theirs)(truth, score if probable else frame["label"])
        metric_class = getattr(computed, CLASSES[name])
    else:
        truth = random.uniform(1, 2, ROWS)
        frame = pd.DataFrame({"truth": truth, "guess": truth + random.normal(0, 0.1, ROWS)})
        definition = DataDefinition(regression=[Regression(target="truth", prediction="guess")])
        theirs = {
            "mae": "mean_absolute_error", "mape": "mean_absolute_percentage_error", "r2": "r2_score",
            "rmse": "root_mean_squared_error",
        }[name]  # fmt: skip
        wanted = getattr(independent, theirs)(truth, frame["guess"])
        metric_class = getattr(computed, NUMBERS[name])
    result = Report([metric_class()]).run(Dataset.from_pandas(frame, definition), None).dict()
    value = result["metrics"][0]["value"]
    return [float(value["mean"] if isinstance(value, dict) else value), float(wanted)]


asked = json.load(sys.stdin)
print(json.dumps({
    "drift": {f"{method} {kind}": drift(method, threshold, kind) for method, threshold, kind in asked["drift"]},
    "metrics": {name: metric(name) for name in asked["metrics"]},
}))  # fmt: skip
