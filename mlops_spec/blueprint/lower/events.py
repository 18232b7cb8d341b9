"""What may start a pipeline beside its schedule: new data, and monitors that ask for a retraining."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mlops_spec.blueprint import contract
from mlops_spec.blueprint.lower.artifacts import scheme
from mlops_spec.blueprint.lower.context import Context
from mlops_spec.blueprint.types import Event, Queue, SecretKey, Topic
from mlops_spec.language.text import Name
from mlops_spec.model.datasets import Dataset
from mlops_spec.model.monitors import RETRAIN, Monitor, acting
from mlops_spec.model.pipelines import Pipeline


def events(context: Context, said: Pipeline) -> Iterator[Event]:
    """Yield each event that may start a pipeline; report a dataset that does not say how its arrival is noticed."""
    if any(_asks(context, monitor, said) for monitor in context.spec.monitors.values()):
        at = said.retraining.address if said.retraining else said.address
        asked = contract.RETRAIN
        yield Event(address=at, name=asked, queue=None, topic=None, path=f"/{asked}", data=None)
    for name, wanted in sorted(said.triggers.items()):
        dataset = context.spec.datasets[wanted.dataset]
        if dataset.changes is None:
            reason = f"the dataset {dataset.name} does not say how new data is noticed"
            context.withhold(wanted.address, reason, f"add `changes` to datasets.{dataset.name}")
        else:
            group = f"{context.spec.project.name}-{context.environment.name}-{said.name}-{name}"
            queue, topic = _queue(context, dataset), _topic(context, dataset, group)
            data = None if queue or topic else dataset.uri
            yield Event(address=wanted.address, name=_named(name), queue=queue, topic=topic, path=None, data=data)


def pollable(context: Context, asked: Iterable[Event]) -> tuple[Event, ...]:
    """Return those events that a job can look for; the others are withheld."""
    found, metrics = [], context.ports.metrics
    for event in asked:
        if event.topic is not None:
            reason = "looking for messages of a Kafka topic is not built yet, and its orchestrator hears none"
            context.withhold(event.address, reason, "tell of changes by `sqs`, or look at the data by `poll`")
        elif event.data is not None and scheme(event.data) not in contract.STORES:
            known = ", ".join(f"{one}://" for one in sorted(contract.STORES))
            context.withhold(event.address, f"nothing tells when {event.data} has changed", f"use one of: {known}")
        elif event.path is not None and (metrics is None or metrics.url is None):
            reason = "the program that looks for alerts has no address to ask at"
            context.withhold(event.address, reason, "set platform.metrics.url")
        else:
            found.append(event)
    return tuple(found)


def asking(context: Context, said: Pipeline) -> tuple[str, ...]:
    """Return the models whose monitors ask for a pipeline, as their alerts call them."""
    monitors = (monitor for monitor in context.spec.monitors.values() if _asks(context, monitor, said))
    return tuple(sorted({str(context.names.of(f"models.{monitor.model}")) for monitor in monitors}))


def _asks(context: Context, monitor: Monitor, said: Pipeline) -> bool:
    """Tell whether a condition of the monitor asks for this pipeline."""
    return context.spec.models[monitor.model].trained_by == said.name and any(acting(monitor, RETRAIN))


def _named(trigger: str) -> Name:
    """Return the name of a trigger's event; objects are named after it, and their names have no underscore."""
    return Name(f"dataset-{trigger.replace('_', '-').strip('-')}")


def _key(dataset: Dataset, key: str) -> SecretKey | None:
    changes = dataset.changes
    assert changes is not None
    if changes.secret is None:
        return None
    return SecretKey(address=f"{changes.address}.secret", name=Name(changes.secret), key=Name(key))


def _queue(context: Context, dataset: Dataset) -> Queue | None:
    changes = dataset.changes
    assert changes is not None
    if not changes.sqs:
        return None
    access, secret = _key(dataset, "access_key"), _key(dataset, "secret_key")
    return Queue(address=changes.address, name=changes.sqs, region=changes.region or "", access=access, secret=secret)


def _topic(context: Context, dataset: Dataset, group: str) -> Topic | None:
    changes = dataset.changes
    assert changes is not None
    if not changes.kafka:
        return None
    return Topic(
        address=changes.address, name=changes.kafka, brokers=",".join(changes.brokers), group=group,
        user=_key(dataset, "username"), password=_key(dataset, "password"),
    )  # fmt: skip
