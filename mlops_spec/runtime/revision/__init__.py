"""Exactly one revision of a dataset, brought to a path: what a pinned version names, verified where that can be."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlops_spec.runtime import store
from mlops_spec.runtime.digest import digest_of
from mlops_spec.runtime.program import Failed
from mlops_spec.runtime.revision import delta, dvc, lakefs
from mlops_spec.runtime.whole import remove, replacing

PER_RUN = "per-run"


def bring(wanted: Mapping[str, Any], uri: str, environment: Mapping[str, str]) -> dict[str, Any]:
    """Bring data to the path that ``wanted`` names, and return what was read. Raises Failed, and leaves nothing there.

    ``wanted`` is an input as ``schemas/runtime/fetch.schema.json`` has it.
    """
    to, version = Path(wanted["to"]), wanted.get("version")
    remove(to)
    with replacing(to) as made:
        read = _read(wanted, uri, made, environment)
    said = {"to": str(to), "uri": uri, **({"version": version} if version else {}), **read}
    return {**said, **_measured(to)}


def _read(wanted: Mapping[str, Any], uri: str, to: Path, environment: Mapping[str, str]) -> dict[str, Any]:
    """Read a revision to a path that is free, and say which it was, as far as its own name does not."""
    kind, _, reference = wanted.get("version", "").partition(":")
    if kind == "dvc":
        name = wanted.get("path") or uri.rstrip("/").rpartition("/")[2]
        return {"read": dvc.bring(wanted["repository"], name, reference, to, environment)}
    if kind == "lakefs":
        return {"read": lakefs.bring(uri, reference, to)}
    if kind == "delta":
        return {"read": delta.bring(uri, int(reference), to, environment)}
    if kind == "s3-version":
        if store.scheme_of(uri) != "s3":
            raise Failed(f"{uri} is not in S3, of which {wanted['version']} is a version")
        store.bring(uri, to, environment, reference)
        return {}
    listing = store.bring(uri, to, environment)
    if kind == "sha256":
        found = digest_of(to)
        if found != wanted["version"]:
            raise Failed(f"{uri} is {found}, not {wanted['version']}")
        return {}
    return {"read": listing.revision or digest_of(to)} if kind == PER_RUN else {}


def _measured(path: Path) -> dict[str, int]:
    sizes = [found.stat().st_size for found in (path.rglob("*") if path.is_dir() else [path]) if found.is_file()]
    return {"files": len(sizes), "bytes": sum(sizes)}
