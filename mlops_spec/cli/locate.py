"""Which spec a command is about: a file, or the ``mlops.yaml`` of a folder. Its folder is the root of all it names."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import click

from mlops_spec.address import nearest
from mlops_spec.cli import exits
from mlops_spec.cli.stop import Stopped, stopped
from mlops_spec.diagnostic import Place

NAME = "mlops.yaml"
SUFFIXES = (".yaml", ".yml")
BEGIN = "to begin one, run `mlops-spec init`"
_MOST_ENTRIES = 1000


class Located(NamedTuple):
    """A spec that is there: the folder that its paths are relative to, and its name in it."""

    root: Path
    name: str

    def shown(self, file: str) -> str:
        """Say where a file of the spec is from the current folder."""
        return Path(os.path.relpath(self.root / file)).as_posix()

    def place(self, place: Place) -> Place:
        """Say a place of the spec as it is from the current folder."""
        return place._replace(file=self.shown(place.file))


def locate(path: str | None) -> Located:
    """Find the spec at ``path`` (default: the current folder). Raises Stopped where there is none."""
    given = Path(path or ".")
    file = given / NAME if given.is_dir() else given
    if file.is_file():
        return Located(file.parent.resolve(), file.name)
    if file.exists():
        raise stopped(exits.USAGE, "MS190", f"{given} is neither a file nor a folder", "name a spec, or its folder")
    raise _missing(given, file)


def path_and(given: Sequence[str]) -> tuple[str | None, str]:
    """Tell a spec's path from an address after it; either may be missing. Raises a usage error for more words."""
    if len(given) > 2:
        raise click.UsageError(f"a path and an address are two words, and these are {len(given)}")
    if len(given) == 2:
        return given[0], given[1]
    word = given[0] if given else ""
    is_path = "/" in word or word.endswith(SUFFIXES) or Path(word).is_file() or (Path(word) / NAME).is_file()
    return (word, "") if is_path and word else (None, word)


def _missing(given: Path, file: Path) -> Stopped:
    where = "in this folder" if _is_here(given) else f"in {given}"
    message = f"there is no {NAME} {where}" if given.is_dir() else f"there is no file {file}"
    if given.is_dir() and len(found := _below(given)) > 1:
        named = "**" if _is_here(given) else f"{given.as_posix()}/**"
        hint = (
            f"{len(found)} specs are below: name one, such as {found[0]}, or all where a command takes many: '{named}'"
        )
        return stopped(exits.USAGE, "MS190", message, hint)
    near = _near(file)
    return stopped(exits.USAGE, "MS190", message, f"did you mean {near}?" if near else BEGIN)


def _below(folder: Path) -> list[Path]:
    from mlops_spec.cli.selecting import below

    return below(folder)


def _is_here(path: Path) -> bool:
    """Tell whether ``path`` is the current folder."""
    return path.resolve() == Path.cwd()


def _near(file: Path) -> str | None:
    """Return the spec that was most likely meant: of a like name, else the only one a level or two below."""
    folder = file.parent
    while not folder.is_dir():
        folder = folder.parent
    siblings = list(_files(folder))
    similar = nearest(file.name, [path.name for path in siblings]) if folder == file.parent else None
    if similar is not None:
        return str(folder / similar)
    below = [path for pattern in (NAME, f"*/{NAME}", f"*/*/{NAME}") for path in sorted(folder.glob(pattern))[:2]]
    return str(below[0]) if below else None


def _files(folder: Path) -> Iterator[Path]:
    with os.scandir(folder) as entries:
        for _, entry in zip(range(_MOST_ENTRIES), entries):
            if entry.is_file() and entry.name.endswith(SUFFIXES):
                yield folder / entry.name
