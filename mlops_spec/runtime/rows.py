"""The rows that a scoring reads: exactly these files, and which revision of the data they are."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from mlops_spec.runtime.filesystems import opened
from mlops_spec.runtime.program import Failed

FORMATS = {".parquet": "parquet", ".csv": "csv", ".csv.gz": "csv"}
_SHA256 = "sha256:"
_BLOCK = 1 << 20


class Rows(NamedTuple):
    """The files of a dataset, as paths of its file system, all of one format (``parquet`` or ``csv``).

    ``columns`` are their names, ``total`` is how many rows they hold where the files themselves say so.
    """

    files: tuple[str, ...]
    format: str
    revision: str
    columns: tuple[str, ...]
    total: int | None


def rows(uri: str, version: str | None, environment: Mapping[str, str]) -> Rows:
    """Return what lies at a URI: a file, or all files below a folder but hidden ones (``_x``, ``.x``). Raises Failed.

    The revision of what moves is a hash of the names, sizes and times of the files, for two readings of one URI to be
    told apart; one that is pinned by its content is held to it.
    """
    filesystem, path = opened(uri, environment)
    found = sorted(_files(filesystem, path), key=lambda info: str(info.path))
    if not found:
        raise Failed(f"there is nothing to score at {uri}")
    formats = {next((kind for end, kind in FORMATS.items() if info.path.endswith(end)), "") for info in found}
    if len(formats) > 1 or "" in formats:
        raise Failed(
            f"the files at {uri} are not all parquet, nor all csv: their names tell, by {' or '.join(FORMATS)}"
        )
    revision = _listed(found, path)
    if version is not None and version.startswith(_SHA256):
        revision = _content(filesystem, found, uri)
        if revision != version:
            raise Failed(f"what lies at {uri} is {revision}, and the dataset is pinned at {version}")
    files, (kind,) = tuple(info.path for info in found), formats
    columns, count = _parquet(filesystem, files) if kind == "parquet" else (_csv(filesystem, files), None)
    return Rows(files, kind, revision, columns, count)


def _files(filesystem: Any, path: str) -> Iterator[Any]:
    from pyarrow import fs

    top = filesystem.get_file_info(path.rstrip("/"))
    if top.type == fs.FileType.File:
        yield top
        return
    below = fs.FileSelector(path, allow_not_found=True, recursive=True)
    for info in filesystem.get_file_info(below):
        own = info.path[len(path.rstrip("/")) :].split("/")
        if info.type == fs.FileType.File and not any(part.startswith(("_", ".")) for part in own):
            yield info


def _listed(files: list[Any], folder: str) -> str:
    lines = (f"{info.path[len(folder) :]} {info.size} {info.mtime_ns}\n" for info in files)
    return f"listing:{hashlib.sha256(''.join(lines).encode()).hexdigest()}"


def _content(filesystem: Any, files: list[Any], uri: str) -> str:
    if len(files) != 1:
        raise Failed(f"{uri} is a folder, and a dataset pinned at {_SHA256}… is one file")
    digest = hashlib.sha256()
    with filesystem.open_input_stream(files[0].path) as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    return f"{_SHA256}{digest.hexdigest()}"


def _parquet(filesystem: Any, files: tuple[str, ...]) -> tuple[tuple[str, ...], int]:
    """Return the columns, which are the same in all files, and the number of rows. Raises Failed."""
    from pyarrow import parquet

    names: tuple[str, ...] | None = None
    count = 0
    for path in files:
        with filesystem.open_input_file(path) as stream:
            footer = parquet.ParquetFile(stream)
            own, count = tuple(footer.schema_arrow.names), count + footer.metadata.num_rows
        names = own if names is None else names
        if set(own) != set(names):
            raise Failed(f"{path} has other columns than {files[0]}: {', '.join(sorted(set(own) ^ set(names)))}")
    return names or (), count


def _csv(filesystem: Any, files: tuple[str, ...]) -> tuple[str, ...]:
    """Return the columns, which are the same in all files and in the same order. Raises Failed."""
    from pyarrow import csv

    names: tuple[str, ...] | None = None
    for path in files:
        with filesystem.open_input_stream(path) as stream:
            own = tuple(csv.open_csv(stream).schema.names)
        names = own if names is None else names
        if own != names:
            raise Failed(f"the first line of {path} is another than that of {files[0]}")
    return names or ()
