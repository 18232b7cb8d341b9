"""Files that web servers hand out: read only."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from urllib.request import Request, urlopen

from mlops_spec.runtime.program import Failed
from mlops_spec.runtime.store.listing import CHUNK, Listing, Object

TIMEOUT = 60
"""How long (seconds) a server may be silent."""


class Web:
    """A file at an ``http:`` or ``https:`` URI; web servers have no folders."""

    def __init__(self, uri: str) -> None:
        self.uri = uri

    def look(self, version: str | None = None) -> Listing:
        """Return the file, as far as the server says something about it before it is read. Raises Failed."""
        if version is not None:
            raise Failed(f"{self.uri} has no versions: they are S3's")
        with self._asked() as answer:
            return Listing(False, (Object("", answer.length, answer.headers["ETag"]),))

    def read(self, found: Object, to: Path) -> None:
        """Read the file, whole. Raises Failed."""
        with self._asked() as answer, to.open("xb") as file:
            wanted, count = answer.length, 0  # None where the server sends chunks, whose end it marks
            while chunk := answer.read(CHUNK):
                count += file.write(chunk)
            if answer.headers["ETag"] != found.etag:
                raise Failed(f"{self.uri} has changed while it was read")
            if wanted is not None and count != wanted:
                raise Failed(f"{self.uri} broke off after {count} of {wanted} bytes")

    def write(self, source: Path) -> None:
        """Raise Failed: nothing is kept on web servers."""
        raise Failed(f"{self.uri} can be read only")

    @contextmanager
    def _asked(self) -> Iterator[HTTPResponse]:
        # A server may hand out other bytes, of another length, to who takes them compressed.
        request = Request(self.uri, headers={"Accept-Encoding": "identity"})
        try:
            with urlopen(request, timeout=TIMEOUT) as answer:
                yield answer
        except (OSError, HTTPException, ValueError) as problem:
            raise Failed(f"{self.uri} cannot be read: {problem or type(problem).__name__}") from None
