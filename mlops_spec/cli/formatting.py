"""The files of a spec in their one style: compared with what they are, or written."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from mlops_spec.cli import exits
from mlops_spec.cli.compiling import Done
from mlops_spec.cli.console import Console
from mlops_spec.cli.locate import Located
from mlops_spec.cli.rendering import writing
from mlops_spec.cli.stop import Stopped
from mlops_spec.compiler import Compilation
from mlops_spec.diagnostic import ordered
from mlops_spec.language import layers
from mlops_spec.language.style import formatted
from mlops_spec.source.files import Folder
from mlops_spec.source.yaml import read
from mlops_spec.write.difference import unified
from mlops_spec.write.file import put


class _File(NamedTuple):
    """A file of the spec: its path from the current folder, its bytes, and those of the style."""

    path: str
    before: bytes
    after: bytes


def check_style(console: Console, specs: Sequence[Located]) -> int:
    """Print how the files differ from the style, and change nothing."""
    files = _all(console, specs)
    if files is None:
        return exits.UNREADABLE
    stale = [file for file in files if file.before != file.after]
    diff = "".join(unified(file.path, file.before, file.after) for file in stale)
    paths = [file.path for file in stale]
    console.result(diff.removesuffix("\n"), {"up_to_date": not stale, "stale": paths, "diff": diff})
    if not stale:
        console.note(f"{_counted(len(files))} in the style")
        return exits.FINE
    console.note(f"{_counted(len(stale))} not in the style; run `mlops-spec fmt`")
    return exits.FINDINGS


def write_style(console: Console, specs: Sequence[Located]) -> int:
    """Write the files that are not in the style, each whole or not at all."""
    files = _all(console, specs)
    if files is None:
        return exits.UNREADABLE
    stale = [file for file in files if file.before != file.after]
    with writing():
        for file in stale:
            put(Path(file.path), file.after, file.before)
    written = [file.path for file in stale]
    console.result("\n".join(f"formatted {path}" for path in written), {"written": written})
    if not stale:
        console.note(f"{_counted(len(files))} in the style")
    return exits.FINE


def _all(console: Console, specs: Sequence[Located]) -> list[_File] | None:
    """Read the files of all specs, each once; None where one cannot be read, and those that cannot are said."""
    found = [_files(console, located) for located in specs]
    if any(files is None for files in found):
        return None
    return [*{file.path: file for files in found for file in files or ()}.values()]


def _files(console: Console, located: Located) -> list[_File] | None:
    """Read the files of a spec; None where one cannot be read as data, which then is said."""
    folder = Folder(located.root)
    loaded, problems = layers.load(folder, located.name)
    if loaded is None:
        done = Done(located, Compilation(None, {}, {}, {}, ordered(problems)))
        console.problems(ordered(problems), located, done.texts)
        return None
    lock = posixpath.join(posixpath.dirname(loaded.spec), layers.LOCK)
    copies = {copy.path for copy in layers.copies(loaded.lock).values()}
    return [
        _formatted(folder, located, file, "lock" if file == lock else "spec")
        for file in loaded.sources
        if file not in copies
    ]


def _formatted(folder: Folder, located: Located, file: str, schema: str) -> _File:
    raw, problems = folder.read(file, None)
    source, found = read(raw, file) if raw is not None else (None, [])
    if raw is None or source is None:  # it was exchanged since it was loaded
        raise Stopped(exits.UNREADABLE, [*problems, *found])
    return _File(located.shown(file), raw, formatted(source, schema).encode())


def _counted(count: int) -> str:
    return f"{count} file is" if count == 1 else f"{count} files are"
