"""What a cluster would not take of what is rendered, as problems at the lines of the spec that say it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from mlops_spec.address import parse
from mlops_spec.blueprint.lower.environment import PROJECT
from mlops_spec.changes.causes import place_of
from mlops_spec.changes.live import Printed, said_by
from mlops_spec.cli.clusters import ARGOCD, Answered
from mlops_spec.cli.planned import escaped
from mlops_spec.diagnostic import Diagnostic, Related, Severity, warning
from mlops_spec.live.kubernetes.answer import Fault, Held, Why
from mlops_spec.live.kubernetes.ask import Asked
from mlops_spec.live.kubernetes.field import steps
from mlops_spec.source.tree import mark

_CODES = {Why.INVALID: "MS508", Why.DENIED: "MS515", Why.IMMUTABLE: "MS512", Why.UNCHECKED: "MS514"}
_MOST_NAMED = 3

_MANAGERS = {
    "kubectl-client-side-apply": "`kubectl apply`",
    "kubectl-edit": "`kubectl edit`",
    "kubectl-patch": "`kubectl patch`",
    "kubectl-set": "`kubectl set`",
    "kubectl-label": "`kubectl label`",
    "kubectl-annotate": "`kubectl annotate`",
    "kubectl-rollout": "`kubectl rollout`",
    "kubectl-create": "`kubectl create`",
    "kubectl-replace": "`kubectl replace`",
    "kubectl": "`kubectl apply --server-side`",
    "before-first-apply": "what was there before the first server-side apply",
    "helm": "Helm",
    "Helm": "Helm",
    "kustomize-controller": "Flux",
    "helm-controller": "Flux",
    "kube-controller-manager": "a controller of Kubernetes itself",
    ARGOCD: "Argo CD",
}
"""Who is behind the names under which fields are held."""


def problems(answered: Sequence[Answered], manager: str) -> Iterator[Diagnostic]:
    """Yield what the cluster would not take, and what others hold that an apply would take over."""
    for each in answered:
        environments = () if each.group.name == PROJECT else (each.group.name,)
        found = [*_of_kinds(each), *_of_namespaces(each)]
        for printed, asked in each.pairs():
            found += [*_faults(printed, asked), *_conflicts(printed, asked, manager)]
        yield from (problem._replace(environments=environments) for problem in found)


def is_made_anew(asked: Asked) -> bool:
    """Tell whether Argo CD deletes an object before it applies it, so that nothing of it need be changed in place."""
    annotations = asked.wanted.data["metadata"].get("annotations") or {}
    policy = str(annotations.get("argocd.argoproj.io/hook-delete-policy") or "")
    options = str(annotations.get("argocd.argoproj.io/sync-options") or "").replace(" ", "").split(",")
    return "BeforeHookCreation" in policy or {"Force=true", "Replace=true"} <= {*options}


def _faults(printed: Printed, asked: Asked) -> Iterator[Diagnostic]:
    answer = asked.answer
    if answer is None or answer.why not in _CODES or (answer.why is Why.IMMUTABLE and is_made_anew(asked)):
        return
    for fault in answer.faults:
        why = Why.IMMUTABLE if fault.immutable else answer.why
        severity = Severity.WARNING if why is Why.UNCHECKED else Severity.ERROR
        yield _at(printed, fault, severity, _CODES[why], _way_out(asked, why, fault))


def _way_out(asked: Asked, why: Why, fault: Fault) -> str:
    kind = f"{asked.wanted.kind} of {asked.wanted.version}"
    if why is Why.IMMUTABLE:
        return f"put back what is live, or delete the {asked.wanted.kind} {asked.wanted.name}, so that it is made anew"
    if why is Why.DENIED:
        return "mend what the policy asks for, or have whoever keeps it except this object"
    if why is Why.UNCHECKED:
        return "it is compared as it is rendered; what the cluster says will be known when it is applied"
    if "not declared in schema" in fault.said:
        return f"take it out, or correct its name: {kind}, as this cluster has it, knows no such field"
    return f"mend it there: this cluster takes no such {kind}"


def _at(printed: Printed, fault: Fault, severity: Severity, code: str, hint: str) -> Diagnostic:
    """Place a fault at the line of the spec that says it, and name the rendered one."""
    path = steps(printed.data, fault.field)
    cause = said_by(printed, path)
    rendered = printed.place(path)
    field = fault.field.removeprefix(".")
    message = escaped(": ".join(filter(None, (printed.path, field, fault.said))))
    related = (Related("rendered here", rendered),) if cause.place is not None else ()
    return Diagnostic(severity, code, message, cause.place or rendered, cause.address, hint, related)


def _of_kinds(answered: Answered) -> Iterator[Diagnostic]:
    """Yield each kind that the server does not know, once."""
    lacking: dict[tuple[str, str], list[tuple[Printed, Asked]]] = {}
    for printed, asked in answered.pairs():
        if asked.answer is not None and asked.answer.why is Why.KIND:
            lacking.setdefault((asked.wanted.version, asked.wanted.kind), []).append((printed, asked))
    for (version, kind), found in lacking.items():
        printed, asked = found[0]
        served = asked.answer.faults[0].said if asked.answer else ""
        named, need = _named([each.path for each, _ in found]), "needs" if len(found) == 1 else "need"
        message = f"the cluster knows no {kind} of {version}: {named} {need} it"
        group = version.rpartition("/")[0]
        way_out = f"install the CustomResourceDefinition of {kind} ({group}), with the operator that acts on it"
        hint = f"it is served as {served}: bring the operator to a version that has {version}" if served else way_out
        at = _at(printed, Fault("", ""), Severity.ERROR, "MS509", hint)
        yield at._replace(message=message)


def _of_namespaces(answered: Answered) -> Iterator[Diagnostic]:
    """Yield each namespace that is not there, once."""
    lacking: dict[str, list[tuple[Printed, Asked]]] = {}
    for printed, asked in answered.pairs():
        if asked.answer is not None and asked.answer.why is Why.NAMESPACE:
            lacking.setdefault(asked.wanted.namespace or "default", []).append((printed, asked))
    own = {asked.wanted.name for _, asked in answered.pairs() if asked.wanted.kind == "Namespace"}
    for namespace, found in lacking.items():
        count = f"{len(found)} object{'' if len(found) == 1 else 's'}"
        message = (
            f"the namespace {namespace} is not there yet: what the cluster says of {count} is not known until it is"
        )
        hint = "it is rendered too, and comes first when that is applied" if namespace in own else _outside(namespace)
        address = f"environments.{answered.group.name}" if answered.group.compiled else "platform.delivery"
        place = place_of(mark(found[0][0].resolved, parse(address)))
        yield warning("MS511", message, place, address, hint)


def _outside(namespace: str) -> str:
    return (
        f"nothing here makes it: `kubectl create namespace {namespace}`, or ask the cluster that has it with --context"
    )


def _conflicts(printed: Printed, asked: Asked, manager: str) -> Iterator[Diagnostic]:
    """Yield who else holds fields of an object, each once."""
    by: dict[tuple[str, str], list[Held]] = {}
    for held in asked.held:
        by.setdefault((held.manager, held.subresource), []).append(held)
    for (other, subresource), found in by.items():
        fields = _named([each.field.removeprefix(".") for each in found])
        said = f"{other}{_who(other, subresource)} has set {fields} to something else"
        hint = _way_out_of(other, subresource, manager)
        yield _at(printed, Fault(found[0].field, ""), Severity.WARNING, "MS510", hint)._replace(
            message=escaped(f"{printed.path}: {said}")
        )


def _who(other: str, subresource: str) -> str:
    """Say in brackets who is behind a name; an autoscaler and `kubectl scale` both go through ``scale``."""
    if subresource:
        return " (an autoscaler, or `kubectl scale`)" if subresource == "scale" else f" (through {subresource})"
    return f" ({_MANAGERS[other]})" if other in _MANAGERS else ""


def _way_out_of(other: str, subresource: str, manager: str) -> str:
    if other == ARGOCD:
        return f"compare as Argo CD applies: leave --field-manager {manager} out"
    leave = "to leave it to them, take the field out of what is rendered"
    if subresource == "scale":
        leave = "to leave it to an autoscaler, take `replicas` out of what is rendered"
    if manager == ARGOCD:
        return f"Argo CD takes it over when it next syncs; to keep it, say it in the spec; {leave}"
    return f"an apply as {manager} is refused, unless it takes over (`--force-conflicts`); {leave}"


def _named(names: Iterable[str]) -> str:
    """Name the first few, and count the others."""
    listed = [*names]
    more = len(listed) - _MOST_NAMED
    return ", ".join(listed[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
