"""Objects as they shall be, beside what is live: what an apply would make of each, or why it would not be taken."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

from mlops_spec.live.kubernetes.answer import Answer, Fault, Held, Why, read
from mlops_spec.live.kubernetes.client import AT_ONCE, Cluster, Object, Refusal, Resource

TRACKED = "argocd.argoproj.io/tracking-id"
"""The annotation by which Argo CD knows what is its own; before 3.0 it went by a label, unless it was told."""

_OF_ARGOCD = {
    "annotations": (TRACKED, "argocd.argoproj.io/installation-id"),
    "labels": ("argocd.argoproj.io/instance",),
}
"""What Argo CD adds to all that it applies: an apply in its name without them would take them away."""


class Wanted(NamedTuple):
    """An object as it is rendered; ``path`` names it."""

    path: str
    data: Mapping[str, Any]

    @property
    def version(self) -> str:
        """Its ``apiVersion``."""
        return str(self.data["apiVersion"])

    @property
    def kind(self) -> str:
        """Its kind."""
        return str(self.data["kind"])

    @property
    def name(self) -> str:
        """Its name."""
        return str(self.data["metadata"]["name"])

    @property
    def namespace(self) -> str | None:
        """Its namespace, where it is in one."""
        found = self.data["metadata"].get("namespace")
        return None if found is None else str(found)

    def delivered(self, live: Object | None) -> Mapping[str, Any]:
        """Return it as Argo CD applies it: with the annotations and labels that it has added to what is live."""
        metadata, there = dict(self.data["metadata"]), (live or {}).get("metadata", {})
        for field, keys in _OF_ARGOCD.items():
            found = there.get(field) or {}
            added = {key: found[key] for key in keys if key in found}
            if added:
                metadata[field] = {**(metadata.get(field) or {}), **added}
        return {**self.data, "metadata": metadata}


class Asked(NamedTuple):
    """What became known of one object.

    ``live`` is it as it is, None where it is not there; ``would`` is what an apply makes of it, with what others hold
    (``held``) taken over; None where ``answer`` says why not. Where it could not even be read, it was not ``seen``.
    """

    wanted: Wanted
    live: Object | None
    would: Object | None
    answer: Answer | None = None
    held: tuple[Held, ...] = ()
    seen: bool = True


def ask(cluster: Cluster, wanted: Sequence[Wanted], manager: str, step: Callable[[], None]) -> Iterator[Asked]:
    """Yield what a server says of objects, in their order, several asked at once; ``step`` is called for each.

    Raises Unreachable, and Refusal where the server says no to what no object is at fault for.
    """
    with ThreadPoolExecutor(AT_ONCE) as pool:
        try:
            for asked in pool.map(lambda each: _one(cluster, each, manager), wanted):
                step()
                yield asked
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _one(cluster: Cluster, wanted: Wanted, manager: str) -> Asked:
    try:
        resource = cluster.resource(wanted.version, wanted.kind)
        if resource is None:
            return Asked(wanted, None, None, Answer(Why.KIND, (Fault("", _elsewhere(cluster, wanted)),)))
        live = cluster.get(resource, wanted.namespace, wanted.name)
        return _tried(cluster, resource, wanted, manager, live)
    except Refusal as refusal:
        return Asked(wanted, None, None, read(refusal), seen=False)


def _tried(cluster: Cluster, resource: Resource, wanted: Wanted, manager: str, live: Object | None) -> Asked:
    data = wanted.delivered(live)
    try:
        return Asked(wanted, live, cluster.dry_run(resource, data, manager, force=False))
    except Refusal as refusal:
        answer = read(refusal, secret=wanted.kind == "Secret")
    if answer.why is not Why.CONFLICT:
        return Asked(wanted, live, None, answer)
    try:
        would = cluster.dry_run(resource, data, manager, force=True)
    except Refusal as refusal:
        return Asked(wanted, live, None, read(refusal, secret=wanted.kind == "Secret"), answer.held)
    return Asked(wanted, live, would, held=answer.held)


def _elsewhere(cluster: Cluster, wanted: Wanted) -> str:
    """Say in which other versions a kind is served, "" where in none."""
    group, _, _ = wanted.version.rpartition("/")
    served = cluster.versions(group) if group else ()
    found = [version for version in served if cluster.resource(version, wanted.kind) is not None]
    return ", ".join(found)
