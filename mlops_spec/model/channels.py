"""Channels: where people are told."""

from __future__ import annotations

from mlops_spec.model.node import Named, Node


class Slack(Node):
    """A Slack channel."""

    url: str
    channel: str | None


class Email(Node):
    """Mail."""

    to: tuple[str, ...]
    from_: str | None


class Pagerduty(Node):
    """A PagerDuty service."""

    routing_key: str


class Webhook(Node):
    """An HTTP endpoint."""

    url: str


class Channel(Named):
    """A way to tell people: exactly one of slack, email, pagerduty, webhook."""

    slack: Slack | None
    email: Email | None
    pagerduty: Pagerduty | None
    webhook: Webhook | None
