"""Rules about the data that a monitor looks at: of MS401 to MS499."""

from __future__ import annotations

from collections.abc import Iterator

from mlops_spec.address import meant
from mlops_spec.diagnostic import Severity
from mlops_spec.language.cron import longest_pause
from mlops_spec.language.units import Duration
from mlops_spec.lint.rule import Finding, View, rule
from mlops_spec.model.monitors import Monitor, on_rows


@rule("MS406", "a monitor with nothing to look at")
def blind(view: View) -> Iterator[Finding]:
    """A monitor looks at rows (`quality`, `drift`, `prediction_drift`, `performance`) of a model that serves, and there
    are none: it names no `data`, and the model neither stores requests (`logging`) nor scores in batches.

    Why: Without rows nothing is concluded, and silence looks like health.

    Bad:

        serving: {replicas: {min: 2}}

    Good:

        serving: {replicas: {min: 2}, logging: {sink: s3://acme-ml/log/churn/, retain: 90d}}
    """
    for monitor in view.spec.monitors.values():
        model = view.spec.models[monitor.model]
        stored = monitor.data or (model.serving and model.serving.logging) or model.batch
        if model.serving and not stored and on_rows(monitor):
            yield Finding(
                monitor.address,
                f"the monitor {monitor.name} has nothing to look at: {model.name} stores no requests",
                f"add `logging: {{sink: s3://…}}` to `models.{model.name}.serving`, or name a dataset in `data`",
                (("it serves here", model.serving.address),),
            )


@rule("MS407", "a monitor of a field that is never stored", Severity.ERROR)
def dropped(view: View) -> Iterator[Finding]:
    """A monitor names a field that `drop` removes from the inference log before anything is stored.

    Why: The column is empty in every record. What is compared with it always breaches or never does, and labels that
    are joined by it find no prediction.

    Bad:

        logging: {sink: s3://acme-ml/log/churn/, drop: [email, plan], retain: 90d}

    Good:

        logging: {sink: s3://acme-ml/log/churn/, drop: [email], retain: 90d}
    """
    for monitor in view.spec.monitors.values():
        model = view.spec.models[monitor.model]
        log = model.serving.logging if model.serving and monitor.data is None else None
        for address, field in _fields(monitor) if log else ():
            if log and field in log.drop:
                message = f"the monitor {monitor.name} looks at {field}, which the log of {model.name} drops"
                hint = "take it out of one of them"
                yield Finding(address, message, hint, (("it is dropped here", f"{log.address}.drop"),))


@rule("MS408", "labels without the columns that they are joined by", Severity.ERROR)
def unjoined(view: View) -> Iterator[Finding]:
    """The `join` or the `label` of a monitor's `performance` is no column of the dataset that its `labels` name, as the
    dataset's `schema` says.

    Why: Not one label finds its prediction, so that performance is never known, and nobody is told that it has fallen.

    Bad:

        performance: {require: {auc: ">= 0.78"}, labels: outcomes, join: request, label: churned}

    Good:

        performance: {require: {auc: ">= 0.78"}, labels: outcomes, join: request_id, label: churned}
    """
    for monitor in view.spec.monitors.values():
        watched = monitor.performance
        dataset = view.spec.datasets[watched.labels] if watched else None
        if watched and dataset and dataset.schema:
            for key, column in (("join", watched.join), ("label", watched.label)):
                if column not in dataset.schema:
                    yield Finding(
                        f"{watched.address}.{key}",
                        f"the dataset {dataset.name} has no column {column}",
                        meant(column, dataset.schema, "column"),
                        (("these are its columns", f"{dataset.address}.schema"),),
                    )


@rule("MS409", "a reference that is the live data itself")
def self_compared(view: View) -> Iterator[Finding]:
    """The `reference` of a monitor is the dataset that it looks at: its `data`, or, of a model that stores no requests,
    what the model scores in batches.

    Why: The data is compared with itself: it never drifts, whatever happens to it.

    Bad:

        reference: active

    Good:

        reference: customers
    """
    for monitor in view.spec.monitors.values():
        address, looked_at = _looked_at(view, monitor)
        if monitor.reference is not None and monitor.reference == looked_at:
            yield Finding(
                f"{monitor.address}.reference",
                f"the monitor {monitor.name} compares {looked_at} with itself",
                "name the dataset that the model was trained on",
                (("it looks at this", address),),
            )


@rule("MS410", "rows that no look of a monitor reaches", protected=Severity.WARNING)
def gapped(view: View) -> Iterator[Finding]:
    """The `window` of a monitor is shorter than the longest time between two looks of its `schedule`.

    Why: What comes in after one look, and longer before the next than the window reaches back, is never looked at. A
    fault of the night is not seen by a look at noon that reaches back an hour.

    Bad:

        schedule: "0 12 * * *"
        window: 1h

    Good:

        schedule: "0 12 * * *"
        window: 24h
    """
    for monitor in view.spec.monitors.values():
        if monitor.schedule and monitor.window and on_rows(monitor):
            wait = longest_pause(monitor.schedule.cron)
            if monitor.window.seconds < wait:
                message = (
                    f"the monitor {monitor.name} reaches back {monitor.window} and waits up to {Duration.of(wait)}"
                )
                hint = "let the window be as long as the wait from one look to the next, or look more often"
                related = (("it looks at these times", f"{monitor.address}.schedule"),)
                yield Finding(f"{monitor.address}.window", message, hint, related)


@rule("MS415", "a monitor of a column that is not there", Severity.ERROR)
def absent(view: View) -> Iterator[Finding]:
    """A monitor names a column that the dataset it looks at, its `data`, or for drift its `reference`, lacks, as the
    `schema` of that dataset says.

    Why: There is nothing to measure or to compare with: the look fails each time, or that column is passed over, and
    nobody is told of what happens to it.

    Bad:

        drift: {method: psi, threshold: 0.2, columns: [tenure, plann]}

    Good:

        drift: {method: psi, threshold: 0.2, columns: [tenure, plan]}
    """
    for monitor in view.spec.monitors.values():
        compared = monitor.drift.address if monitor.drift else ""
        for address, column in _fields(monitor):
            named = (monitor.data, monitor.reference if address.startswith(f"{compared}.columns.") else None)
            for dataset in (view.spec.datasets[name] for name in named if name):
                if dataset.schema and column not in dataset.schema:
                    message = f"the dataset {dataset.name} has no column {column}"
                    related = (("these are its columns", f"{dataset.address}.schema"),)
                    yield Finding(address, message, meant(column, dataset.schema, "column"), related)


def _looked_at(view: View, monitor: Monitor) -> tuple[str, str | None]:
    """Return the dataset whose rows a monitor looks at, with the address that says so; None where it is no dataset."""
    model = view.spec.models[monitor.model]
    stores = model.serving is not None and model.serving.logging is not None
    if monitor.data is not None or stores or model.batch is None:
        return f"{monitor.address}.data", monitor.data
    return f"{model.batch.address}.input", model.batch.input


def _fields(monitor: Monitor) -> Iterator[tuple[str, str]]:
    """Yield the fields of requests that a monitor names, each with its address."""
    if monitor.quality:
        yield from ((f"{monitor.quality.address}.nulls.{name}", name) for name in monitor.quality.nulls)
        yield from ((f"{monitor.quality.address}.ranges.{name}", name) for name in monitor.quality.ranges)
    if monitor.drift:
        yield from ((f"{monitor.drift.address}.columns.{i}", name) for i, name in enumerate(monitor.drift.columns))
    if monitor.performance:
        yield f"{monitor.performance.address}.join", monitor.performance.join


RULES = (blind, dropped, unjoined, self_compared, gapped, absent)
