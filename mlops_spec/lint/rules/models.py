"""Rules about models: MS301 to MS349. How they answer requests stands in ``serving``,
``rollouts`` and ``ab_tests``."""

from __future__ import annotations

from collections.abc import Iterator

from mlops_spec.diagnostic import Severity
from mlops_spec.language.placeholder import references
from mlops_spec.lint.rule import Finding, View, rule
from mlops_spec.model.models import Model
from mlops_spec.model.monitors import ROLLBACK, acting
from mlops_spec.model.pipelines import Pipeline

_SERVICES = "features.services."
_ALIKE = ({"keras", "tensorflow"}, {"transformers", "sentence_transformers"})
_STORES = ("s3:", "s3a:", "gs:", "abfs:", "abfss:", "az:", "wasbs:", "hdfs:", "file:")


@rule("MS301", "a served model with no monitor")
def unwatched(view: View) -> Iterator[Finding]:
    """A model serves where users depend on it, and no monitor watches it. Users depend on protected environments; where
    a spec has none, on all.

    Why: A model does not crash when it goes wrong: it keeps answering, with worse and worse answers. Without a
    monitor the first to notice are the users.

    Bad:

        churn-quality:
          model: upsell

    Good:

        churn-quality:
          model: churn
    """
    watched = {monitor.model for monitor in view.spec.monitors.values()}
    for model in view.spec.models.values() if view.is_live else ():
        if model.serving and model.name not in watched:
            hint = f"add a monitor with `model: {model.name}`, at least with `service` and `drift`"
            yield Finding(model.address, f"the model {model.name} serves, and no monitor watches it", hint)


@rule("MS302", "features that training did not read")
def skewed(view: View) -> Iterator[Finding]:
    """A model serves or scores with a feature service that holds views which its training does not read: it reads
    others, or none, and the data that the views are made of itself.

    Why: The model learnt from one definition of its features, and answers from another. Both work, no test fails, and
    its predictions are wrong by a little: training-serving skew.

    Bad:

        serving: {features: churn_v2}

    Good:

        serving: {features: churn_v1}
    """
    for model in view.spec.models.values():
        pipeline = view.spec.pipelines[model.trained_by] if model.trained_by else None
        for address, service in _completed(model) if pipeline else ():
            missing = sorted(_unread(view, pipeline, service)) if pipeline else []
            if missing:
                yield Finding(
                    address,
                    f"{model.name} is given features of {', '.join(missing)}, which its training does not read",
                    f"let a step of {model.trained_by} read `{_SERVICES}{service}`, or give the model what it reads",
                    (("this is its training", f"pipelines.{model.trained_by}"),),
                )


@rule("MS303", "a model of another library than its server expects", Severity.ERROR)
def mislabelled(view: View) -> Iterator[Finding]:
    """A model's `flavor` is not the one of the output that is registered as the model, and is not `pyfunc`, which loads
    every one.

    Why: The flavor decides which server loads it. That of another library cannot, and finds out only when it starts:
    the new version is delivered, and never becomes ready.

    Bad:

        churn: {trained_by: train, flavor: sklearn}

    Good:

        churn: {trained_by: train, flavor: xgboost}
    """
    for pipeline in view.spec.pipelines.values():
        for step in pipeline.steps.values():
            if step.register:
                _, maker, _, name = step.register.from_.split(".")
                made, model = pipeline.steps[maker].outputs[name], view.spec.models[step.register.model]
                if made.flavor and model.flavor and not _reads(model.flavor, made.flavor):
                    yield Finding(
                        f"{model.address}.flavor",
                        f"{model.name} is served as {model.flavor}, and {maker} makes it with {made.flavor}",
                        f"write `flavor: {made.flavor}`",
                        (("it is made here", f"{made.address}.flavor"),),
                    )


@rule("MS304", "a delivery with no pipeline behind it")
def manual(view: View) -> Iterator[Finding]:
    """A model serves or scores, has no `trained_by`, and no pipeline registers it.

    Why: Its versions come from somebody's hands: nobody can tell what one was made of, make it again, or retrain it
    when its data has moved.

    Bad:

        churn:
          batch: {schedule: "0 5 * * *", input: active, output: "s3://acme-ml/scores/${{ run.date }}/"}

    Good:

        churn:
          trained_by: train
          batch: {schedule: "0 5 * * *", input: active, output: "s3://acme-ml/scores/${{ run.date }}/"}
    """
    registered = view.written.at("pipelines.*.steps.*.register.model")
    for model in view.spec.models.values():
        is_made = model.trained_by is not None or model.name in registered
        if (model.serving or model.batch) and not is_made:
            hint = "add `trained_by: <pipeline>`, and a step to that pipeline that registers it behind a gate"
            yield Finding(model.address, f"the model {model.name} is delivered, and no pipeline makes it", hint)


@rule("MS305", "a served model with no way back", protected=Severity.WARNING)
def one_way(view: View) -> Iterator[Finding]:
    """A model serves where users depend on it, and nothing puts the version before it back by itself: its `rollout` has
    no `analysis`, and no condition of its monitors has `action: rollback`. Users depend on protected environments;
    where a spec has none, on all.

    Why: A bad version shows itself within minutes, by its errors and its latency. Putting the old one back by hand
    takes as long as it takes to wake somebody who knows how.

    Bad:

        service: {error_rate: "< 1%"}

    Good:

        service: {error_rate: "< 1%", action: rollback}
    """
    returning = {monitor.model for monitor in view.spec.monitors.values() if any(acting(monitor, ROLLBACK))}
    for model in view.spec.models.values() if view.is_live else ():
        rollout = model.serving.rollout if model.serving else None
        if model.serving and not (rollout and rollout.analysis) and model.name not in returning:
            yield Finding(
                model.serving.address,
                f"when a new version of {model.name} fails, nothing puts the one before it back",
                "add `action: rollback` to the `service` condition of its monitor, or an `analysis` to its rollout",
            )


@rule("MS306", "a delivered model with no version to take")
def unversioned(view: View) -> Iterator[Finding]:
    """A model serves or scores in an environment that promotes from nobody, and has no `version`.

    Why: `version` says which version of the registry the lock takes there: an alias, such as `@challenger`, or a
    number. With none, nothing that training makes is delivered, and what runs is what somebody wrote there by hand.

    Bad:

        churn:
          trained_by: train

    Good:

        churn:
          version: "@challenger"
          trained_by: train
    """
    environment = view.spec.environments.get(view.environment)
    if environment and environment.promotes_from:
        return
    for model in view.spec.models.values():
        if (model.serving or model.batch) and model.version is None:
            message = f"nothing says which version of {model.name} is delivered"
            yield Finding(model.address, message, 'add `version: "@challenger"`, or the number of a version')


@rule("MS307", "scores that each run overwrites", protected=Severity.WARNING)
def overwritten(view: View) -> Iterator[Finding]:
    """A model scores into a folder whose name is the same for every run: its `output` holds no `${{ run.date }}` or
    `${{ run.id }}`.

    Why: The scores of yesterday are gone when those of today are written, so that no decision can be explained. Whoever
    reads meanwhile gets half of each; and a run that fails leaves half of what was there.

    Bad:

        batch: {schedule: "0 5 * * *", input: active, output: s3://acme-ml/scores/}

    Good:

        batch: {schedule: "0 5 * * *", input: active, output: "s3://acme-ml/scores/ds=${{ run.date }}/"}
    """
    for model in view.spec.models.values():
        if model.batch and _is_fixed_folder(model.batch.output):
            message = f"each run of {model.name} writes its scores over those of the last"
            address = f"{model.batch.address}.output"
            yield Finding(address, message, f"write `{model.batch.output.rstrip('/')}/ds=${{{{ run.date }}}}/`")


def _is_fixed_folder(uri: str) -> bool:
    """Tell whether a URI is a folder of files, and the same one for every run."""
    return uri.startswith(_STORES) and not any(path.startswith("run.") for path in references(uri))


def _reads(server: str, made: str) -> bool:
    """Tell whether a server of one flavor may load what was made with another."""
    return server in (made, "pyfunc") or any({server, made} <= alike for alike in _ALIKE)


def _unread(view: View, pipeline: Pipeline, service: str) -> set[str]:
    """Return the views of a feature service that a pipeline makes up for by others, or by their data itself."""
    features = view.spec.features
    taken = {item.from_ for step in pipeline.steps.values() for item in step.inputs.values()}
    services = [address.removeprefix(_SERVICES) for address in taken if address.startswith(_SERVICES)]
    trained = {name for read in services for name in features.services[read].views}
    missing: set[str] = {name for name in features.services[service].views if name not in trained}
    # What reads neither may read what another pipeline has made of the features.
    makes_up = trained or any(f"datasets.{features.views[name].source}" in taken for name in missing)
    return missing if makes_up else set()


def _completed(model: Model) -> Iterator[tuple[str, str]]:
    """Yield the feature services that a model is given, each with the address that names it."""
    for node in (model.serving, model.batch):
        if node is not None and node.features:
            yield f"{node.address}.features", node.features


RULES = (unwatched, skewed, mislabelled, manual, one_way, unversioned, overwritten)
