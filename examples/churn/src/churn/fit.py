"""Train the classifier, and leave it as an MLflow model that says what it takes."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import mlflow.sklearn
import pandas as pd
from mlflow.models import infer_signature
from sklearn.compose import make_column_transformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder

from churn.table import TRAIN, part, read

TRUSTED = ["sklearn.tree._tree.Tree"]
"""What a model file may hold beside plain data: this program makes the trees itself."""


def fit(features: pd.DataFrame, labels: pd.Series, max_depth: int) -> Pipeline:
    """Return a trained model."""
    plans = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore", sparse_output=False), ["plan"]), remainder="passthrough"
    )
    trees = RandomForestClassifier(n_estimators=100, max_depth=max_depth, min_samples_leaf=10, random_state=0)
    return make_pipeline(plans, trees).fit(features, labels)


def main() -> None:
    """Read, train, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--table", required=True)
    parser.add_argument("--max-depth", type=int, required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--metrics", required=True)
    told = parser.parse_args()
    features, labels = part(read(told.table), TRAIN)
    features = features.astype({"tenure": "float64"})  # where a request lacks it, it is no integer
    model = fit(features, labels, told.max_depth)
    signature = infer_signature(features, model.predict(features))
    mlflow.sklearn.save_model(
        model, told.model, signature=signature, input_example=features.head(3), skops_trusted_types=TRUSTED
    )
    auc = roc_auc_score(labels, model.predict_proba(features)[:, 1])
    Path(told.metrics).write_text(json.dumps({"train_auc": auc, "train_rows": len(features)}))


if __name__ == "__main__":
    main()
