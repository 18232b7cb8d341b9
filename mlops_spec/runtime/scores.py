"""The folder of a day's scores: files of ours are replaced together, and nothing else in it is touched.

Scores are written beside it, below a hidden folder; only when all of them are there they take the place of the last
ones. ``_SUCCESS``, as Hadoop's readers know it, stands as long as the folder is whole, and lists the files that a later
run may replace. A run that dies while it replaces leaves ``_REPLACING``, from which the next one clears up.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from mlops_spec.runtime.filesystems import opened, uri_of
from mlops_spec.runtime.program import Failed

WHOLE, REPLACING = "_SUCCESS", "_REPLACING"
STAGING = "_scoring-"
SCORES, SET_ASIDE = "scores", "set-aside"
REJECTED = "_set_aside"
"""The folder, hidden from readers, of the rows that could not be scored."""

Told = Mapping[str, Any]
_UNSAFE = re.compile(r"[^A-Za-z0-9_.-]")


class Folder:
    """The output of one run; every step may be repeated."""

    def __init__(self, uri: str, run: str, environment: Mapping[str, str]) -> None:
        self.uri, self.run = uri.rstrip("/"), _UNSAFE.sub("-", run)
        self.filesystem, path = opened(self.uri, environment)
        self.path = path.rstrip("/")
        self.staging = f"{self.path}/{STAGING}{self.run}"

    def staged(self, what: str) -> str:
        """Return the URI of the folder in which an engine leaves ``scores`` or what it has ``set-aside``."""
        return uri_of(f"{self.staging}/{what}", self.uri)

    def prepare(self) -> None:
        """Clear up what a run left that died, and make room."""
        broken = self._read(REPLACING)
        if broken:
            self._delete((*broken["old"], *broken["new"].values()))
            self._delete((WHOLE, REPLACING))
        self._clear()
        for what in (SCORES, SET_ASIDE):
            self.filesystem.create_dir(f"{self.staging}/{what}", recursive=True)

    def whole(self) -> Told:
        """Return what ``_SUCCESS`` says; nothing where the folder is not whole."""
        return self._read(WHOLE)

    def publish(self, said: Told, expected: int | None) -> Told:
        """Let what was staged take the place of the last scores; return what ``_SUCCESS`` says then.

        ``expected`` is how many rows there must be, where that is known. Raises Failed where any is lost.
        """
        under_way = self._read(REPLACING)
        if not under_way:
            done = self._read(WHOLE)
            if done.get("run_id") == said["run_id"] and not self._staged():
                return done
            under_way = self._begun(said, expected)
        new = under_way["new"]
        self._delete((WHOLE,))
        self._delete(set(under_way["old"]) - set(new.values()))
        for staged, name in new.items():
            self._move(staged, name)
        self._clear()
        self._write(WHOLE, {**under_way["said"], "files": sorted(new.values())})
        self._delete((REPLACING,))
        return self._read(WHOLE)

    def _begun(self, said: Told, expected: int | None) -> dict[str, Any]:
        counts = self._counted()
        if not counts:
            raise Failed(f"nothing was staged below {self.uri}: another run has cleared it")
        scored = [path for path in counts if path.startswith(f"{SCORES}/")]
        rows = sum(counts[path] for path in scored)
        aside = sum(counts.values()) - rows
        if expected is not None and rows + aside != expected:
            raise Failed(f"of {expected} rows {rows} were scored and {aside} set aside: the scores are not published")
        kept = [path for path, count in counts.items() if count]
        kept += () if rows else scored[:1]  # without rows it still says which columns there are
        begun = {
            "old": self._read(WHOLE).get("files", []),
            "new": {path: self._name(path, index) for index, path in enumerate(kept)},
            "said": {**said, "rows": rows, "set_aside": aside},
        }
        self._write(REPLACING, begun)
        return begun

    def _name(self, staged: str, index: int) -> str:
        folder = "" if staged.startswith(f"{SCORES}/") else f"{REJECTED}/"
        return f"{folder}scores-{self.run}-{index:05}.parquet"

    def _counted(self) -> dict[str, int]:
        """Return the number of rows in each staged file, as the files themselves say it."""
        from pyarrow import parquet

        counts = {}
        for path in self._staged():
            with self.filesystem.open_input_file(f"{self.staging}/{path}") as stream:
                counts[path] = int(parquet.ParquetFile(stream).metadata.num_rows)
        return counts

    def _staged(self) -> list[str]:
        from pyarrow import fs

        below = fs.FileSelector(self.staging, allow_not_found=True, recursive=True)
        found = (info.path for info in self.filesystem.get_file_info(below) if info.is_file)
        return sorted(path[len(self.staging) + 1 :] for path in found if path.endswith(".parquet"))

    def _move(self, staged: str, name: str) -> None:
        source, target = f"{self.staging}/{staged}", f"{self.path}/{name}"
        if self.filesystem.get_file_info(source).is_file:
            self.filesystem.create_dir(target.rpartition("/")[0], recursive=True)
            self.filesystem.move(source, target)
        elif not self.filesystem.get_file_info(target).is_file:
            raise Failed(f"{staged} was staged and is gone: another run works on {self.uri}")

    def _read(self, name: str) -> dict[str, Any]:
        """Return what a file of ours says; nothing where there is none, or it is not ours."""
        if not self.filesystem.get_file_info(f"{self.path}/{name}").is_file:
            return {}
        with self.filesystem.open_input_stream(f"{self.path}/{name}") as stream:
            text = stream.read()
        try:
            found = json.loads(text)
        except ValueError:  # Hadoop's own marker is empty
            return {}
        return found if isinstance(found, dict) else {}

    def _write(self, name: str, told: Told) -> None:
        with self.filesystem.open_output_stream(f"{self.path}/{name}") as stream:
            stream.write(json.dumps(told, ensure_ascii=False, sort_keys=True).encode() + b"\n")

    def _delete(self, names: Iterable[str]) -> None:
        for name in names:
            if self.filesystem.get_file_info(f"{self.path}/{name}").is_file:
                self.filesystem.delete_file(f"{self.path}/{name}")

    def _clear(self) -> None:
        """Take away what was staged, by this run and by runs that died."""
        from pyarrow import fs

        for info in self.filesystem.get_file_info(fs.FileSelector(self.path, allow_not_found=True)):
            if info.type == fs.FileType.Directory and info.base_name.startswith(STAGING):
                self.filesystem.delete_dir(info.path)
