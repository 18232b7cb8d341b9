"""Rules about tests of versions on live requests: MS361 to MS369."""

from __future__ import annotations

from collections.abc import Iterator

from mlops_spec.address import meant
from mlops_spec.diagnostic import Severity
from mlops_spec.language.units import Duration
from mlops_spec.lint.rule import Finding, View, rule
from mlops_spec.model.models import ABTest, Model
from mlops_spec.model.monitors import Performance
from mlops_spec.source.tree import find


@rule("MS361", "a test whose weights do not add up to 100", Severity.ERROR)
def unbalanced(view: View) -> Iterator[Finding]:
    """The weights of the variants of an A/B test add up to less or more than 100.

    Why: They are shares of a hundred requests. What happens with the rest is anybody's guess, and the test counts
    other shares than the spec says.

    Bad:

        control: {version: "@champion", weight: 90}
        treatment: {version: "@challenger", weight: 20}

    Good:

        control: {version: "@champion", weight: 90}
        treatment: {version: "@challenger", weight: 10}
    """
    for model, test in _tests(view):
        total = sum(variant.weight for variant in test.variants.values())
        if total != 100:
            message = f"the weights of the test of {model.name} add up to {total}"
            yield Finding(f"{test.address}.variants", message, "let them add up to 100")


@rule("MS362", "a test that ends before its labels arrive")
def early(view: View) -> Iterator[Finding]:
    """An A/B test lasts no longer than its labels take, by the `delay` that a monitor of the model says for the same
    labels.

    Why: On its last day not one outcome of it is known. It is decided by the outcomes of before it began, or by those
    that come early: the customers who leave at once.

    Bad:

        duration: 14d

    Good:

        duration: 60d
    """
    for model, test in _tests(view):
        for watched in _performance(view, model):
            if (
                watched.labels == test.metric.labels
                and watched.delay
                and test.duration.seconds <= watched.delay.seconds
            ):
                longer = Duration.of(2 * watched.delay.seconds)
                yield Finding(
                    f"{test.address}.duration",
                    f"the test of {model.name} ends after {test.duration}, and its labels take {watched.delay}",
                    f"let it last longer than its labels take, such as `duration: {longer}`",
                    (("labels take so long", f"{watched.address}.delay"),),
                )


@rule("MS363", "a test of a column that its labels lack", Severity.ERROR)
def unmeasured(view: View) -> Iterator[Finding]:
    """The `metric` of an A/B test is no column of the dataset that its `labels` name, as the dataset's `schema` says.

    Why: The test runs to its end, for weeks, and then there is nothing to compare.

    Bad:

        metric: {name: retention, goal: maximize, labels: outcomes}

    Good:

        metric: {name: retained, goal: maximize, labels: outcomes}
    """
    for _, test in _tests(view):
        dataset = view.spec.datasets[test.metric.labels]
        if dataset.schema and test.metric.name not in dataset.schema:
            yield Finding(
                f"{test.metric.address}.name",
                f"the dataset {dataset.name} has no column {test.metric.name}",
                meant(test.metric.name, dataset.schema, "column"),
                (("these are its columns", f"{dataset.address}.schema"),),
            )


@rule("MS364", "a test of a version against itself", protected=Severity.WARNING)
def same(view: View) -> Iterator[Finding]:
    """Two variants of an A/B test are the same version: by the spec, or, while the test is running, by the lock.

    Why: There is nothing to find out, and for weeks the test stands in the way of a canary. Mostly the second variant
    was copied from the first.

    Bad:

        treatment: {version: "@champion", weight: 10}

    Good:

        treatment: {version: "@challenger", weight: 10}
    """
    for model, test in _tests(view):
        first: dict[object, str] = {}
        for name, version in _versions(model, test, view):
            other = first.setdefault(version, name)
            if other != name:
                yield Finding(
                    f"{test.variants[name].address}.version",
                    f"the variants {other} and {name} of the test of {model.name} are the same version",
                    "name another version",
                    (("this is the other one", f"{test.variants[other].address}.version"),),
                )


@rule("MS365", "a test that nobody can evaluate")
def unrecorded(view: View) -> Iterator[Finding]:
    """A model has an A/B test, and no `logging`.

    Why: Who was answered by which variant stands in the inference log. Without one, outcomes arrive and belong to
    nobody.

    Bad:

        serving: {expose: {path: /churn}}

    Good:

        serving: {expose: {path: /churn}, logging: {sink: s3://acme-ml/log/churn/, retain: 90d}}
    """
    for model, test in _tests(view):
        if model.serving and model.serving.logging is None:
            message = f"nothing records by which variant of {model.name} a request was answered"
            hint = "add `logging: {sink: s3://…}` to its `serving`"
            yield Finding(test.address, message, hint, (("it serves here", model.serving.address),))


def _tests(view: View) -> Iterator[tuple[Model, ABTest]]:
    """Yield the tests that are to run, or run."""
    for model in view.spec.models.values():
        if model.ab_test and model.ab_test.state != "ended":
            yield model, model.ab_test


def _performance(view: View, model: Model) -> Iterator[Performance]:
    """Yield what monitors say of the labels of a model."""
    for monitor in view.spec.monitors.values():
        if monitor.model == model.name and monitor.performance:
            yield monitor.performance


def _versions(model: Model, test: ABTest, view: View) -> Iterator[tuple[str, object]]:
    """Yield the variants of a test, each with its version: of a running one the number that is locked."""
    locked = find(view.lock, ("environments", view.environment, "models", model.name, "variants"))
    for name, variant in test.variants.items():
        number = find(locked, (name, "version")) if test.state == "running" else None
        yield name, number if number is not None else variant.version


RULES = (unbalanced, early, unmeasured, same, unrecorded)
