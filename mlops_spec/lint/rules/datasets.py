"""Rules about datasets: MS241 to MS249."""

from __future__ import annotations

from collections.abc import Iterator

from mlops_spec.lint.rule import Finding, View, rule
from mlops_spec.model.pipelines import Pipeline


@rule("MS241", "training on data that is not versioned")
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


RULES = (unversioned,)
