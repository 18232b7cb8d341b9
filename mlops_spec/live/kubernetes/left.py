"""What a cluster still has of an environment that is no longer rendered."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

from mlops_spec.live.kubernetes.ask import TRACKED, Wanted
from mlops_spec.live.kubernetes.client import AT_ONCE, Cluster, Refusal

_SYNC = "argocd.argoproj.io/sync-options"
_COUNTED = "Prune=false"


class Kind(NamedTuple):
    """A kind of objects, by the version that it is asked for in."""

    version: str
    kind: str


class Left(NamedTuple):
    """An object that is there. ``application`` is Argo CD's that tracks it, "" where none does."""

    kind: Kind
    namespace: str | None
    name: str
    application: str
    kept: bool

    @property
    def pruned(self) -> bool:
        """Whether Argo CD will delete it."""
        return bool(self.application) and not self.kept


class Found(NamedTuple):
    """What is left, and of which kinds it cannot be known, since they may not be listed."""

    left: tuple[Left, ...]
    unknown: tuple[Kind, ...]


def left(
    cluster: Cluster,
    kinds: Iterable[Kind],
    namespaces: Sequence[str],
    labels: Mapping[str, str],
    wanted: Iterable[Wanted],
) -> Found:
    """Return the objects with these labels that are not wanted, and that nothing else made and owns."""
    rendered = {_identity(each.version, each.kind, each.namespace, each.name) for each in wanted}
    selector = ",".join(f"{key}={value}" for key, value in sorted(labels.items()))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        asked = [*dict.fromkeys(kinds)]
        answers = pool.map(lambda kind: _of_kind(cluster, kind, namespaces, selector, rendered), asked)
        found, unknown = [], []
        for kind, answer in zip(asked, answers):
            if answer is None:
                unknown.append(kind)
            else:
                found += answer
    return Found(tuple(found), tuple(unknown))


def _of_kind(
    cluster: Cluster, kind: Kind, namespaces: Sequence[str], selector: str, rendered: Collection[object]
) -> list[Left] | None:
    try:
        resource = cluster.resource(kind.version, kind.kind)
        if resource is None:
            return []
        within: Sequence[str | None] = namespaces if resource.namespaced else (None,)
        return [
            _left(kind, about)
            for namespace in within
            for about in (each["metadata"] for each in cluster.metadata(resource, namespace, selector))
            if not about.get("ownerReferences") and not about.get("deletionTimestamp")
            if _identity(*kind, about.get("namespace"), about["name"]) not in rendered
        ]
    except Refusal as refusal:
        if refusal.code in (403, 404, 405):
            return None
        raise


def _left(kind: Kind, about: Mapping[str, Any]) -> Left:
    annotations = about.get("annotations") or {}
    application, _, _ = str(annotations.get(TRACKED) or "").partition(":")
    kept = _COUNTED in str(annotations.get(_SYNC) or "").replace(" ", "").split(",")
    return Left(kind, about.get("namespace"), str(about["name"]), application, kept)


def _identity(version: str, kind: str, namespace: str | None, name: str) -> object:
    return version.rpartition("/")[0], kind, namespace, name
