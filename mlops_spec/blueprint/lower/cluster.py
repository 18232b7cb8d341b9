"""What every environment needs in its cluster: namespace, accounts, roles, secrets, network policies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from mlops_spec.address import parse
from mlops_spec.blueprint.lower.artifacts import store
from mlops_spec.blueprint.lower.context import Context
from mlops_spec.blueprint.lower.data import sources
from mlops_spec.blueprint.names import shorten
from mlops_spec.blueprint.ports import Orchestrator, Run
from mlops_spec.blueprint.types import (
    Account,
    Blueprint,
    Endpoint,
    Label,
    Namespace,
    Pipeline,
    Policy,
    Role,
    Secret,
    SecretEntry,
    SecretKey,
    Source,
    Token,
)
from mlops_spec.language.text import Name
from mlops_spec.model.node import Node

_SELECTED = ("app.kubernetes.io/name", "app.kubernetes.io/component", "app.kubernetes.io/part-of")


def namespace(context: Context) -> Namespace:
    """Return the environment's namespace."""
    environment, project = context.environment, context.spec.project
    notes = {"owner": project.owner, "description": project.description}
    address = f"environments.{environment.name}"
    return Namespace(**context.resource(address, environment.namespace, "cluster", -2, notes=notes))


def secrets(context: Context) -> tuple[Secret, ...]:
    """Return every secret that the spec declares."""
    backend = context.ports.secrets
    for secret in context.spec.secrets.values():
        if backend is not None and backend.stores and secret.store is None:
            context.refuse("MS144", f"the secret {secret.name} names no store", secret.address, "add `store: <name>`")
    return tuple(
        Secret(
            **context.resource(secret.address, context.names.of(secret.address), "secrets", -1),
            store=secret.store,
            entries=tuple(
                SecretEntry(address=f"{secret.address}.keys.{i}", key=Name(key), path=secret.path, property=Name(key))
                for i, key in enumerate(secret.keys)
            ),
            notes=(),
        )
        for _, secret in sorted(context.spec.secrets.items())
    )


def check_keys(context: Context, blueprint: Blueprint) -> None:
    """Report what takes a key from a secret that does not declare it: options name the keys that they need."""
    seen: set[tuple[str, str, str]] = set()
    for key in _secret_keys(blueprint):
        secret = context.spec.secrets.get(key.name)
        if secret is None or key.key in secret.keys or (key.address, key.name, key.key) in seen:
            continue
        seen.add((key.address, key.name, key.key))
        hint = f"add {key.key} to secrets.{key.name}.keys, or name another secret"
        context.refuse("MS144", f"the secret {key.name} has no key {key.key}, which is needed here", key.address, hint)


def _secret_keys(blueprint: Blueprint) -> Iterator[SecretKey]:
    ahead: list[Node | tuple[object, ...]] = [blueprint]
    while ahead:
        value = ahead.pop()
        for part in value if isinstance(value, tuple) else value.__dict__.values():
            if not isinstance(part, (Node, tuple)):
                continue
            if isinstance(part, SecretKey):
                yield part
            else:
                ahead.append(part)


def orchestrators(context: Context, pipelines: Iterable[Pipeline]) -> dict[Name, list[Orchestrator]]:
    """Return the accounts that the pipelines' steps run as, each with the orchestrators that need it."""
    found: dict[Name, list[Orchestrator]] = {}
    for pipeline in pipelines:
        orchestrator = context.ports.orchestrators[parse(pipeline.address)[1]]
        if orchestrator is None or pipeline.account is None:
            continue
        if orchestrator not in found.setdefault(pipeline.account, []):
            found[pipeline.account].append(orchestrator)
    return found


def accounts(context: Context, running: Mapping[Name, Iterable[Orchestrator]]) -> tuple[Account, ...]:
    """Return a ServiceAccount for each; with a Secret for its token where an orchestrator's containers need one."""
    found = []
    for name, needing in sorted(running.items()):
        found.append(account(context, "platform.orchestrator", name, needing))
    return tuple(found)


def account(context: Context, address: str, name: Name, needing: Iterable[Orchestrator] = ()) -> Account:
    """Return a ServiceAccount, with a Secret for its token where containers of the orchestrators need one."""
    token = None
    if any(orchestrator.token() for orchestrator in needing):
        resource = context.resource(address, shorten(f"{name}.service-account-token", address, 253), "cluster", -1)
        token = Token(**resource, account=name)
    mounted = any(orchestrator.drivers() for orchestrator in needing)
    return Account(**context.resource(address, name, "cluster", -1), token=token, mounted=mounted, secrets=())


def roles(context: Context, running: Mapping[Name, Iterable[Orchestrator]]) -> tuple[Role, ...]:
    """Return what each account may do."""
    found = []
    for name, needing in sorted(running.items()):
        rules = tuple(rule for orchestrator in needing for rule in orchestrator.rules())
        if rules:
            found.append(
                Role(**context.resource("platform.orchestrator", name, "cluster", -1), account=name, rules=rules)
            )
    return tuple(found)


def policies(context: Context, pipelines: Iterable[Pipeline]) -> tuple[Policy, ...]:
    """Return default-deny for all pods, and for each pipeline's pods what they must reach."""
    rendered = tuple(pipeline for pipeline in pipelines if pipeline.account is not None)
    deny = policy(context, f"environments.{context.environment.name}", Name("default-deny"), ())
    return (deny, *_drivers(context, rendered), *(_policy(context, pipeline) for pipeline in rendered))


def _drivers(context: Context, pipelines: Iterable[Pipeline]) -> Iterator[Policy]:
    """Yield what the pods reach that an orchestrator runs beside those of steps."""
    for account, running in sorted(orchestrators(context, pipelines).items()):
        for orchestrator in running:
            if pods := orchestrator.drivers():
                name = shorten(f"{account}.driver", "platform.orchestrator")
                yield policy(context, "platform.orchestrator", name, pods, orchestrator.egress())


def policy(
    context: Context,
    address: str,
    name: Name,
    pods: tuple[Label, ...],
    egress: Iterable[Endpoint] = (),
    ingress: Iterable[Source] = (),
) -> Policy:
    """Return what the pods with these labels, or all without any, reach and hear."""
    resource = context.resource(address, name, "cluster", -1)
    return Policy(**resource, pods=pods, ingress=tuple(ingress), egress=distinct(egress))


def _policy(context: Context, pipeline: Pipeline) -> Policy:
    spec = context.spec.pipelines[parse(pipeline.address)[1]]
    orchestrator = context.ports.orchestrators[spec.name]
    wanted: list[Endpoint] = list(orchestrator.egress() if orchestrator else ())
    run = Run(experiment=spec.experiment, id=None)
    tracking, registry, artifacts = context.ports.tracking, context.ports.registry, context.spec.platform.artifacts
    if context.runtime is not None and tracking is not None:
        wanted += tracking.variables(run).egress
    if registry is not None and any(step.gate or step.register for step in spec.steps.values()):
        wanted += registry.variables().egress
    if artifacts and artifacts.uri and any(step.outputs for step in spec.steps.values()):
        wanted.append(store(artifacts.uri, artifacts, f"{artifacts.address}.uri"))
    for step in spec.steps.values():
        for source in step.inputs.values():
            parts = parse(source.from_)
            if parts[0] == "datasets":
                wanted += sources(context, parts[1])
    return policy(context, pipeline.address, pipeline.name, selector(pipeline.pods), wanted)


def selector(labels: Iterable[Label]) -> tuple[Label, ...]:
    """Return the labels by which a policy finds its pods."""
    return tuple(label for label in labels if label.key in _SELECTED)


def distinct(endpoints: Iterable[Endpoint]) -> tuple[Endpoint, ...]:
    """Return each endpoint once, sorted."""
    found = {(e.namespace or "", e.port): e for e in reversed(list(endpoints))}
    return tuple(found[key] for key in sorted(found))
