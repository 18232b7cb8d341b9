"""Where data and artifacts lie: one way to read and write files and folders at ``s3:``, ``gs:``, ``file:`` URIs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from mlops_spec.runtime.program import Failed
from mlops_spec.runtime.store.files import Files
from mlops_spec.runtime.store.listing import Listing, Store, below, for_all, without_clashes
from mlops_spec.runtime.store.objects import BUCKETS, Objects
from mlops_spec.runtime.store.web import Web

AT_ONCE = 8
"""How many files of a folder are read at the same time."""


def at(uri: str, environment: Mapping[str, str]) -> Store:
    """Return the store of a URI. Raises Failed for a scheme that no program here knows."""
    scheme = scheme_of(uri)
    if scheme in BUCKETS:
        return Objects(uri, scheme, environment)
    if scheme == "file":
        return Files(uri)
    if scheme in ("http", "https"):
        return Web(uri)
    raise Failed(f"nothing here reads {scheme}: URIs, as {uri} is one")


def scheme_of(uri: str) -> str:
    """Return the scheme of a URI; ``s3a`` and ``gcs`` are said ``s3`` and ``gs``."""
    found = uri.partition(":")[0].lower()
    return {"gcs": "gs", "s3a": "s3"}.get(found, found)


def bring(uri: str, to: Path, environment: Mapping[str, str], version: str | None = None) -> Listing:
    """Write what lies at a URI to a path that is free, and return what was found. Raises Failed."""
    store = at(uri, environment)
    listing = store.look(version)
    if not listing.folder:
        store.read(listing.objects[0], to)
        return listing
    without_clashes(found.name for found in listing.objects)
    paths = [below(to, found.name) for found in listing.objects]
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
    for_all(lambda one: store.read(*one), zip(listing.objects, paths), at_once=AT_ONCE)
    return listing


def keep(source: Path, uri: str, environment: Mapping[str, str]) -> None:
    """Keep a file or folder at a URI, in the place of what was there. Raises Failed."""
    at(uri, environment).write(source)
