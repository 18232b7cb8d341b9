"""What has come and is not kept yet, on this machine's disk: segments, each of which becomes the files of one flush.

A segment is appended to, then sealed with the time before which halves have waited long enough. All that follows from a
sealed segment, names of files too, follows from its lines alone: whoever reads it again makes the same of it.
"""

from __future__ import annotations

import json
import os
import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple

from mlops_spec.runtime.collect import lines

_ENDING = ".jsonl"


class Read(NamedTuple):
    """What a segment says: its halves, the time with which it was sealed (None: it is not), and whose rest it took."""

    halves: list[dict[str, Any]]
    sealed: float | None
    after: list[str]


class Segment:
    """One file of the journal; ``size`` is in bytes, and so is ``taken``: how much of it came in an earlier one."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = path.stat().st_size if path.exists() else 0
        self.taken = 0
        self._file: IO[bytes] | None = None

    @property
    def name(self) -> str:
        """What the files are called that are made of it."""
        return self.path.name.removesuffix(_ENDING)

    def append(self, found: bytes) -> None:
        """Write lines, and return once they are on the disk."""
        if self._file is None:
            self._file = self.path.open("ab")
            _synced(self.path.parent)
        try:
            self._file.write(found)
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError:  # what is half there must not stand before what comes next
            self._file = None
            os.truncate(self.path, self.size)
            raise
        self.size += len(found)

    def take(self, names: list[str], halves: list[dict[str, Any]]) -> None:
        """Begin with the halves that wait for theirs and came in these segments."""
        line = lines([{"after": names, "halves": halves}])
        self.append(line)
        self.taken += len(line)

    def seal(self, before: float) -> None:
        """End it: halves that came before that time have waited long enough."""
        self.append(lines([{"sealed": before}]))
        if self._file is not None:
            self._file.close()
            self._file = None

    def read(self) -> Read:
        """Return what it says. A last line that is not whole was never acknowledged."""
        halves: list[dict[str, Any]] = []
        sealed, after = None, list[str]()
        for one in _whole(self.path.read_bytes()):
            if "sealed" in one:
                sealed = float(one["sealed"])
            elif "after" in one:
                after += one["after"]
                halves += one["halves"]
            else:
                halves.append(one)
        return Read(halves, sealed, after)

    def remove(self) -> None:
        """Forget it: all that it says is kept."""
        self.path.unlink(missing_ok=True)
        _synced(self.path.parent)


class Journal:
    """The segments of one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def left(self) -> list[Segment]:
        """Return the segments that an earlier process has left, the oldest first; ends one that was cut off."""
        found = [Segment(path) for path in sorted(self.folder.glob(f"*{_ENDING}"))]
        for segment in found:
            data = segment.path.read_bytes()
            whole = data.rfind(b"\n") + 1
            if whole < len(data):
                os.truncate(segment.path, whole)
                segment.size = whole
        return found

    def new(self) -> Segment:
        """Return a segment of a name that no other process in the world has."""
        return Segment(self.folder / f"{time.time_ns():020d}-{secrets.token_hex(6)}{_ENDING}")


def _whole(data: bytes) -> Iterator[dict[str, Any]]:
    for line in data.split(b"\n")[:-1]:
        if line:
            yield json.loads(line)


def _synced(folder: Path) -> None:
    """Have the names in a folder on the disk."""
    at = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(at)
    finally:
        os.close(at)
