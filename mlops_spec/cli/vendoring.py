"""Layers from elsewhere, brought into the repository as copies that the lock pins: all that a spec names, or none."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from mlops_spec.cli import exits, locked_text
from mlops_spec.cli.console import shown
from mlops_spec.cli.locate import Located
from mlops_spec.cli.rendering import writing
from mlops_spec.cli.stop import Stopped
from mlops_spec.diagnostic import Diagnostic, Place, error, warning
from mlops_spec.language import layers, pin
from mlops_spec.language.digest import sha256
from mlops_spec.language.layers import LOCK, Copy
from mlops_spec.language.remote import Remote
from mlops_spec.live import oci
from mlops_spec.source import edit
from mlops_spec.source.characters import MAX_BYTES
from mlops_spec.source.files import Edited, Folder
from mlops_spec.source.yaml import read
from mlops_spec.write import file, remote_file
from mlops_spec.write.difference import unified

ALL = "layers"
"""What ``--upgrade`` calls them."""

_AGAIN = "mend that, then run again; nothing is written"
_SECTION = "layers"


class Moved(NamedTuple):
    """A layer whose copy is another by now, or was not there."""

    address: str
    copy: Copy


class Vendored(NamedTuple):
    """The files of a spec as they will be: ``lock`` is the lock's text, ``contents`` the copies that change by path.

    A copy that goes is None. Nothing is written yet.
    """

    files: Edited
    lock: bytes | None
    contents: dict[str, bytes | None]
    moved: tuple[Moved, ...]

    @classmethod
    def nothing(cls, located: Located, lock: bytes | None) -> Vendored:
        """Return the files as they are."""
        return cls(Edited(Folder(located.root), {}), lock, {}, ())

    def diffs(self, located: Located) -> Iterator[str]:
        """Yield how each copy changes, as a diff."""
        for path, content in sorted(self.contents.items()):
            yield unified(located.shown(path), Folder(located.root).read(path, None)[0], content)

    def write(self, located: Located) -> None:
        """Write the copies. Raises Stopped where one has changed meanwhile, or cannot be written."""
        folder = Folder(located.root)
        for path, content in self.contents.items():
            before, file_here = folder.read(path, None)[0], Path(located.shown(path))
            with writing():
                if content is not None:
                    file.put(file_here, content, before, parents=True)
                elif before is not None:
                    file.remove(file_here, before)


def vendor(located: Located, raw: bytes | None, upgrades: Collection[str]) -> Vendored:
    """Fetch the layers that have no copy yet, and those that ``upgrades`` names or all of them by ``layers``.

    Copies that nothing names any more go. Raises Stopped where one cannot be had, or would take the place of a file
    that is no copy.
    """
    fetched = _Fetched(located, raw)
    problems = fetched.walk(upgrades)
    if problems:
        code = exits.IO if fetched.unreachable else exits.FINDINGS
        raise Stopped(code, [shown(problem, located) for problem in problems])
    return Vendored(fetched.files, fetched.lock, fetched.contents, tuple(fetched.moved))


def check_layers(located: Located, problems: list[Diagnostic]) -> bool:
    """Add what the addresses of layers name by now to ``problems``; tell whether one could not be asked."""
    fetched = _Fetched(located, Folder(located.root).read(LOCK, None)[0])
    for address, place in layers.elsewhere(fetched.files, located.name)[0].items():
        copy, remote = fetched.pinned().get(address), Remote.read(address)
        content = fetched.fetch(remote, place, problems) if remote is not None and copy is not None else None
        if content is not None and copy is not None and sha256(content) != copy.digest:
            message = f"the layer {address} is another by now than its copy here"
            problems.append(warning("MS115", message, place, "extends", f"`mlops-spec lock --upgrade {ALL}`"))
    return fetched.unreachable


class _Fetched:
    """A spec's files with what was fetched for it; ``contents`` are the copies that change."""

    def __init__(self, located: Located, raw: bytes | None) -> None:
        self.located, self.lock, self.before = located, raw, _pinned(raw)
        self.folder = Folder(located.root)
        self.contents: dict[str, bytes | None] = {}
        self.moved: list[Moved] = []
        self.unreachable = False

    @property
    def files(self) -> Edited:
        there = {path: content for path, content in self.contents.items() if content is not None}
        return Edited(self.folder, {**there, **({} if self.lock is None else {LOCK: self.lock})})

    def pinned(self) -> Mapping[str, Copy]:
        return _pinned(self.lock)

    def walk(self, upgrades: Collection[str]) -> list[Diagnostic]:
        """Bring layer after layer: each may name others. Returns what keeps one from being brought."""
        if self.lock and read(self.lock, LOCK)[0] is None:
            return []  # the compiler tells why
        problems: list[Diagnostic] = []
        asked: set[str] = set()
        everything = ALL in upgrades
        while not problems:
            named, absent = layers.elsewhere(self.files, self.located.name)
            wanted = {each.remote.text: each.remote for each in absent}
            for address in named:
                remote = Remote.read(address)
                if remote is not None and (everything or address in upgrades):
                    wanted[address] = remote
            left = [remote for address, remote in wanted.items() if address not in asked]
            if not left:
                self._drop(named)
                return []
            for remote in left:
                asked.add(remote.text)
                upgraded = everything or remote.text in upgrades
                self._bring(remote, named, upgraded, problems)
        return problems

    def _bring(
        self,
        remote: Remote,
        named: Mapping[str, Place | None],
        upgraded: bool,
        problems: list[Diagnostic],
    ) -> None:
        place = named[remote.text]
        content = self.fetch(remote, place, problems)
        if content is None:
            return
        known, digest = self.pinned().get(remote.text), sha256(content)
        if known is not None and known.digest != digest and not upgraded:
            message = (
                f"the layer {remote.text} is another by now than the one that the lock pins, whose copy is not here"
            )
            hint = f"get {known.path} back from Git, or take what is there now: `mlops-spec lock --upgrade {ALL}`"
            problems.append(error("MS115", message, place, "extends", hint))
            return
        path = known.path if known is not None else self._place(remote, named)
        there = self.folder.read(path, None)[0]
        ours = {copy.digest for copy in self.before.values() if copy.path == path}
        if there is not None and there != content and sha256(there) not in ours:
            why = "was edited since it was brought" if ours else "is a file that the lock knows nothing of"
            message = f"{path} would be the copy of {remote.text}, and {why}"
            hint = "put what it says into a layer of your own, delete it, and run again"
            problems.append(error("MS119", message, place, "extends", hint))
            return
        if there != content:
            self.contents[path] = content
        if known is None or known.digest != digest:
            self._pin(remote.text, Copy(path, digest), known)

    def _place(self, remote: Remote, named: Collection[str]) -> str:
        taken = {copy.path for address, copy in self.pinned().items() if address in named}
        return remote.copy_of_ref if remote.copy in taken else remote.copy

    def _pin(self, address: str, copy: Copy, known: Copy | None) -> None:
        line = (_SECTION, address)

        def change(text: str) -> str:
            if known is not None:
                return edit.replace(text, (*line, "digest"), copy.digest)
            return pin.add(text, line, copy._asdict())

        self._edit(line, change)
        self.moved.append(Moved(address, copy))

    def _drop(self, named: Collection[str]) -> None:
        """Take out what nothing names, with its copy where that is as it was brought."""
        gone = {address: copy for address, copy in self.pinned().items() if address not in named}
        for address in gone:
            last = len(self.pinned()) == 1
            line = (_SECTION,) if last else (_SECTION, address)
            self._edit(line, lambda text, line=line: edit.delete(text, line))  # type: ignore[misc]
        kept = {copy.path for copy in self.pinned().values()}
        for copy in gone.values():
            there = self.folder.read(copy.path, None)[0]
            if copy.path not in kept and there is not None and sha256(there) == copy.digest:
                self.contents[copy.path] = None

    def _edit(self, line: tuple[str, ...], change: Callable[[str], str]) -> None:
        with locked_text.editing(self.located, line):
            self.lock = change((self.lock or b"").decode()).encode()

    def fetch(self, remote: Remote, place: Place | None, problems: list[Diagnostic]) -> bytes | None:
        """Return what an address names now; None is a problem that was added."""
        try:
            if remote.file:
                return remote_file.read(remote.url, remote.ref, remote.file, MAX_BYTES)
            found = oci.file(remote.url, remote.ref, os.environ, MAX_BYTES)
            if found is not None:
                return found
            code, why, hint = "MS113", "the registry has none such", "name one that there is"
        except (remote_file.Unreachable, oci.Unreachable) as problem:
            self.unreachable = True
            code, why, hint = "MS114", str(problem), _AGAIN
        except remote_file.NoFile as problem:
            code, why, hint = "MS113", str(problem), "name one that there is"
        except oci.Unfit as problem:
            code, why = "MS117", str(problem)
            hint = f"push the file alone, such as by `oras push {remote.place}:TAG base.mlops.yaml:application/yaml`"
        problems.append(error(code, f"{remote.text}: {why}", place, "extends", hint))
        return None


def _pinned(raw: bytes | None) -> dict[str, Copy]:
    source = read(raw, LOCK)[0] if raw else None
    return layers.copies(source.data) if source is not None else {}
