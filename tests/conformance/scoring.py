"""Run by an engine's own Python: makes models and rows, scores them, and holds the scores to the models themselves.

``make FOLDER ROWS`` prints the model's digest; ``compare FOLDER OUTPUT`` prints what there is, and what differs;
``shapes FOLDER ENGINE`` scores with a model of each shape of output, from parquet and from csv.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq
from mlflow.models import infer_signature
from mlflow.pyfunc import PythonModel
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder

from mlops_spec.runtime import score
from mlops_spec.runtime.register import digest_of

FILES, LACKING = 4, 7
"""Of the rows ``LACKING`` have no tenure, which the model cannot do without."""
FEATURES = ["tenure", "monthly_spend", "plan", "loyal"]
PLANS = ["basic", "plus", 'naïve, "quoted"']


def rows(count: int) -> pd.DataFrame:
    random = np.random.default_rng(17)
    tenure = pd.array(random.integers(0, 120, count), dtype="Int64")
    tenure[random.choice(count, LACKING, replace=False)] = pd.NA
    spend = pd.array(random.gamma(2, 30, count).round(2), dtype="Float64")
    spend[random.choice(count, count // 50, replace=False)] = pd.NA
    return pd.DataFrame(
        {
            "customer_id": np.arange(count),
            "tenure": tenure,
            "monthly_spend": spend,
            "plan": random.choice(PLANS, count),
            "loyal": random.random(count) > 0.4,
            "seen": pd.Timestamp("2026-03-01T05:00:00Z") + pd.to_timedelta(random.integers(0, 86400, count), "s"),
        }
    )


def features(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows that a model can score, as it takes them."""
    found = table.dropna(subset=["tenure"])[FEATURES]
    return found.astype({"tenure": "int64", "monthly_spend": "float64", "plan": object})


def trained(table: pd.DataFrame) -> Any:
    known = features(table).head(5000)
    value = known.tenure * 0.3 + known.monthly_spend.fillna(60) * np.where(known.loyal, 0.5, 1) + known.plan.str.len()
    encoded = make_column_transformer((OrdinalEncoder(), ["plan"]), remainder="passthrough")
    return make_pipeline(encoded, HistGradientBoostingRegressor(max_iter=20, random_state=0)).fit(known, value)


def make(folder: Path, count: int) -> dict[str, Any]:
    table = rows(count)
    known, model = features(table).head(5000), trained(table)
    taken = infer_signature(known, model.predict(known))
    mlflow.sklearn.save_model(model, folder / "model", signature=taken, serialization_format="cloudpickle")
    (folder / "rows" / "_log").mkdir(parents=True)
    (folder / "rows" / "_log" / "x.txt").write_text("no row")
    for index, part in enumerate(np.array_split(np.arange(count), FILES)):
        own = pa.Table.from_pandas(table.iloc[part], preserve_index=False)
        pq.write_table(
            own, folder / "rows" / f"part [{index}].parquet", row_group_size=len(part) // 3 + 1, coerce_timestamps="us"
        )
    return {"digest": digest_of(folder / "model"), "lacking": LACKING}


def compare(folder: Path, output: Path) -> dict[str, Any]:
    """Say how many rows there are, whether they are the input's own, and how far their scores are from the model's."""
    rows, scores = (
        ds.dataset(at, format="parquet").to_table().sort_by("customer_id") for at in (folder / "rows", output)
    )
    aside = ds.dataset(output / "_set_aside", format="parquet").to_table().to_pandas()
    kept = rows.filter(pc.invert(pc.is_in(rows["customer_id"], pa.array(aside.customer_id))))
    same = [name for name in kept.column_names if scores[name].cast(kept[name].type).equals(kept[name])]
    given, found = rows.to_pandas(), scores.to_pandas()
    wanted = mlflow.pyfunc.load_model(str(folder / "model")).predict(features(kept.to_pandas().convert_dtypes()))
    return {
        "rows": len(found),
        "aside": sorted(set(aside.set_aside_because)),
        "aside_rows": len(aside),
        "lost": sorted(set(given.customer_id) - set(found.customer_id) - set(aside.customer_id)),
        "altered": sorted(set(kept.column_names) - set(same)),
        "farthest": float(np.abs(found.prediction.to_numpy() - wanted).max()),
        "spread": float(np.std(wanted)),
        "stamps": {name: sorted({str(v) for v in found[name]}) for name in ("model_name", "model_version", "run_id")},
        "due": sorted({pd.Timestamp(v).isoformat() for v in found.scheduled_at}),
        "columns": list(found.columns),
    }


class Shape(PythonModel):
    """A model whose output has one of the shapes that a signature can say."""

    def __init__(self, shape: str) -> None:
        self.shape = shape

    def predict(self, context: Any, model_input: pd.DataFrame, params: dict[str, Any] | None = None) -> Any:
        """Return the same numbers in the shape asked for."""
        values = (model_input.tenure * 2 + model_input.loyal).to_numpy()
        return {
            "boolean": lambda: values > 100,
            "long": lambda: values,
            "float": lambda: (values / 3).astype("float32"),
            "list": lambda: np.stack([values / 7, 1 - values / 7], axis=1),
            "text": lambda: pd.Series([f"{value} é" for value in values], name="segment"),
            "column": lambda: pd.DataFrame({"score": values / 9}),
            "several": lambda: pd.DataFrame({"score": values / 9, "segment": [f"s{value}" for value in values]}),
        }[self.shape]()


SHAPES = ("boolean", "long", "float", "list", "text", "column", "several")
BROKEN = {"tenure": ["x", "", "1.5", "12345678901234567890"], "loyal": ["perhaps", ""], "monthly_spend": ["1,5"]}


def shapes(folder: Path, engine: str) -> dict[str, Any]:
    table = rows(300)
    known = features(table)
    text = table.assign(loyal=table.loyal.astype(str)).drop(columns="seen").astype(object).where(table.notna(), "")
    text = text.astype(str).replace("<NA>", "")
    for index, (name, value) in enumerate((name, value) for name, values in BROKEN.items() for value in values):
        for column, word in {"tenure": "1", "loyal": "true", name: value}.items():
            text.loc[index, column] = word
    for kind in ("parquet", "csv"):
        (folder / kind).mkdir()
    pq.write_table(
        pa.Table.from_pandas(table, preserve_index=False), folder / "parquet" / "rows.parquet", coerce_timestamps="us"
    )
    text.head(100).to_csv(folder / "csv" / "one.csv", index=False)
    text.tail(200).to_csv(folder / "csv" / "two.csv.gz", index=False)
    found: dict[str, Any] = {}
    for shape in SHAPES:
        model = Shape(shape)
        path, taken = folder / f"model-{shape}", infer_signature(known, model.predict(None, known))
        mlflow.pyfunc.save_model(path, python_model=model, signature=taken)
        for kind in ("parquet", "csv") if shape in ("long", "several") else ("parquet",):
            output = folder / f"out-{shape}-{kind}"
            told = configuration(folder, engine, f"file://{folder}/{kind}", str(output), path)
            said = score.run(
                told, (), {**os.environ, "MLOPS_RUN": "a/b c", "MLOPS_SCHEDULED_AT": "2026-03-04T05:00:00Z"}
            )
            scored = ds.dataset(output, format="parquet").to_table().to_pandas()
            scored["customer_id"] = scored.customer_id.astype(int)
            scored = scored.sort_values("customer_id").reset_index(drop=True)
            again = table[table.customer_id.isin(scored.customer_id)]
            if kind == "csv":
                again = again.assign(**{name: pd.array(scored[name]) for name in ("tenure", "monthly_spend")})
                again["tenure"] = again.tenure.astype(int)
                again["loyal"] = [value.lower() == "true" for value in scored.loyal]
            wanted = listed(model.predict(None, again.astype({"tenure": "int64"})))
            aside = ds.dataset(output / "_set_aside", format="parquet").to_table().to_pandas()
            found[f"{shape} {kind}"] = {
                "rows": said["rows"],
                "set_aside": said["set_aside"],
                "because": sorted(aside.set_aside_because),
                "type": str(ds.dataset(output, format="parquet").schema.field("prediction").type),
                "equal": listed(scored.prediction) == wanted,
            }
    return found


def configuration(folder: Path, engine: str, uri: str, output: str, model: Path) -> dict[str, Any]:
    pinned = {"name": "churn", "version": 6, "uri": f"file://{model}", "digest": digest_of(model)}
    schedule = {"cron": "0 5 * * *", "timezone": "Europe/Berlin"}
    return {
        "model": pinned, "input": {"uri": uri}, "output": f"file://{output}", "schedule": schedule, "engine": engine,
    }  # fmt: skip


def listed(values: Any) -> list[Any]:
    if isinstance(values, pd.DataFrame):
        values = values.iloc[:, 0] if values.shape[1] == 1 else values.to_dict("records")
    return [value.tolist() if isinstance(value, np.ndarray | np.generic) else value for value in values]


if __name__ == "__main__":
    verb, *words = sys.argv[1:]
    made: dict[str, Any] = {
        "make": lambda: make(Path(words[0]), int(words[1])),
        "compare": lambda: compare(Path(words[0]), Path(words[1])),
        "shapes": lambda: shapes(Path(words[0]), words[1]),
    }[verb]()
    print(json.dumps(made))
