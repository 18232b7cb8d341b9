"""Run by an engine's own Python: lets a run die at each thing that it does to a store, and looks at what is left.

``STORE FOLDER`` (``file`` or ``s3``, which is a server on this machine) prints how often it died, and what was broken.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import fs

from mlops_spec.runtime.filesystems import opened
from mlops_spec.runtime.scores import SCORES, SET_ASIDE, Folder

CHANGES = ("create_dir", "delete_dir", "delete_file", "move", "open_output_stream")
FOREIGN = "somebody-else.parquet"


class Died(BaseException):
    """The machine went away."""


class Mortal:
    """A file system that dies at its ``last`` change: before it is done, or just after."""

    def __init__(self, filesystem: Any, last: int, *, after: bool) -> None:
        self.filesystem, self.left, self.after = filesystem, last, after

    def __getattr__(self, name: str) -> Any:
        """Return the file system's own, dying in time where it changes anything."""
        own = getattr(self.filesystem, name)
        return (lambda *words, **options: self._change(own, words, options)) if name in CHANGES else own

    def _change(self, own: Any, words: Any, options: Any) -> Any:
        self.left -= 1
        if self.left == 0 and not self.after:
            raise Died
        done = own(*words, **options)
        if self.left == 0:
            if hasattr(done, "close"):
                done.write(b"{")
                done.close()
            raise Died
        return done


def stage(folder: Folder, rows: int) -> None:
    for what, parts in ((SCORES, 2), (SET_ASIDE, 1)):
        for part in range(parts):
            table = pa.table({"x": list(range(rows))})
            pq.write_table(table, f"{folder.staging}/{what}/part-{part}.parquet", filesystem=folder.filesystem)


def scored(uri: str, run: str, rows: int, environment: dict[str, str], mortal: Mortal | None = None) -> Folder:
    folder = Folder(uri, run, environment)
    own = folder.filesystem
    folder.filesystem = mortal or own
    folder.prepare()
    folder.filesystem = own
    stage(folder, rows)
    folder.filesystem = mortal or own
    folder.publish({"run_id": run}, rows * 3)
    return folder


def names(filesystem: Any, path: str) -> list[str]:
    found = filesystem.get_file_info(fs.FileSelector(path, recursive=True))
    return sorted(info.path[len(path) + 1 :] for info in found if info.is_file)


def told(filesystem: Any, path: str) -> dict[str, Any] | None:
    if not filesystem.get_file_info(f"{path}/_SUCCESS").is_file:
        return None
    with filesystem.open_input_stream(f"{path}/_SUCCESS") as stream:
        text = stream.read()
    return None if text == b"{" else json.loads(text)


def wrong(filesystem: Any, path: str, run: str | None = None) -> Iterator[str]:
    """Say what is wrong with a folder that says that it is whole; with a ``run``, with one that must be that run's."""
    there, said = names(filesystem, path), told(filesystem, path)
    if FOREIGN not in there:
        yield "a file of somebody else's is gone"
    if said is not None:
        seen = [name for name in there if not name.startswith("_") and name != FOREIGN]
        if seen != [name for name in said["files"] if not name.startswith("_")]:
            yield f"readers see {seen}, and it says {said['files']}"
    if run is not None:
        if said is None or said["run_id"] != run:
            yield f"it is not of the run {run}: {said}"
        elif there != sorted([*said["files"], FOREIGN, "_SUCCESS"]):
            yield f"there are {there}"


def deaths(root: str, environment: dict[str, str]) -> dict[str, Any]:
    broken, died = [], 0
    for after in (False, True) if root.startswith("file") else (True,):  # objects are there whole, or not at all
        for repeated in (False, True):
            for last in count(1):
                uri = f"{root}/{after}-{repeated}-{last}"
                scored(uri, "one", 2, environment)
                filesystem, path = opened(uri, environment)
                pq.write_table(pa.table({"x": [1]}), f"{path}/{FOREIGN}", filesystem=filesystem)
                try:
                    scored(uri, "two", 3, environment, Mortal(filesystem, last, after=after))
                    break
                except Died:
                    died += 1
                where = f"{last} {'after' if after else 'before'}"
                broken += [f"{where}: {what}" for what in wrong(filesystem, path)]
                again = Folder(uri, "two", environment)
                if repeated and (again._staged() or again._read("_REPLACING")):
                    try:  # as an engine does that repeats its last step
                        again.publish({"run_id": "two"}, 9)
                        broken += [f"{where}, repeated: {what}" for what in wrong(filesystem, path, "two")]
                    except Exception as problem:  # it died before all was staged
                        if "rows" not in str(problem) and "staged" not in str(problem):
                            raise
                scored(uri, "three", 4, environment)
                broken += [f"{where}, next: {what}" for what in wrong(filesystem, path, "three")]
    return {"deaths": died, "broken": broken}


@contextmanager
def store(kind: str, folder: str) -> Iterator[tuple[str, dict[str, str]]]:
    if kind == "file":
        yield f"file://{folder}", {}
        return
    import boto3
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        keys = {"aws_access_key_id": "a", "aws_secret_access_key": "b", "region_name": "eu-central-1"}
        boto3.client("s3", endpoint_url=f"http://{host}:{port}", **keys).create_bucket(
            Bucket="scores", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
        )
        yield "s3://scores", {"AWS_ENDPOINT_URL": f"http://{host}:{port}", "AWS_DEFAULT_REGION": "eu-central-1"}
    finally:
        server.stop()


if __name__ == "__main__":
    with store(sys.argv[1], sys.argv[2]) as (uri, environment):
        print(json.dumps(deaths(uri, environment)))
