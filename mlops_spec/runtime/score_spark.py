"""Scoring by Spark: the driver plans, executors call the model on batches of rows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from mlops_spec.runtime.filesystems import uri_of
from mlops_spec.runtime.program import Failed
from mlops_spec.runtime.scores import SCORES, SET_ASIDE
from mlops_spec.runtime.signature import BECAUSE, PREDICTION, TEXTS, Column, missing, unfit

if TYPE_CHECKING:
    from mlops_spec.runtime.score import Scoring

_TYPES = {"integer": "int", "long": "bigint"}
"""What Spark calls a type, where it is not as MLflow does."""

_GLOB = re.compile(r"([\\{}\[\]*?])")


def score(work: Scoring) -> Mapping[str, Any]:
    """Score the rows; return what is said of it. Raises Failed."""
    try:
        from py4j.protocol import Py4JJavaError
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ImportError:
        raise Failed("Spark is not installed: the image of the scoring needs pyspark") from None
    builder = SparkSession.builder.appName(work.run)
    for key, value in _settings(work.environment):
        builder = builder.config(key, value)
    spark = builder.getOrCreate()
    try:
        _write(spark, work)
        return work.publish()
    except (PySparkException, Py4JJavaError) as problem:
        raise Failed(f"Spark could not score {work.uri}: {problem}") from problem
    finally:
        spark.stop()


def _settings(environment: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield what makes Spark open the same stores, and read times alike wherever it runs."""
    yield "spark.sql.session.timeZone", "UTC"
    yield "spark.sql.ansi.enabled", "true"
    yield "spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS"
    if endpoint := environment.get("AWS_ENDPOINT_URL"):
        yield "spark.hadoop.fs.s3a.endpoint", endpoint
        yield "spark.hadoop.fs.s3a.path.style.access", "true"
    if region := environment.get("AWS_DEFAULT_REGION"):
        yield "spark.hadoop.fs.s3a.endpoint.region", region


def _write(spark: Any, work: Scoring) -> None:
    """Stage the scores, and what was set aside."""
    import mlflow.pyfunc
    from pyspark.sql import functions as sql

    rows = _read(spark, work).withColumn(BECAUSE, _because(work))
    model = mlflow.pyfunc.spark_udf(spark, work.folder, result_type=_given(work), env_manager="local")
    told = sql.struct(*(_typed(work, column).alias(column.name) for column in work.signature.takes))
    scored = rows.where(rows[BECAUSE] == "").drop(BECAUSE).withColumn(PREDICTION, model(told))
    for name, value in work.stamps.items():
        scored = scored.withColumn(name, sql.lit(value).cast("bigint") if name == "model_version" else sql.lit(value))
    place = work.place()
    scored.write.mode("overwrite").parquet(_hadoop(place.staged(SCORES)))
    rows.where(rows[BECAUSE] != "").write.mode("overwrite").parquet(_hadoop(place.staged(SET_ASIDE)))


def _given(work: Scoring) -> str | None:
    """Say the type of a prediction; of several named values MLflow says it itself."""
    gives, many = work.signature.gives, work.signature.many
    named = None if gives is None else _TYPES.get(gives, gives)
    return f"array<{named}>" if many else named


def _read(spark: Any, work: Scoring) -> Any:
    paths = [_GLOB.sub(r"\\\1", _hadoop(uri_of(path, work.uri))) for path in work.rows.files]
    if work.rows.format == "parquet":
        return spark.read.parquet(*paths)
    return spark.read.csv(paths, header=True, inferSchema=False, multiLine=True, escape='"')


def _column(name: str) -> Any:
    from pyspark.sql import functions as sql

    return sql.col(f"`{name.replace('`', '``')}`")


def _typed(work: Scoring, column: Column) -> Any:
    found = _column(column.name)
    return found if work.rows.format == "parquet" else found.cast(_TYPES.get(column.type, column.type))


def _because(work: Scoring) -> Any:
    """Say of each row why it cannot be scored; of most, nothing."""
    from pyspark.sql import functions as sql

    reasons = []
    for column in work.signature.takes:
        found = _column(column.name)
        if column.fills:
            reasons.append(sql.when(found.isNull(), missing(column)))
        if work.rows.format == "csv" and column.type != "string":
            reasons.append(sql.when(~found.rlike(f"^(?:{TEXTS[column.type]})$"), unfit(column)))
    return sql.concat_ws("; ", *reasons)


def _hadoop(uri: str) -> str:
    """Return a URI as Hadoop has it: its client of S3 is S3A."""
    return f"s3a{uri[2:]}" if uri.startswith("s3://") else uri
