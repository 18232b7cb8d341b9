"""Pods as Pod Security "restricted" wants them, and images by digest: what holds for ours holds after a patch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from mlops_spec.diagnostic import Diagnostic, Severity
from mlops_spec.source.tree import Map
from mlops_spec.verify.syntax import at, dotted

Field = tuple[str | int, ...]

_HOST = ("hostNetwork", "hostPID", "hostIPC", "hostUsers")
_LISTS = ("containers", "initContainers", "ephemeralContainers", "sidecars")
_SINGLE = ("container", "script")
_SECCOMP = ("RuntimeDefault", "Localhost")
_HINT = "the rules for pods hold after a patch too: they are Kubernetes' Pod Security level restricted"


class Breach(NamedTuple):
    """A field of a pod, and which rule it breaks."""

    field: Field
    message: str


def check(document: Map, path: str, address: str, protected: bool) -> Iterator[Diagnostic]:
    """Report each rule that the pods of an object break: an error in a protected environment, else a warning."""
    for breach in breaches(document):
        problem = at(document, breach.field, path, "MS186", breach.message, address, _HINT)
        yield problem if protected else problem._replace(severity=Severity.WARNING)


def breaches(value: Any, field: Field = (), pod: Mapping[str, Any] | None = None) -> Iterator[Breach]:
    """Find pods wherever an object holds them, and yield what they break.

    ``pod`` is the security that the nearest pod says for containers that say none of their own.
    """
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from breaches(item, (*field, index), pod)
        return
    if not isinstance(value, dict):
        return
    if _holds_containers(value) or "templates" in value:
        own = value.get("securityContext")
        pod = own if isinstance(own, dict) else pod
        yield from _pod(value, field)
        yield from _containers(value, field, pod or {})
    if "podSpecPatch" in value:
        yield Breach(
            (*field, "podSpecPatch"), f"`{dotted((*field, 'podSpecPatch'))}` changes a pod where nobody checks it"
        )
    for key, item in value.items():
        if key not in (*_LISTS, *_SINGLE):
            yield from breaches(item, (*field, key), pod)


def _holds_containers(value: Mapping[str, Any]) -> bool:
    return any(key in value for key in (*_LISTS, *_SINGLE))


def _pod(spec: Mapping[str, Any], field: Field) -> Iterator[Breach]:
    for key in _HOST:
        if spec.get(key) is (key != "hostUsers"):
            yield Breach((*field, key), f"`{dotted((*field, key))}` opens the node to the pod")
    volumes = spec.get("volumes")
    for index, volume in enumerate(volumes if isinstance(volumes, list) else ()):
        if isinstance(volume, dict) and "hostPath" in volume:
            where = (*field, "volumes", index, "hostPath")
            yield Breach(where, f"`{dotted(where)}` mounts a folder of the node")
    yield from _context(spec.get("securityContext"), (*field, "securityContext"))


def _containers(spec: Mapping[str, Any], field: Field, pod: Mapping[str, Any]) -> Iterator[Breach]:
    for key in _SINGLE:
        if isinstance(spec.get(key), dict):
            yield from _container(spec[key], (*field, key), pod)
    for key in _LISTS:
        listed = spec.get(key)
        for index, container in enumerate(listed if isinstance(listed, list) else ()):
            if isinstance(container, dict):
                yield from _container(container, (*field, key, index), pod)


def _container(container: Mapping[str, Any], field: Field, pod: Mapping[str, Any]) -> Iterator[Breach]:
    image = container.get("image")
    if isinstance(image, str) and "@sha256:" not in image:
        yield Breach((*field, "image"), f"`{dotted((*field, 'image'))}` names no digest")
    ports = container.get("ports")
    for index, port in enumerate(ports if isinstance(ports, list) else ()):
        if isinstance(port, dict) and "hostPort" in port:
            where = (*field, "ports", index, "hostPort")
            yield Breach(where, f"`{dotted(where)}` takes a port of the node")
    own = container.get("securityContext")
    context = own if isinstance(own, dict) else {}
    where = (*field, "securityContext")
    yield from _context(context, where)
    if context.get("runAsNonRoot", pod.get("runAsNonRoot")) is not True:
        yield Breach((*where, "runAsNonRoot"), f"`{dotted(field)}` may run as root")
    if context.get("allowPrivilegeEscalation") is not False:
        yield Breach((*where, "allowPrivilegeEscalation"), f"`{dotted(field)}` may gain privileges")
    if "seccompProfile" not in context and "seccompProfile" not in pod:
        yield Breach((*where, "seccompProfile"), f"`{dotted(field)}` has no seccomp profile")
    dropped = context.get("capabilities")
    if not isinstance(dropped, dict) or "ALL" not in (dropped.get("drop") or ()):
        yield Breach((*where, "capabilities"), f"`{dotted(field)}` keeps capabilities")


def _context(context: Any, field: Field) -> Iterator[Breach]:
    """What no security context may say, a pod's or a container's."""
    if not isinstance(context, dict):
        return
    if context.get("privileged"):
        yield Breach((*field, "privileged"), f"`{dotted(field)}` is privileged")
    if context.get("runAsNonRoot") is False:
        yield Breach((*field, "runAsNonRoot"), f"`{dotted(field)}` lets root run")
    if context.get("runAsUser") == 0:
        yield Breach((*field, "runAsUser"), f"`{dotted(field)}` runs as root")
    if "procMount" in context and context["procMount"] != "Default":
        yield Breach((*field, "procMount"), f"`{dotted(field)}` unmasks /proc")
    profile = context.get("seccompProfile")
    if isinstance(profile, dict) and profile.get("type") not in _SECCOMP:
        yield Breach((*field, "seccompProfile"), f"`{dotted(field)}` switches seccomp off")
    added = context.get("capabilities")
    if isinstance(added, dict) and set(added.get("add") or ()) - {"NET_BIND_SERVICE"}:
        yield Breach((*field, "capabilities"), f"`{dotted(field)}` adds capabilities")
