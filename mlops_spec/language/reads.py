"""Everything that a spec is read from, without compiling it: what makes it render otherwise is one of these."""

from __future__ import annotations

from typing import NamedTuple

from mlops_spec.diagnostic import Diagnostic, Place, failed
from mlops_spec.language import environment as environments
from mlops_spec.language import layers
from mlops_spec.language.values import substitute
from mlops_spec.source.files import Files, Want
from mlops_spec.source.tree import Map, select

_OF_FILES = ("manifests", "templates")


class Reads(NamedTuple):
    """Paths from the spec's root: ``files`` were looked at, there or not, and ``folders`` hold its templates."""

    files: frozenset[str]
    folders: frozenset[str]


class Recording:
    """Files that remember which of them were asked for, and found or not."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self.paths: set[str] = set()

    def read(self, path: str, place: Place | None) -> tuple[bytes | None, list[Diagnostic]]:
        """Return the bytes of ``path``, or why there are none."""
        self.paths.add(path)
        return self._files.read(path, place)

    def has(self, path: str) -> bool:
        """Tell whether there is something at ``path``."""
        self.paths.add(path)
        return self._files.has(path)

    def check(self, path: str, place: Place | None, want: Want = "file") -> list[Diagnostic]:
        """Say what forbids ``path``."""
        self.paths.add(path)
        return self._files.check(path, place, want)


def reads(files: Files, spec: str) -> Reads:
    """Read a spec as far as it takes to know every file that a compile of it looks at, or more. Never raises."""
    recording, folders = Recording(files), set[str]()
    loaded, _ = layers.load(recording, spec)
    if loaded is not None and any(_names_files(layer) for layer in loaded.layers):
        names, found = environments.names(loaded.layers)
        common = environments.common(loaded.layers)
        for name in (*names, environments.LOCAL) if not failed(found) else ():
            resolved, _ = environments.resolve(loaded.layers, name, common)
            data, _ = substitute(resolved.tree, name, loaded.lock)
            folder, manifests = data.get("templates"), data.get("manifests")
            if isinstance(folder, str):
                folders.add(folder)
                recording.check(folder, None, "folder")
            for entry in manifests if isinstance(manifests, list) else ():
                path = entry.get("path") if isinstance(entry, Map) else None
                if isinstance(path, str):
                    recording.check(path, None)
    return Reads(frozenset(recording.paths), frozenset(folders))


def _names_files(layer: layers.Layer) -> bool:
    overrides = select(layer.data, ("environments", "*", "overrides"))
    return any(key in layer.data for key in _OF_FILES) or any(
        key in value for _, value, _ in overrides if isinstance(value, Map) for key in _OF_FILES
    )
