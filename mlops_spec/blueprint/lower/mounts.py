"""The volumes of a pod, by what they are of: a folder of scratch, a ConfigMap, a token of the pod's account."""

from __future__ import annotations

from mlops_spec.blueprint.types import Volume
from mlops_spec.language.text import Name


def folder(address: str, name: str, path: str, size: str, *, memory: bool = False) -> Volume:
    """Return a folder that is empty at first, of ``size``; with ``memory`` it lies there."""
    return Volume(address=address, name=Name(name), path=path, size=size, memory=memory, config=None, token=False)


def mounted(address: str, name: str, path: str, config: Name) -> Volume:
    """Return the files of a ConfigMap."""
    return Volume(address=address, name=Name(name), path=path, size=None, memory=False, config=config, token=False)


def token(address: str, path: str) -> Volume:
    """Return a short-lived token of the pod's account, and what Kubernetes' clients need beside it."""
    return Volume(address=address, name=Name("token"), path=path, size=None, memory=False, config=None, token=True)
