"""The metric table: every series that rules, dashboards and programs of ours name is named here and nowhere else.

Names and units follow Prometheus' conventions (base units, ``_total``, ``_ratio``); a share is 0 to 1.
"""

from __future__ import annotations

from typing import NamedTuple

from mlops_spec.language.text import Name


class Series(NamedTuple):
    """A series: its name, what kind of metric it is, its labels beside those of whom it is, and what it says."""

    name: Name
    kind: str
    labels: tuple[str, ...]
    meaning: str


NAMESPACE, MODEL, MONITOR = "namespace", "model", "monitor"
MONITORED_BY = (NAMESPACE, MODEL, MONITOR)
"""What every series of a monitor is told apart by: the grouping key under which its job pushes."""

VERSION = "version"
"""What the series of a model's servers are told apart by, beside whose they are: the version as ``v7``."""

WINDOW, OBJECTIVE = "window", "objective"
CONDITION, SUBJECT = "condition", "subject"
COLUMN, METRIC, CATEGORY = "column", "metric", "category"
VERSION, WEIGHT, BUCKET = "version", "weight", "le"

MISSED = Series(
    Name("mlops_slo_missed_ratio"),
    "recording rule",
    (OBJECTIVE, WINDOW),
    "The share of requests within the window that missed an objective.",
)
"""What Prometheus itself keeps, of each model and for each window of its burn rates."""

WEIGHTS = Series(
    Name("mlops_serving_weight_ratio"),
    "recording rule",
    (VERSION, WEIGHT),
    "The share of a model's requests that a version shall get, as the lock has it; the label says it in words.",
)
"""What Prometheus itself keeps, of each model that a dashboard shows: a step of a rollout is another label."""

ALERTNAME, SEVERITY, STATE = "alertname", "severity", "alertstate"
ALERTS = Series(
    Name("ALERTS"), "Prometheus' own", (ALERTNAME, SEVERITY, STATE), "1 while an alert waits to fire, or fires."
)

LAST_LOOK = Series(
    Name("mlops_monitor_last_look_timestamp_seconds"), "gauge", (), "When the monitor last finished a look (Unix time)."
)
ROWS = Series(Name("mlops_monitor_rows"), "gauge", (), "How many rows the last look found in its window.")
BREACHES = Series(
    Name("mlops_monitor_breaches_in_a_row"),
    "gauge",
    (CONDITION, SUBJECT),
    "How many looks in a row breached a condition of a column or metric, or of all `features` or `predictions`; "
    "too few rows leave it as it was.",
)
DRIFT_SCORE = Series(
    Name("mlops_monitor_drift_score"),
    "gauge",
    (COLUMN,),
    "How far a column has moved from the reference; for `chisquare` and `ks` a p-value.",
)
DRIFT_SHARE = Series(
    Name("mlops_monitor_drift_share_ratio"), "gauge", (), "The share of compared columns that have moved."
)
PREDICTION_DRIFT = Series(
    Name("mlops_monitor_prediction_drift_score"),
    "gauge",
    (),
    "How far predictions have moved from the reference; for `chisquare` and `ks` a p-value.",
)
NULLS = Series(Name("mlops_monitor_nulls_ratio"), "gauge", (COLUMN,), "The share of rows in which a column is empty.")
OUT_OF_RANGE = Series(
    Name("mlops_monitor_out_of_range_ratio"), "gauge", (COLUMN,), "The share of rows outside a column's range."
)
NEW_CATEGORIES = Series(
    Name("mlops_monitor_new_categories_ratio"),
    "gauge",
    (COLUMN,),
    "The share of rows that hold a text that the reference lacks.",
)
PERFORMANCE = Series(
    Name("mlops_monitor_performance"), "gauge", (METRIC,), "A metric of the model, once the true labels are known."
)
PREDICTIONS = Series(
    Name("mlops_monitor_predictions_ratio"),
    "gauge",
    (CATEGORY,),
    "The share of predictions of a class, or in a tenth of the reference's range.",
)

PIPELINE = "pipeline"
POLLED_BY = (NAMESPACE, PIPELINE)
"""What the series of a pipeline's runs are told apart by: the grouping key under which its job pushes."""

LAST_POLL = Series(
    Name("mlops_pipeline_last_poll_timestamp_seconds"),
    "gauge",
    (),
    "When somebody last looked at how the pipeline's runs went (Unix time).",
)
LAST_SUCCESS = Series(
    Name("mlops_pipeline_last_success_timestamp_seconds"),
    "gauge",
    (),
    "When the last run began that has succeeded (Unix time).",
)
LAST_FAILURE = Series(
    Name("mlops_pipeline_last_failure_timestamp_seconds"),
    "gauge",
    (),
    "When the last run began that has failed (Unix time).",
)
LAST_DUE = Series(
    Name("mlops_pipeline_last_due_timestamp_seconds"),
    "gauge",
    (),
    "The last time at which a run was due that must have succeeded by now (Unix time).",
)

POLLED = (LAST_POLL, LAST_SUCCESS, LAST_FAILURE, LAST_DUE)
"""What is pushed of a pipeline's runs."""

PUSHED = (
    LAST_LOOK,
    ROWS,
    BREACHES,
    DRIFT_SCORE,
    DRIFT_SHARE,
    PREDICTION_DRIFT,
    NULLS,
    OUT_OF_RANGE,
    NEW_CATEGORIES,
    PERFORMANCE,
    PREDICTIONS,
)
"""What a monitor's job leaves at each look."""

KIND, REASON = "kind", "reason"
COLLECTED_EVENTS = Series(
    Name("mlops_collect_events_total"), "counter", (MODEL, KIND), "How many requests and answers were written down."
)
COLLECTED_RECORDS = Series(
    Name("mlops_collect_records_total"), "counter", (MODEL,), "How many records the inference log has got."
)
COLLECT_ALONE = Series(
    Name("mlops_collect_alone_total"),
    "counter",
    (MODEL, KIND),
    "How many requests were kept without an answer, and answers without a request.",
)
COLLECT_UNREADABLE = Series(
    Name("mlops_collect_unreadable_total"),
    "counter",
    (MODEL, KIND),
    "How many requests and answers were of no protocol that is known, or lacked a key of the log.",
)
COLLECT_REFUSED = Series(Name("mlops_collect_refused_total"), "counter", (REASON,), "How many events were not taken.")
COLLECT_FAILURES = Series(
    Name("mlops_collect_failures_total"), "counter", (), "How often nothing could be written to a sink or to the disk."
)
COLLECT_WAITING = Series(
    Name("mlops_collect_waiting_bytes"), "gauge", (), "How much waits to be kept; at the limit events are refused."
)
COLLECT_LAST = Series(
    Name("mlops_collect_last_flush_timestamp_seconds"), "gauge", (), "When records were last kept (Unix time)."
)

COLLECTED = (
    COLLECTED_EVENTS,
    COLLECTED_RECORDS,
    COLLECT_ALONE,
    COLLECT_UNREADABLE,
    COLLECT_REFUSED,
    COLLECT_FAILURES,
    COLLECT_WAITING,
    COLLECT_LAST,
)
"""What the collector of the inference log says of itself."""
