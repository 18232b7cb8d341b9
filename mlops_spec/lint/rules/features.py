"""Rules about features: MS251 to MS259."""

from __future__ import annotations

from collections.abc import Iterator

from mlops_spec.address import meant
from mlops_spec.diagnostic import Severity
from mlops_spec.language.cron import longest_pause
from mlops_spec.language.units import Duration
from mlops_spec.lint.rule import Finding, View, rule


@rule("MS251", "features that no request can be completed with", Severity.ERROR)
def offline(view: View) -> Iterator[Finding]:
    """A model serves with a feature service of which a view is not `online`.

    Why: While a request waits, only the online store can be read, and these features are not in it. The model answers
    every request with them missing.

    Bad:

        customer_stats: {entity: customer, source: customers, timestamp: seen_at, fields: {tenure: int64}}

    Good:

        customer_stats: {entity: customer, source: customers, timestamp: seen_at, fields: {tenure: int64}, online: true}
    """
    for model in view.spec.models.values():
        service = model.serving.features if model.serving else None
        for name in view.spec.features.services[service].views if service else ():
            feature_view = view.spec.features.views[name]
            if model.serving and not feature_view.online:
                yield Finding(
                    f"{model.serving.address}.features",
                    f"{model.name} answers requests with features of {name}, which is not in the online store",
                    f"add `online: true` to the view {name}, and say under `materialize` when it is filled",
                    (("this is the view", feature_view.address),),
                )


@rule("MS252", "features that expire before they are filled anew")
def expiring(view: View) -> Iterator[Finding]:
    """The `ttl` of a feature view is shorter than the longest time from one filling of the online store to the next.

    Why: A value older than its `ttl` counts as missing. Between two fillings all of them do, each day at the same
    hours: the model answers as if it knew nothing of anybody.

    Bad:

        ttl: 6h

    Good:

        ttl: 2d
    """
    for feature_view in view.spec.features.views.values():
        wait = longest_pause(feature_view.materialize.schedule.cron) if feature_view.materialize else None
        if feature_view.online and feature_view.ttl and wait and feature_view.ttl.seconds < wait:
            waits = Duration.of(wait)
            message = (
                f"values of {feature_view.name} are good for {feature_view.ttl}, and filled anew after up to {waits}"
            )
            hint = f"let `ttl` be longer than {waits}, or fill the store more often"
            related = (("it is filled at these times", f"{feature_view.address}.materialize.schedule"),)
            yield Finding(f"{feature_view.address}.ttl", message, hint, related)


@rule("MS253", "a feature that its source does not have", Severity.ERROR)
def missing(view: View) -> Iterator[Finding]:
    """A feature view names a column that its `source` lacks, as the `schema` of that dataset says: a field, the
    `timestamp`, or the `join_key` of its entity.

    Why: The view cannot be read. The training that asks for it fails, or a lenient reader fills the column with nothing
    and the model learns from that.

    Bad:

        fields: {tenure_days: int64}

    Good:

        fields: {tenure: int64}
    """
    for feature_view in view.spec.features.views.values():
        dataset = view.spec.datasets[feature_view.source]
        entity = view.spec.features.entities[feature_view.entity]
        wanted = [(f"{feature_view.address}.fields.{name}", name) for name in feature_view.fields]
        wanted.append((f"{feature_view.address}.timestamp", feature_view.timestamp))
        wanted.append((f"{feature_view.address}.entity", entity.join_key))
        for address, column in wanted if dataset.schema else ():
            if column not in dataset.schema:
                yield Finding(
                    address,
                    f"the dataset {dataset.name} has no column {column}, which the view {feature_view.name} reads",
                    meant(column, dataset.schema, "column"),
                    (("these are its columns", f"{dataset.address}.schema"),),
                )


@rule("MS254", "the answer among the features")
def leaking(view: View) -> Iterator[Finding]:
    """A model is given a feature with the name of the label that it is judged by: the `label` of a monitor's
    `performance`.

    Why: The model learns to read the answer off. Every metric is splendid until it serves, where the answer is not
    known yet: it is missing, or what was true last time.

    Bad:

        fields: {tenure: int64, churned: bool}

    Good:

        fields: {tenure: int64}
    """
    labels: dict[tuple[str, str], str] = {
        (monitor.model, monitor.performance.label): f"{monitor.performance.address}.label"
        for monitor in view.spec.monitors.values()
        if monitor.performance
    }
    for model in view.spec.models.values():
        services = {node.features for node in (model.serving, model.batch) if node and node.features}
        for name in sorted({name for service in services for name in view.spec.features.services[service].views}):
            feature_view = view.spec.features.views[name]
            for field in feature_view.fields:
                judged = labels.get((model.name, field))
                if judged:
                    yield Finding(
                        f"{feature_view.address}.fields.{field}",
                        f"{model.name} is given the feature {field}, which has the name of its label",
                        "take it out; if it is what was known before, give it a name that says so",
                        (("this is the label", judged),),
                    )


RULES = (offline, expiring, missing, leaking)
