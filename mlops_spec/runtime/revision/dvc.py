"""A revision of data that a Git repository with DVC knows, by DVC's own client: what ``dvc get --rev`` brings."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

from mlops_spec.runtime.digest import hash_of
from mlops_spec.runtime.program import Failed
from mlops_spec.runtime.store.listing import below, for_all

AT_ONCE = 8
"""How many files of a folder are read at the same time."""
TOKEN = "MLOPS_GIT_TOKEN"
"""The variable with the token that opens the repository."""


def bring(repository: str, path: str, revision: str, to: Path, environment: Mapping[str, str]) -> str:
    """Bring a file or folder of a repository, each file verified, and return the commit. Raises Failed."""
    token = quote(environment.get(TOKEN, ""), safe="")
    with _scratch():
        try:
            from dvc.api import DVCFileSystem
            from dvc.repo.open_repo import clean_repos
        except ImportError:
            raise Failed("DVC is not installed: install mlops-spec[dvc]") from None
        try:
            files = DVCFileSystem(opened(repository, token), rev=revision, subrepos=True)
            return _brought(files, path, to)
        except Failed:
            raise
        except Exception as problem:  # DVC, its Git and its remotes each raise errors of their own
            message = f"{repository} at {revision}: {path} cannot be brought: {_told(problem)}"
            raise Failed(message.replace(token, "***") if token else message) from None
        finally:
            clean_repos()


def _brought(files: Any, path: str, to: Path) -> str:
    known = files.info(path)
    if known["type"] == "directory":
        wanted = {name: (below(to, os.path.relpath(name, path)), info) for name, info in _below(files, path)}
        if not wanted:
            raise Failed(f"the folder {path} holds no file")
    else:
        wanted = {path: (to, known)}
    for target, _ in wanted.values():
        target.parent.mkdir(parents=True, exist_ok=True)

    def bring_one(name: str) -> None:
        target, info = wanted[name]
        files.get_file(name, str(target))
        digest = _digest(info)
        if digest is not None and hash_of(target, "md5") != digest:
            raise Failed(f"{name} is not what the repository says: its MD5 is not {digest}")

    for_all(bring_one, wanted, at_once=AT_ONCE)
    return f"git:{files.repo.get_rev()}"


def _below(files: Any, path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for folder, _, found in files.walk(path, detail=True):
        for name, info in found.items():
            yield f"{folder}/{name}", info


def _digest(info: Mapping[str, Any]) -> str | None:
    """Return the MD5 of a file's bytes; None for Git's own files, and for DVC 2's, which changed line ends first."""
    entry = info.get("dvc_info", {}).get("entry")
    known = entry.hash_info if entry is not None else None
    return str(known.value) if known and known.name == "md5" else None


def opened(repository: str, token: str) -> str:
    """Return the URL with the token, where it may be sent: by HTTPS, if no other credentials are in it."""
    parts = urlsplit(repository)
    if not token or parts.scheme != "https" or "@" in parts.netloc:
        return repository
    return urlunsplit(parts._replace(netloc=f"x-access-token:{token}@{parts.netloc}"))


def _told(problem: BaseException) -> str:
    """Return what an error and its causes say, in one line."""
    found: list[str] = []
    cause: BaseException | None = problem
    while cause is not None and len(found) < 4:
        line = " ".join(str(cause).split()) or type(cause).__name__
        if line not in found:
            found.append(line)
        cause = cause.__cause__
    return ": ".join(found)


@contextmanager
def _scratch() -> Iterator[None]:
    """Give DVC one folder for clones and caches, which is removed; the machine's own may not be written to."""
    folder, before = tempfile.mkdtemp(prefix="mlops-dvc-"), tempfile.tempdir
    own = {
        "DVC_SITE_CACHE_DIR": folder,
        "DVC_GLOBAL_CONFIG_DIR": folder,
        "DVC_SYSTEM_CONFIG_DIR": folder,
        "DVC_NO_ANALYTICS": "1",
    }
    kept = {name: os.environ.get(name) for name in own}
    os.environ.update(own)
    tempfile.tempdir = folder
    try:
        yield
    finally:
        tempfile.tempdir = before
        for name, value in kept.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
        shutil.rmtree(folder, ignore_errors=True)
