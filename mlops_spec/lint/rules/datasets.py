"""Rules about datasets: MS241 to MS249."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mlops_spec.lint.rule import Change, Finding, View, rule
from mlops_spec.model.pipelines import Pipeline

_BRANCH = re.compile(r"(?:origin/)?(?:main|master|trunk|develop|HEAD|latest)(?:[~^][0-9]*)*\Z")


@rule(
    "MS241", "training on data that is not versioned", repair="adds `version: per-run`, which is how it is read anyway"
)
def unversioned(view: View) -> Iterator[Finding]:
    """A pipeline that trains a model reads a dataset that has no `version`.

    Why: The model can be neither repeated nor explained: nobody can tell afterwards which rows it has seen. A pinned
    version makes training reproducible; `per-run` records with each run the revision that it read.

    Bad:

        customers:
          uri: s3://acme-ml/churn/customers.parquet

    Good:

        customers:
          uri: s3://acme-ml/churn/customers.parquet
          version: "dvc:3f2a9c17"
    """
    for dataset in view.spec.datasets.values():
        read = tuple(_read(dataset.address, view)) if dataset.version is None else ()
        if read:
            yield Finding(
                dataset.address,
                f"the dataset {dataset.name} is trained on, but has no version",
                'pin it, as `version: "dvc:<revision>"`, or record what each run read: `version: per-run`',
                read,
                change=Change(f"{dataset.address}.version", "per-run"),
            )


@rule("MS242", "a reference without a version")
def drifting(view: View) -> Iterator[Finding]:
    """A monitor compares live data with a dataset that has no `version`.

    Why: A reference is what the model has learnt from. Of one that is only a place, nobody can tell which rows lay
    there when an alert came, or did not: whatever moves slowly moves along with it, and is never seen.

    Bad:

        customers: {uri: s3://acme-ml/customers.parquet}

    Good:

        customers: {uri: s3://acme-ml/customers.parquet, version: "dvc:3f2a9c17"}
    """
    for monitor in view.spec.monitors.values():
        dataset = view.spec.datasets[monitor.reference] if monitor.reference else None
        if dataset is not None and dataset.version is None:
            yield Finding(
                f"{monitor.address}.reference",
                f"the monitor {monitor.name} compares with the dataset {dataset.name}, which has no version",
                'pin it to what the model was trained on, as `version: "dvc:<revision>"`',
                (("this is the dataset", dataset.address),),
            )


@rule("MS243", "scores of data that is not versioned", repair="adds `version: per-run`, which is how it is read anyway")
def unexplained(view: View) -> Iterator[Finding]:
    """A model scores a dataset that has no `version`.

    Why: Nobody can tell afterwards from which rows a score was made, so that a wrong one can be neither explained nor
    made again. `per-run` records with each run the revision that it read.

    Bad:

        active: {uri: s3://acme-ml/active/}

    Good:

        active: {uri: s3://acme-ml/active/, version: per-run}
    """
    for model in view.spec.models.values():
        dataset = view.spec.datasets[model.batch.input] if model.batch else None
        if dataset is not None and dataset.version is None:
            yield Finding(
                f"{model.address}.batch.input",
                f"the model {model.name} scores the dataset {dataset.name}, which has no version",
                "record what each run read: `version: per-run`",
                (("this is the dataset", dataset.address),),
                change=Change(f"{dataset.address}.version", "per-run"),
            )


@rule("MS244", "a version that moves")
def moving(view: View) -> Iterator[Finding]:
    """The `version` of a dataset is a branch, by its name: `dvc:main`, `lakefs:main`, `dvc:HEAD`.

    Why: It looks pinned, and each commit to the branch changes it. The revision that lineage records with a model is
    the branch's name, which says nothing about the rows that the model has seen.

    Bad:

        version: "lakefs:main"

    Good:

        version: "lakefs:8a6f3c1d"
    """
    for dataset in view.spec.datasets.values():
        system, _, reference = (dataset.version or "").partition(":")
        if system in ("dvc", "lakefs") and _BRANCH.match(reference):
            yield Finding(
                f"{dataset.address}.version",
                f"the version of the dataset {dataset.name} is {reference}, which moves with each commit to it",
                f'name a commit or a tag, as `version: "{system}:<commit>"`, or let each run record its own: `per-run`',
            )


def _read(dataset: str, view: View) -> Iterator[tuple[str, str]]:
    """Where training reads a dataset."""
    trainers = {model.trained_by for model in view.spec.models.values()}
    for pipeline in view.spec.pipelines.values():
        if pipeline.name in trainers or _registers(pipeline):
            for step in pipeline.steps.values():
                yield from (("it is read here", i.address) for i in step.inputs.values() if i.from_ == dataset)


def _registers(pipeline: Pipeline) -> bool:
    return any(step.register for step in pipeline.steps.values())


RULES = (unversioned, drifting, unexplained, moving)
