"""A ref of a lakeFS repository, by lakeFS's own client, which the variables ``LAKECTL_*`` (or its file) configure."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mlops_spec.runtime.program import Failed
from mlops_spec.runtime.store.listing import CHUNK, below, without_clashes

if TYPE_CHECKING:
    from lakefs.object import StoredObject
    from lakefs.reference import Reference


def bring(uri: str, ref: str, to: Path) -> str:
    """Bring what ``lakefs://REPOSITORY/ANY/PATH`` is at a ref, in the place of the URI's own; return the commit.

    A ref is resolved to its commit once, so that all files are of one. Raises Failed.
    """
    scheme, _, rest = uri.partition("://")
    repository, _, path = rest.partition("/")
    path = path.partition("/")[2]
    if scheme != "lakefs" or not repository or not path:
        raise Failed(f"{uri} is no lakefs://REPOSITORY/REF/PATH")
    try:
        import lakefs
        from lakefs.exceptions import LakeFSException
        from urllib3.exceptions import HTTPError
    except ImportError:
        raise Failed("lakeFS's client is not installed: install mlops-spec[lakefs]") from None
    try:
        commit = str(lakefs.repository(repository).ref(ref).get_commit().id)
        _brought(lakefs.repository(repository).ref(commit), path, to)
    except (LakeFSException, HTTPError) as problem:
        message = " ".join(str(problem).split()) or type(problem).__name__
        raise Failed(f"{uri} at {ref} cannot be brought: {message}") from None
    return f"lakefs:{commit}"


def _brought(commit: Reference, path: str, to: Path) -> None:
    if not path.endswith("/") and commit.object(path).exists():
        return _copied(commit.object(path), to)
    prefix = path.rstrip("/") + "/"
    names = [str(found.path)[len(prefix) :] for found in commit.objects(prefix=prefix)]
    names = [name for name in names if name and not name.endswith("/")]
    if not names:
        raise Failed(f"there is nothing at {path} in {commit.id}")
    without_clashes(names)
    for name in names:
        target = below(to, name)
        target.parent.mkdir(parents=True, exist_ok=True)
        _copied(commit.object(prefix + name), target)
    return None


def _copied(found: StoredObject, to: Path) -> None:
    size = found.stat().size_bytes
    with found.reader(mode="rb", pre_sign=False) as reader, to.open("xb") as file:
        while chunk := reader.read(CHUNK) if file.tell() != size else b"":
            file.write(chunk)
    if to.stat().st_size != size:
        raise Failed(f"{found.path} has {to.stat().st_size} bytes, not {size}")
