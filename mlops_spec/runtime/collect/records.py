"""Pairs as the records of the inference log, and records as parquet files in the sinks, by day."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from mlops_spec.blueprint.contract import LOG
from mlops_spec.runtime.collect.joining import Pair
from mlops_spec.runtime.store import keep

Record = dict[str, Any]
Log = Mapping[str, Any]
"""What a model's log is told: ``sink``, and ``id`` and ``keys`` where they are said."""


def records(pair: Pair, log: Log) -> Iterator[Record]:
    """Yield a record for each row of a request; for one of which nothing can be read, one that says that it was."""
    half = pair.request or pair.response
    assert half is not None
    asked, answered = ((one or {}).get("rows") or [] for one in pair)
    model, version, variant = half["server"]
    for row in range(max(1, len(asked), len(answered))):
        features = asked[row] if row < len(asked) else None
        prediction = answered[row] if row < len(answered) else None
        own = (features or {}).get(log["id"]) if "id" in log else None
        yield {
            "request_id": half["id"] if own is None else str(own),
            "row": row,
            "time": datetime.fromtimestamp(half["time"], UTC),
            "model": model,
            "version": version,
            "variant": variant,
            "features": None if features is None else _json(features[""] if set(features) == {""} else features),
            "prediction": None if prediction is None else _json(_only(prediction)),
        }


def _only(outputs: dict[str, Any]) -> Any:
    """Return the one output that there is, else all by their names."""
    return next(iter(outputs.values())) if len(outputs) == 1 else outputs


def _json(value: Any) -> str:
    """Print a value; what is no number, or infinite, is null: JSON has no word for it (RFC 8259, section 6)."""
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    except ValueError:
        return json.dumps(_finite(value), ensure_ascii=False, separators=(",", ":"))


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def write(
    name: str, pairs: Iterable[Pair], logs: Mapping[str, Log], folder: Path, environment: Mapping[str, str]
) -> dict[str, int]:
    """Keep the records of pairs in files of one name, and return how many there are of each model. Raises Failed.

    The same pairs under the same name make the same files, so that to keep them again changes nothing.
    """
    found: dict[tuple[str, str], list[Record]] = defaultdict(list)
    counts: dict[str, int] = defaultdict(int)
    for pair in pairs:
        half = pair.request or pair.response
        assert half is not None
        log = logs[half["server"][0]]
        for record in records(pair, log):
            found[log["sink"].rstrip("/"), record["time"].date().isoformat()].append(record)
            counts[record["model"]] += 1
    with TemporaryDirectory(dir=folder) as made:
        for (sink, day), kept in sorted(found.items()):
            path = Path(made) / "records.parquet"
            _parquet(kept, path)
            keep(path, f"{sink}/date={day}/{name}.parquet", environment)
    return counts


def _parquet(kept: list[Record], path: Path) -> None:
    import pyarrow
    from pyarrow import parquet

    special = {"row": pyarrow.int32(), "time": pyarrow.timestamp("us", "UTC")}
    schema = pyarrow.schema([(column, special.get(column, pyarrow.string())) for column in LOG])
    parquet.write_table(pyarrow.Table.from_pylist(kept, schema), path, compression="zstd")
