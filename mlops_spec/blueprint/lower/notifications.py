"""Who is told of which alerts: people by channels, and pipelines that a breach starts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mlops_spec.address import parse
from mlops_spec.blueprint import contract
from mlops_spec.blueprint import signals as table
from mlops_spec.blueprint.lower.context import Context
from mlops_spec.blueprint.lower.monitors import COMPONENT
from mlops_spec.blueprint.lower.objectives import PAGE, TICKET
from mlops_spec.blueprint.lower.polling import ASK_AGAIN
from mlops_spec.blueprint.lower.run_alerts import FAILED, MISSED
from mlops_spec.blueprint.ports import Metrics, Refused
from mlops_spec.blueprint.types import (
    AlertGroup,
    Email,
    Label,
    Notice,
    Notifications,
    Receiver,
    SecretKey,
    Slack,
    Trigger,
    Webhook,
)
from mlops_spec.language.placeholder import Reference, split
from mlops_spec.language.text import Name
from mlops_spec.model.channels import Channel
from mlops_spec.model.monitors import RETRAIN, Monitor
from mlops_spec.model.pipelines import Pipeline

_REPEAT = {PAGE: "1h", TICKET: "24h"}
"""How long after it was told a channel is told again, while a breach lasts."""


def notifications(
    context: Context, groups: Iterable[AlertGroup], runs: Iterable[AlertGroup], triggers: Iterable[Trigger]
) -> Notifications | None:
    """Return who is told of the alerts of models, of monitors and of ``runs``; None where nobody is."""
    metrics = context.ports.metrics
    if metrics is None:
        return None
    found = _Notifications(context, metrics, tuple(groups))
    notices = (*found.people(), *found.runs(runs), *found.pipelines(triggers))
    if not notices:
        return None
    receivers = tuple(receiver for _, receiver in sorted(found.receivers.items()))
    resource = context.resource("channels", Name("notifications"), COMPONENT)
    return Notifications(**resource, receivers=receivers, notices=notices)


class _Notifications:
    def __init__(self, context: Context, metrics: Metrics, groups: tuple[AlertGroup, ...]) -> None:
        self.context, self.metrics, self.groups = context, metrics, groups
        self.receivers: dict[str, Receiver] = {}

    def people(self) -> Iterator[Notice]:
        """Return a notice for each monitor or model, channel and severity that there is an alert of."""
        for group in self.groups:
            severities = sorted({alert.severity for alert in group.alerts})
            for name, address in self._channels(group):
                receiver = self._person(name)
                for severity in severities if receiver else ():
                    named = {**_shared(group), "severity": str(severity)}
                    yield _notice(address, named, Name(name), _REPEAT[severity])

    def runs(self, groups: Iterable[AlertGroup]) -> Iterator[Notice]:
        """Return a notice for each channel and what it is to be told of a pipeline's runs."""
        for group in groups:
            pipeline = self.context.spec.pipelines[parse(group.address)[1]]
            happened = {label.value for alert in group.alerts for label in alert.labels if label.key == table.CONDITION}
            shared = {label.key: label.value for label in group.alerts[0].labels if label.key == table.PIPELINE}
            for condition in sorted(happened):
                for name, address in _told_of(condition, pipeline):
                    if self._person(name):
                        named = {**shared, table.CONDITION: condition}
                        yield _notice(address, named, Name(name), _REPEAT[TICKET])

    def _channels(self, group: AlertGroup) -> list[tuple[str, str]]:
        """Return who is told of a group: a monitor's own channels, and of objectives those of the model's monitors."""
        monitors = self.context.spec.monitors.values()
        own = [monitor for monitor in monitors if monitor.address == group.address]
        told = own or [m for m in monitors if group.address == f"models.{m.model}.slo"]
        return list({name: f"{m.address}.notify" for m in reversed(told) for name in m.notify}.items())

    def _person(self, name: str) -> Receiver | None:
        if name not in self.receivers:
            try:
                self.receivers[name] = _receiver(self.context.spec.channels[name], self.metrics)
            except Refused as problem:
                channel = self.context.spec.channels[name].address
                self.context.refuse("MS133", str(problem), channel, "write ${{ secrets.<name>.<key> }}")
        return self.receivers.get(name)

    def pipelines(self, triggers: Iterable[Trigger]) -> Iterator[Notice]:
        """Return a notice for each model whose breach starts the pipeline that trains it."""
        asking = {monitor.model for monitor in self.context.spec.monitors.values() if _asks(monitor, self.groups)}
        by_pipeline = {trigger.address: trigger for trigger in triggers}
        for model in sorted(asking):
            trigger = by_pipeline.get(f"pipelines.{self.context.spec.models[model].trained_by}")
            listener = next((each for each in trigger.listeners if each.event.path), None) if trigger else None
            orchestrator = self.context.ports.orchestrators.get(str(self.context.spec.models[model].trained_by))
            if listener is None or orchestrator is None:
                continue
            url = orchestrator.webhook(listener.name, self.context.environment.namespace, listener.event.path or "")
            name = Name(f"{contract.RETRAIN}.{listener.name}")
            webhook = Webhook(address=listener.address, url=url, key=None)
            self.receivers[name] = Receiver(
                address=listener.address, name=name, slack=None, email=None, pagerduty=None, webhook=webhook,
                resolved=False,
            )  # fmt: skip
            named = {table.MODEL: str(self.context.names.of(f"models.{model}")), "action": RETRAIN}
            yield _notice(listener.address, named, name, f"{ASK_AGAIN // 3600}h")


def _told_of(condition: str, pipeline: Pipeline) -> list[tuple[str, str]]:
    """Return who is told, and where it says so: all channels, where nobody looks at the runs any more."""
    notify = pipeline.notify
    assert notify is not None
    named = [(name, f"{notify.address}.failed") for name in notify.failed if condition != MISSED]
    if notify.missed is not None and condition != FAILED:
        named += [(name, notify.missed.address) for name in notify.missed.channels]
    return list(dict(reversed(named)).items())


def _asks(monitor: Monitor, groups: Iterable[AlertGroup]) -> bool:
    alerts = (alert for group in groups if group.address == monitor.address for alert in group.alerts)
    return any(alert.action == RETRAIN for alert in alerts)


def _shared(group: AlertGroup) -> dict[str, str]:
    """Return the labels that all alerts of a group have, and those of no other group: objectives have no monitor."""
    label = {label.key: label.value for label in group.alerts[0].labels}
    return {table.MODEL: label[table.MODEL], table.MONITOR: label.get(table.MONITOR, "")}


def _notice(address: str, labels: dict[str, str], receiver: Name, repeat: str) -> Notice:
    named = tuple(Label(address=address, key=key, value=value) for key, value in sorted(labels.items()))
    return Notice(address=address, labels=named, receiver=receiver, repeat=repeat)


def _receiver(channel: Channel, metrics: Metrics) -> Receiver:
    """Return who a channel tells. Raises Refused where what must be a secret stands in the spec."""
    slack = email = pagerduty = webhook = None
    if channel.slack:
        key = _secret(channel.slack.url, channel.slack.address, "url")
        slack = Slack(address=channel.slack.address, url=_needed(key, "slack.url"), channel=channel.slack.channel)
    if channel.email:
        to, sender = metrics.text(", ".join(channel.email.to)), channel.email.from_
        email = Email(address=channel.email.address, to=to, sender=metrics.text(sender) if sender else None)
    if channel.pagerduty:
        key = _secret(channel.pagerduty.routing_key, channel.pagerduty.address, "routing_key")
        pagerduty = _needed(key, "pagerduty.routing_key")
    if channel.webhook:
        key = _secret(channel.webhook.url, channel.webhook.address, "url")
        webhook = Webhook(address=channel.webhook.address, url=None if key else channel.webhook.url, key=key)
    return Receiver(
        address=channel.address, name=Name(channel.name), slack=slack, email=email, pagerduty=pagerduty,
        webhook=webhook, resolved=True,
    )  # fmt: skip


def _secret(value: str, address: str, field: str) -> SecretKey | None:
    parts = split(value)
    first = parts[0] if len(parts) == 1 else None
    if not isinstance(first, Reference) or first.path[0] != "secrets":
        return None
    return SecretKey(address=f"{address}.{field}", name=Name(first.path[1]), key=Name(first.path[2]))


def _needed(key: SecretKey | None, field: str) -> SecretKey:
    if key is None:
        raise Refused(f"{field} is read from a secret alone, whole")
    return key
