"""Rules about how models answer requests: MS354 to MS360."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mlops_spec.diagnostic import Severity
from mlops_spec.lint.rule import Finding, View, rule
from mlops_spec.model.models import Expose, Model, Serving

_PERSONAL = re.compile(
    r"(?!has_|is_|num_|count_|n_)(?:\w+_)?(?:e_?mail(?:_address)?|phone(?:_number)?|(?:first|last|full|maiden)_name|surname"
    r"|home_address|street|birthday|birth_?date|date_of_birth|dob|ssn|social_security_number|passport_number|iban"
    r"|card_number|ip_address)\Z"
)
_OF_A_PERSON = ("string", "bytes", "date", "timestamp")


@rule("MS354", "one server alone", protected=Severity.WARNING)
def alone(view: View) -> Iterator[Finding]:
    """A model of a protected environment may be served by a single server. With `min: 0` it may sleep, which is taken
    as meant.

    Why: Each upgrade of a node takes it away, and until the next one has loaded the model nobody is answered.

    Bad:

        replicas: {min: 1, max: 4}

    Good:

        replicas: {min: 2, max: 4}
    """
    for model, serving in _serving(view) if view.protected else ():
        if serving.replicas is None or serving.replicas.min == 1:
            address = f"{serving.replicas.address}.min" if serving.replicas else serving.address
            hint = "write `min: 2`" if serving.replicas else "add `replicas: {min: 2}`"
            yield Finding(address, f"{model.name} may be served by a single server", hint)


@rule("MS355", "servers that can never be more")
def stuck(view: View) -> Iterator[Finding]:
    """A model has `autoscale`, and its `replicas` leave no room: `max` is missing, or the same as `min`.

    Why: The spec says that servers are added under load, and none ever is. It is noticed on the day of the load.

    Bad:

        replicas: {min: 2}
        autoscale: {metric: cpu, target: 70%}

    Good:

        replicas: {min: 2, max: 6}
        autoscale: {metric: cpu, target: 70%}
    """
    for model, serving in _serving(view):
        least = serving.replicas.min if serving.replicas else 1
        most = (serving.replicas.max if serving.replicas else None) or max(least, 1)
        if serving.autoscale and most == least:
            message = (
                f"{model.name} scales by {serving.autoscale.metric}, and may have {most} servers at most and at least"
            )
            hint = f"give `replicas` a `max` above {least}, or take `autoscale` out"
            yield Finding(serving.autoscale.address, message, hint)


@rule("MS356", "records that are kept for ever", protected=Severity.WARNING)
def hoarded(view: View) -> Iterator[Finding]:
    """The inference log of a model has no `retain`.

    Why: Requests are about people. What is kept without end is what leaks one day, what law forbids, and what is paid
    for each month.

    Bad:

        logging: {sink: s3://acme-ml/log/churn/, id: request_id}

    Good:

        logging: {sink: s3://acme-ml/log/churn/, id: request_id, retain: 90d}
    """
    for model, serving in _serving(view):
        if serving.logging and serving.logging.retain is None:
            message = f"the inference log of {model.name} is kept for ever"
            yield Finding(serving.logging.address, message, "add `retain`, such as `retain: 90d`")


@rule("MS357", "personal data in the inference log", protected=Severity.WARNING)
def personal(view: View) -> Iterator[Finding]:
    """A field that is personal by its name (a mail address, phone number, name, birthday, …) is stored: it is among the
    features that requests are completed with, or the `keys` of the log, and `drop` does not remove it.

    Why: Everybody who may read the log, to look for drift, reads it too; and it must be found and deleted when that
    person asks. Join by an identity that means nothing outside.

    Bad:

        logging: {sink: s3://acme-ml/log/churn/, keys: [email], retain: 90d}

    Good:

        logging: {sink: s3://acme-ml/log/churn/, keys: [customer_id], retain: 90d}
    """
    for model, serving in _serving(view):
        log = serving.logging
        for address, field in _stored(serving, view) if log else ():
            if log and field not in log.drop and _PERSONAL.match(field):
                message = f"the inference log of {model.name} stores {field}, which is personal by its name"
                yield Finding(address, message, f"add `{field}` to `drop`, or use another field in its place")


@rule("MS358", "two models at one address", Severity.ERROR)
def colliding(view: View) -> Iterator[Finding]:
    """Two models are exposed at the same path of the same host.

    Why: A gateway sends a request to one of them: the one whose route is older. Callers of the other get answers from
    the wrong model, with status 200.

    Bad:

        expose: {host: ml.acme.example, path: /churn/}

    Good:

        expose: {host: ml.acme.example, path: /upsell}
    """
    first: dict[tuple[str, str], Expose] = {}
    for model, serving in _serving(view):
        if serving.expose:
            place = (_host(model, serving.expose, view), serving.expose.path.rstrip("/"))
            other = first.setdefault(place, serving.expose)
            if other is not serving.expose:
                message = f"{model.name} is exposed where another model is: at {serving.expose.path}"
                related = (("the other one is exposed here", f"{other.address}.path"),)
                yield Finding(f"{serving.expose.address}.path", message, "give it a path or a host of its own", related)


def _serving(view: View) -> Iterator[tuple[Model, Serving]]:
    yield from ((model, model.serving) for model in view.spec.models.values() if model.serving)


def _stored(serving: Serving, view: View) -> Iterator[tuple[str, str]]:
    """Yield the fields that are known to be stored, each with the address that says so."""
    if serving.logging is not None:
        yield from ((f"{serving.logging.address}.keys.{i}", key) for i, key in enumerate(serving.logging.keys))
    service = view.spec.features.services[serving.features] if serving.features else None
    for name in service.views if service else ():
        for field, kind in view.spec.features.views[name].fields.items():
            if kind in _OF_A_PERSON:
                yield f"{serving.address}.features", field


def _host(model: Model, expose: Expose, view: View) -> str:
    """Return the host of a model's address; below ``*.`` each model has one of its own."""
    host = str(view.spec.platform.gateway.options.get("host") or "")
    return expose.host or (f"{model.name}{host[1:]}" if host.startswith("*.") else host)


RULES = (alone, stuck, hoarded, personal, colliding)
