"""A version of a Delta table, as a folder of Parquet files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mlops_spec.runtime.program import Failed
from mlops_spec.runtime.store import scheme_of
from mlops_spec.runtime.store.files import Files

ROWS, GROUP = 10_000_000, 1_000_000
"""How many rows a file, and a group in it, hold at most."""

_ORDERED = {
    "datafusion.execution.target_partitions": "1",  # else rows come in another order each time
    "datafusion.execution.parquet.schema_force_view_types": "false",
}


def bring(uri: str, version: int, to: Path, environment: Mapping[str, str]) -> str:
    """Write the rows that a table had in a version to a folder, all columns among them; return the version.

    The table's own files are no such folder: they hold deleted rows too, and lack the columns of its partitions.
    Raises Failed, also for tables with features that the client does not know.
    """
    try:
        import pyarrow.dataset
        import pyarrow.parquet
        from deltalake import DeltaTable, QueryBuilder
        from deltalake.exceptions import DeltaError
    except ImportError:
        raise Failed("Delta Lake's client is not installed: install mlops-spec[delta]") from None
    scheme = scheme_of(uri)
    where = str(Files(uri).path.absolute()) if scheme == "file" else f"{scheme}:{uri.partition(':')[2]}"
    plain = environment.get("AWS_ENDPOINT_URL", "").startswith("http://")
    to.mkdir(parents=True)
    try:
        table = DeltaTable(where, version=version, storage_options={"AWS_ALLOW_HTTP": "true"} if plain else None)
        rows = QueryBuilder(_ORDERED).register("found", table).execute("SELECT * FROM found")
        schema = pyarrow.schema(table.schema().to_arrow())
        reader = pyarrow.RecordBatchReader.from_batches(schema, _batches(rows, schema))
        pyarrow.dataset.write_dataset(
            reader, to, format="parquet", max_rows_per_file=ROWS, max_rows_per_group=GROUP, use_threads=False,
            basename_template="part-{i}.parquet",
        )  # fmt: skip
        if not any(to.glob("*")):
            pyarrow.parquet.write_table(schema.empty_table(), to / "part-0.parquet")
    except (DeltaError, OSError, ValueError) as problem:
        message = " ".join(str(problem).split()) or type(problem).__name__
        raise Failed(f"{uri} at version {version} cannot be brought: {message}") from None
    return f"delta:{table.version()}"


def _batches(rows: Any, schema: Any) -> Iterator[Any]:
    """Yield rows in the table's own types, one stretch of memory at a time."""
    import pyarrow

    for batch in pyarrow.RecordBatchReader.from_stream(rows):
        yield batch.cast(schema)
