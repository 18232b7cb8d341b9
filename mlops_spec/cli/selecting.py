"""Which specs a command is about where there may be many: files, folders, and globs, which are expanded here.

A shell expands other globs in other ways, and one on Windows none; a quoted one means the same everywhere.
"""

from __future__ import annotations

import os
import posixpath
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

from mlops_spec.cli import exits
from mlops_spec.cli.locate import BEGIN, NAME, SUFFIXES, Located, locate
from mlops_spec.cli.stop import Stopped, stopped
from mlops_spec.language.layers import LOCK
from mlops_spec.report.excerpt import visible

_MAGIC = frozenset("*?[")
_ANY = "**"
_VIRTUALENV = "pyvenv.cfg"
_MOST_LOOKED_AT = 20_000
"""Entries of folders that are looked at only to say what else there is."""


class Selection(NamedTuple):
    """The specs that were asked for. ``many`` tells whether by several words or a glob, however many that finds."""

    specs: tuple[Located, ...]
    many: bool


def select(words: Sequence[str]) -> Selection:
    """Find the specs that ``words`` name (none: the one here), each once. Raises Stopped where one names nothing."""
    many = len(words) > 1 or any(map(is_glob, words))
    found = [
        located for word in words or [""] for located in (expand(word) if is_glob(word) else [locate(word or None)])
    ]
    for located in found if many else ():
        refuse_unprintable(located)
    return Selection(tuple(dict.fromkeys(found)), many)


def refuse_unprintable(located: Located) -> None:
    """Raise Stopped where the path of a spec, which is printed and which nobody may have typed, is no plain text."""
    path = located.shown(located.name)
    if not path.isprintable():
        message = f"the path {visible(path)} holds a character that cannot be printed"
        raise stopped(exits.USAGE, "MS190", message, "rename the folder or the file")


def is_glob(word: str) -> bool:
    """Tell whether a word is a pattern, and not the name of something that is there."""
    return not _MAGIC.isdisjoint(word) and not os.path.lexists(word)


def expand(pattern: str) -> list[Located]:
    """Return the specs that match, sorted. Raises Stopped where there are none."""
    base, segments = split(pattern)
    folder = Path(base)
    found = [folder / path for path in matching(segments, _candidates(folder, segments))] if folder.is_dir() else []
    if not found:
        raise no_match(pattern)
    return [Located(path.parent.resolve(), path.name) for path in found]


def below(folder: Path) -> list[Path]:
    """Return every ``mlops.yaml`` below a folder, sorted; of a vast one that is no repository's, those found first."""
    return [folder / path for path in matching([_ANY], _candidates(folder, [_ANY], _MOST_LOOKED_AT))]


def split(pattern: str) -> tuple[str, list[str]]:
    """Tell the folder that a pattern begins with from the segments that have wildcards."""
    parts = Path(pattern).parts
    start = next(i for i, part in enumerate(parts) if not _MAGIC.isdisjoint(part))
    return str(Path(*parts[:start])), [*parts[start:]]


def matching(segments: Sequence[str], candidates: Iterable[str]) -> list[str]:
    """Return the ``candidates`` that are meant: files that match, or the ``mlops.yaml`` of folders that match."""
    files = segments[-1].endswith(SUFFIXES)
    found = []
    for path in candidates:
        folder, name = posixpath.split(path)
        if name != LOCK and (files or name == NAME):
            parts = path.split("/") if files else folder.split("/") if folder else []
            if _matches(parts, segments):
                found.append(path)
    return sorted(found, key=lambda path: path.split("/"))


def _matches(parts: Sequence[str], segments: Sequence[str]) -> bool:
    """Tell whether a path matches: ``**`` stands for any number of folders, and nothing but a dot for a dot."""
    at = _onward({0}, segments)
    for part in parts:
        after = set()
        for i in at:
            if i < len(segments) and (not part.startswith(".") or segments[i].startswith(".")):
                if segments[i] == _ANY:
                    after.add(i)
                elif fnmatchcase(part, segments[i]):
                    after.add(i + 1)
        at = _onward(after, segments)
    return len(segments) in at


def _onward(at: set[int], segments: Sequence[str]) -> set[int]:
    """Return where a match may stand that needs no further folder for ``**``."""
    found = set(at)
    for i, segment in enumerate(segments):
        if i in found and segment == _ANY:
            found.add(i + 1)
    return found


def _candidates(folder: Path, segments: Sequence[str], most: int | None = None) -> Iterator[str]:
    """Yield the files below a folder that may be specs: in a repository those that Git does not ignore."""
    listed = _listed_by_git(folder)
    root, environments = folder.resolve(), dict[str, bool]()
    for path in _walked(folder, segments, most) if listed is None else listed:
        file = folder / path
        if file.is_file() and file.resolve().is_relative_to(root) and not _is_installed(folder, path, environments):
            yield path


def _listed_by_git(folder: Path) -> list[str] | None:
    from mlops_spec.write.failure import WriteFailed
    from mlops_spec.write.process import GitFailed, git

    here = folder.resolve()
    if not any((above / ".git").exists() for above in (here, *here.parents)):
        return None
    wanted = ("ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *(f"*{end}" for end in SUFFIXES))
    try:
        return sorted({*os.fsdecode(git(str(folder), *wanted)).split("\0")} - {""})
    except (GitFailed, WriteFailed):  # not git's to open, or no git
        return None


def _walked(folder: Path, segments: Sequence[str], most: int | None) -> Iterator[str]:
    deepest = None if _ANY in segments else len(segments)
    hidden = any(segment.startswith(".") for segment in segments)
    waiting, seen = deque([""]), 0
    while waiting and (most is None or seen < most):
        within = waiting.popleft()
        try:
            entries = list(os.scandir(folder / within))
        except OSError:  # what may not be looked into holds nothing for us
            continue
        seen += len(entries)
        for entry in entries:
            path = posixpath.join(within, entry.name)
            if entry.is_dir(follow_symlinks=False):
                if (hidden or not entry.name.startswith(".")) and (deepest is None or path.count("/") < deepest):
                    waiting.append(path)
            elif entry.name.endswith(SUFFIXES):
                yield path


def _is_installed(folder: Path, path: str, known: dict[str, bool]) -> bool:
    """Tell whether a file is in a virtual environment below ``folder``."""
    within = posixpath.dirname(path)
    if not within:
        return False
    if within not in known:
        known[within] = (folder / within / _VIRTUALENV).exists() or _is_installed(folder, within, known)
    return known[within]


def no_match(pattern: str) -> Stopped:
    """Return why a command stops for which a pattern names nothing, with the way out."""
    base, _ = split(pattern)
    folder = Path(base)
    if not folder.is_dir():
        return stopped(
            exits.USAGE, "MS190", f"no spec matches {pattern}: there is no folder {base}", "correct the path"
        )
    found = below(folder)
    those = posixpath.join("" if base == "." else folder.as_posix(), _ANY)
    count = f"{len(found)} specs are" if len(found) > 1 else "1 spec is"
    hint = f"{count} below {base}: '{those}' names {'them' if len(found) > 1 else 'it'}" if found else BEGIN
    return stopped(exits.USAGE, "MS190", f"no spec matches {pattern}, in what is neither hidden nor ignored", hint)
