"""Objects in buckets: S3, what speaks as S3 does, and Google Cloud Storage, by one client.

Credentials, region and endpoint are those that the environment has for AWS (``AWS_*``, a web identity, a pod identity,
an instance's role) and Google (``GOOGLE_*``, application default credentials, an instance's account).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlops_spec.runtime.program import Failed
from mlops_spec.runtime.store.listing import CHUNK, Listing, Nothing, Object, files_of, for_all

if TYPE_CHECKING:
    from obstore.store import ObjectStore

BUCKETS = ("s3", "gs")
AT_ONCE = 4
"""How many files of a folder are written at the same time; a large one is written in parts of its own."""
_UNVERSIONED = "null"


class Objects:
    """An object, or all objects below a prefix."""

    def __init__(self, uri: str, scheme: str, environment: Mapping[str, str]) -> None:
        bucket, _, key = uri.partition("://")[2].partition("/")
        if not bucket:
            raise Failed(f"{uri} names no bucket")
        self.uri, self.key, self.prefix = uri, key, key.rstrip("/")
        with self._asked():
            self.store = _store(bucket, scheme, environment)

    def look(self, version: str | None = None) -> Listing:
        """Return the object, else the objects below the prefix. Raises Nothing where there are none, Failed."""
        if self.key and not self.key.endswith("/"):
            found = self._head(self.key, version)
            if found is not None:
                return Listing(False, (found._replace(name=""),))
        if version is not None:
            raise Failed(f"there is no version {version} of {self.uri}")
        found_below = tuple(self._below())
        if not found_below:
            raise Nothing(f"there is nothing at {self.uri}")
        return Listing(True, found_below)

    def read(self, found: Object, to: Path) -> None:
        """Read an object as it was found. Raises Failed."""
        import obstore

        options: Any = {"version": found.version} if found.version else {"if_match": found.etag} if found.etag else {}
        path = self._path(found.name)
        with self._asked(), to.open("xb") as file:
            for chunk in obstore.get(self.store, path, options=options).stream(min_chunk_size=CHUNK):
                file.write(chunk)
        if to.stat().st_size != found.size:
            raise Failed(f"{self.uri}: {path} has {to.stat().st_size} bytes, not {found.size}")

    def write(self, source: Path) -> None:
        """Write all objects, then remove those of an earlier try that are none of these. Raises Failed."""
        import obstore

        if source.is_file():
            wanted = {self.prefix: source}
        else:
            wanted = {self._path(name): source / name for name in files_of(source)}
        with self._asked():
            for_all(lambda path: obstore.put(self.store, path, wanted[path]), wanted, at_once=AT_ONCE)
            before = [self._path(found.name) for found in self._below()]
            if source.is_dir() and self._head(self.prefix, None) is not None:
                before.append(self.prefix)
            stale = [path for path in before if path not in wanted]
            if stale:
                obstore.delete(self.store, stale)

    def _path(self, name: str) -> str:
        return "/".join(filter(None, (self.prefix, name)))

    def _head(self, path: str, version: str | None) -> Object | None:
        """Return an object, of which only some version may be wanted; None where there is none."""
        import obstore
        from obstore.exceptions import NotFoundError

        with self._asked():
            try:
                options: Any = {"head": True, **({"version": version} if version else {})}
                found = obstore.get(self.store, path, options=options).meta
            except (NotFoundError, FileNotFoundError):
                return None
        return Object(
            path, found["size"], found["e_tag"], version or _versioned(found["version"]), found["last_modified"]
        )

    def _below(self) -> Iterator[Object]:
        """Yield the objects below the prefix; not those of no size that some programs make in place of folders."""
        import obstore

        start = len(self.prefix) + 1 if self.prefix else 0
        with self._asked():
            for found in (meta for page in obstore.list(self.store, self.prefix or None) for meta in page):
                path = found["path"]
                if not path[start:] or (not found["size"] and self._head(path, None) is None):
                    continue
                version = _versioned(found["version"])
                yield Object(path[start:], found["size"], found["e_tag"], version, found["last_modified"])

    @contextmanager
    def _asked(self) -> Iterator[None]:
        """Say in one line what the client says in many."""
        try:
            from obstore.exceptions import BaseError
        except ImportError:
            raise Failed("obstore is not installed: install mlops-spec[step]") from None
        try:
            yield
        except (BaseError, FileNotFoundError, PermissionError, ValueError) as problem:
            raise Failed(f"{self.uri}: {str(problem).partition(chr(10))[0]}") from None


def _store(bucket: str, scheme: str, environment: Mapping[str, str]) -> ObjectStore:
    from obstore.store import GCSStore, S3Store

    if scheme == "gs":
        return GCSStore(bucket)
    # Who names an endpoint without TLS means it.
    plain = any(environment.get(f"AWS_ENDPOINT_URL{of}", "").startswith("http://") for of in ("", "_S3"))
    return S3Store(bucket, client_options={"allow_http": True} if plain else {})


def _versioned(version: str | None) -> str | None:
    return None if version == _UNVERSIONED else version
