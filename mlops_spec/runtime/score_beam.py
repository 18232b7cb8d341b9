"""Scoring by Apache Beam: each worker calls the model on a part of a file, and the last step publishes.

A part leaves its scores in a file that is named after it, so that one that is done twice is there once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from mlops_spec.runtime.filesystems import opened
from mlops_spec.runtime.program import Failed
from mlops_spec.runtime.rows import Rows
from mlops_spec.runtime.scores import SCORES, SET_ASIDE, Folder
from mlops_spec.runtime.signature import (
    BECAUSE,
    PREDICTION,
    TEXTS,
    Column,
    Signature,
    fetched,
    missing,
    unfit,
)

if TYPE_CHECKING:
    import pyarrow as pa

    from mlops_spec.runtime.score import Scoring

_BATCH = 10_000
_STORES = ("AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL")
"""What workers are told of the environment: where stores are, and no keys to them."""


class Part(NamedTuple):
    """A row group of a parquet file; without a number the whole of a file."""

    path: str
    group: int | None

    @property
    def name(self) -> str:
        """A name that no other part has."""
        return hashlib.sha256(f"{self.path}\n{self.group}".encode()).hexdigest()[:32]


def score(work: Scoring) -> Mapping[str, Any]:
    """Score the rows; return what is said of it, or where a template's graph was left. Raises Failed."""
    try:
        import apache_beam as beam
        from apache_beam.options.pipeline_options import GoogleCloudOptions, PipelineOptions
    except ImportError:
        raise Failed("Beam is not installed: the image of the scoring needs apache-beam") from None
    told = work._replace(environment={name: work.environment[name] for name in _STORES if name in work.environment})
    options = PipelineOptions([*work.options])
    pipeline = beam.Pipeline(options=options)
    (
        pipeline
        | "files" >> beam.Create(work.rows.files)
        | "parts" >> beam.FlatMap(_parts, told)
        | "spread" >> beam.Reshuffle()
        | "score" >> beam.ParDo(_score(told))
        | "all" >> beam.combiners.Count.Globally()
        | "publish" >> beam.Map(_publish, told)
    )
    try:
        result = pipeline.run()
        if options.view_as(GoogleCloudOptions).template_location:
            return {"template": options.view_as(GoogleCloudOptions).template_location}
        state = result.wait_until_finish()
    except Exception as problem:  # whatever a worker raised
        raise Failed(f"Beam could not score {work.uri}: {problem}") from problem
    if state != "DONE":
        raise Failed(f"Beam could not score {work.uri}: the pipeline is {state}")
    return work.place().whole()


def _parts(path: str, work: Scoring) -> Iterator[Part]:
    if work.rows.format == "csv":
        yield Part(path, None)
        return
    from pyarrow import parquet

    filesystem, _ = opened(work.uri, work.environment)
    with filesystem.open_input_file(path) as stream:
        groups = parquet.ParquetFile(stream).num_row_groups
    for group in range(groups) or (None,):
        yield Part(path, group)


def _publish(parts: int, work: Scoring) -> int:
    work.publish()
    return parts


def _score(work: Scoring) -> Any:
    """Return what a worker does with a part; the model is fetched and loaded once for each of its processes."""
    import apache_beam as beam
    from apache_beam.utils.shared import Shared

    class Score(beam.DoFn):  # type: ignore[misc]
        def __init__(self) -> None:
            self.shared = Shared()

        def setup(self) -> None:
            self.model = self.shared.acquire(lambda: _Loaded(work.model))

        def process(self, part: Part) -> Iterator[int]:
            yield _scored(part, work, self.model)

    return Score()


class _Loaded:
    """A model in memory, which its processes share."""

    def __init__(self, model: Mapping[str, Any]) -> None:
        import mlflow.pyfunc

        self.model = mlflow.pyfunc.load_model(fetched(model["uri"], model["digest"]))


def _scored(part: Part, work: Scoring, loaded: _Loaded) -> int:
    """Stage the scores of a part, and what was set aside; return how many rows it had."""
    import pyarrow.compute as pc

    count, place = 0, work.place()
    with _Writer(place, SCORES, part) as scores, _Writer(place, SET_ASIDE, part) as aside:
        for table in _read(part, work):
            because = _because(table, work.signature, work.rows)
            fit = table.filter(pc.equal(because, ""))
            predicted = loaded.model.predict(_told(fit, work.signature, work.rows)) if fit.num_rows else None
            scores.write(_stamped(fit, predicted, work))
            others = table.append_column(BECAUSE, because).filter(pc.not_equal(because, ""))
            if others.num_rows:
                aside.write(others)
            count += table.num_rows
    return count


class _Writer:
    """A parquet file that is there once something was written to it."""

    def __init__(self, place: Folder, what: str, part: Part) -> None:
        self.filesystem, self.path = place.filesystem, f"{place.staging}/{what}/{part.name}.parquet"
        self.file: Any = None

    def __enter__(self) -> _Writer:
        """Begin."""
        return self

    def write(self, table: pa.Table) -> None:
        """Add rows."""
        from pyarrow import parquet

        self.file = self.file or parquet.ParquetWriter(self.path, table.schema, filesystem=self.filesystem)
        self.file.write_table(table)

    def __exit__(self, *problem: object) -> None:
        """End the file."""
        if self.file is not None:
            self.file.close()


def _read(part: Part, work: Scoring) -> Iterator[pa.Table]:
    """Yield the rows of a part, at least once: an empty table still has columns."""
    import pyarrow as pa
    from pyarrow import csv, parquet

    filesystem, _ = opened(work.uri, work.environment)
    if work.rows.format == "csv":
        types = {name: pa.string() for name in work.rows.columns}
        as_text = csv.ConvertOptions(
            column_types=types, null_values=[""], strings_can_be_null=True, quoted_strings_can_be_null=False
        )
        lines = csv.ParseOptions(newlines_in_values=True)
        with filesystem.open_input_stream(part.path) as stream:
            yield csv.read_csv(stream, parse_options=lines, convert_options=as_text)
        return
    with filesystem.open_input_file(part.path) as stream:
        file = parquet.ParquetFile(stream)
        if part.group is None:
            yield file.schema_arrow.empty_table()
            return
        for batch in file.iter_batches(_BATCH, row_groups=[part.group]):
            yield pa.Table.from_batches([batch])


def _because(table: pa.Table, signature: Signature, rows: Rows) -> pa.Array:
    """Say of each row why it cannot be scored; of most, nothing."""
    import pyarrow as pa
    import pyarrow.compute as pc

    found = pa.array([""] * table.num_rows, pa.string())

    def add(broken: Any, why: str) -> None:
        nonlocal found
        joined = pc.if_else(pc.equal(found, ""), why, pc.binary_join_element_wise(found, why, "; "))
        found = pc.if_else(pc.fill_null(broken, False), joined, found)

    for column in signature.takes:
        values = table[column.name].combine_chunks()
        if column.fills:
            add(pc.is_null(values), missing(column))
        if rows.format == "csv" and column.type != "string":
            add(pc.invert(_fits(values, column)), unfit(column))
    return found


def _fits(values: pa.Array, column: Column) -> pa.Array:
    import pyarrow.compute as pc

    return pc.match_substring_regex(values, f"^(?:{TEXTS[column.type]})$")


def _types() -> Mapping[str, pa.DataType]:
    import pyarrow as pa

    return {
        "boolean": pa.bool_(), "integer": pa.int32(), "long": pa.int64(), "float": pa.float32(),
        "double": pa.float64(), "string": pa.string(),
    }  # fmt: skip


def _told(table: pa.Table, signature: Signature, rows: Rows) -> Any:
    """Return what a model is called with: a table of pandas, times in UTC without saying so, as Spark hands them."""
    import pyarrow as pa

    columns = {}
    for column in signature.takes:
        values = table[column.name]
        if rows.format == "csv":
            values = values.cast(_types()[column.type])
        if pa.types.is_timestamp(values.type) and values.type.tz is not None:
            values = values.cast(pa.timestamp(values.type.unit, "UTC")).cast(pa.timestamp(values.type.unit))
        columns[column.name] = values
    return pa.table(columns).to_pandas()


def _stamped(table: pa.Table, predicted: Any, work: Scoring) -> pa.Table:
    """Return rows with their prediction, and what tells where it comes from."""
    import pyarrow as pa

    table = table.append_column(PREDICTION, _predictions(predicted, work.signature))
    kinds = {"model_version": pa.int64(), "scheduled_at": pa.timestamp("us", "UTC")}
    for name, value in work.stamps.items():
        table = table.append_column(name, pa.array([value] * table.num_rows, kinds.get(name, pa.string())))
    return table


def _predictions(predicted: Any, signature: Signature) -> pa.Array:
    import numpy as np
    import pandas as pd
    import pyarrow as pa

    types = _types()
    if signature.gives is None:
        kind = pa.struct([(name, types[each]) for name, each in signature.named])
        return pa.array([] if predicted is None else predicted.to_dict("records"), kind)
    kind = types[signature.gives]
    kind = pa.list_(kind) if signature.many else kind
    if predicted is None:
        return pa.array([], kind)
    if isinstance(predicted, pd.DataFrame) and not signature.many:
        predicted = predicted.iloc[:, 0]
    return pa.array(list(np.asarray(predicted)), kind)
