"""Phase 1: a spec's files as layers. ``include`` splits one document over files, ``extends`` puts layers below it."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

from mlops_spec.address import meant
from mlops_spec.diagnostic import Diagnostic, Place, Related, error, failed, warning
from mlops_spec.language.digest import sha256
from mlops_spec.language.remote import Remote
from mlops_spec.source.files import Files
from mlops_spec.source.tree import Map, Mark, Seq, Source, find
from mlops_spec.source.yaml import read

API_VERSION = "mlops-spec/v1"
LOCK = "mlops.lock.yaml"
RESOURCES = (
    "project platform variables environments compute images secrets channels datasets features experiments pipelines "
    "models monitors manifests patches templates moved"
).split()
STRUCTURE = ("extends", "include", "locked")
SECTIONS = ("apiVersion", *STRUCTURE, *RESOURCES)
_MOST_FILES = 100


class Locked(NamedTuple):
    """A path whose values no higher layer may change; ``*`` stands for one name."""

    pattern: str
    mark: Mark


class Layer(NamedTuple):
    """One document, its includes joined in: ``data`` without ``extends``, ``include`` and ``locked``."""

    file: str
    data: Map
    locked: tuple[Locked, ...]


class Loaded(NamedTuple):
    """Everything that was read: layers from the lowest up, every text by its file, and the lock (empty without one)."""

    spec: str
    layers: tuple[Layer, ...]
    sources: dict[str, Source]
    lock: Map


class _Step(NamedTuple):
    """A document on the way down, and the place that names it (None for the spec)."""

    file: str
    place: Place | None


class Copy(NamedTuple):
    """A layer from elsewhere, as the lock has it: where its copy is, and the digest of that."""

    path: str
    digest: str


class Absent(NamedTuple):
    """A layer from elsewhere whose copy is not here as the lock has it (``copy``, None: not at all)."""

    remote: Remote
    place: Place | None
    copy: Copy | None


def load(files: Files, spec: str) -> tuple[Loaded | None, list[Diagnostic]]:
    """Read ``spec``, what it includes and extends, and the lock beside it."""
    loader = _Loader(files)
    lock, layers = loader.walk(spec)
    if failed(loader.diagnostics):
        return None, loader.diagnostics
    return Loaded(spec, tuple(layers), loader.sources, lock), loader.diagnostics


def elsewhere(files: Files, spec: str) -> tuple[dict[str, Place | None], list[Absent]]:
    """Return the addresses of layers from elsewhere that ``spec`` names, as far as can be read, and what is absent."""
    loader = _Loader(files)
    loader.walk(spec)
    return loader.named, loader.absent


def copies(lock: Map) -> dict[str, Copy]:
    """Return the copies of layers from elsewhere by address: the lock pins them, so that no byte of them may change."""
    pinned = lock.get("layers")
    names = pinned if isinstance(pinned, Map) else ()
    found = {name: Copy(find(pinned, (name, "path")), find(pinned, (name, "digest"))) for name in names}
    return {name: copy for name, copy in found.items() if isinstance(copy.path, str) and isinstance(copy.digest, str)}


class _Loader:
    def __init__(self, files: Files) -> None:
        self.files = files
        self.sources: dict[str, Source] = {}
        self.diagnostics: list[Diagnostic] = []
        self.done: set[str] = set()
        self.asked = 0
        self.copies: dict[str, Copy] = {}
        self.remotes: dict[str, Remote] = {}
        self.named: dict[str, Place | None] = {}
        self.absent: list[Absent] = []

    def walk(self, spec: str) -> tuple[Map, list[Layer]]:
        """Read the lock, and then the layers, which it says the copies of."""
        lock = self.lock(posixpath.join(posixpath.dirname(spec), LOCK))
        self.copies = copies(lock)
        layers = self.layers(spec, None, ())
        for name in self.copies:
            if name not in self.named and not failed(self.diagnostics):
                message = f"the lock pins a layer {name} that nothing extends"
                place = lock["layers"].marks[name].key
                hint = "run `mlops-spec lock`, which takes it out, with its copy"
                self.diagnostics.append(warning("MS132", message, place, "extends", hint))
        return lock, layers

    def beside(self, file: str, path: str, place: Place) -> str | None:
        """Return the file that ``path`` means in ``file``: of an address, its copy. None, where it has none: told."""
        of = self.remotes.get(file)
        remote = Remote.read(path) if "://" in path else of and of.beside(path)
        if "://" not in path and of is None:
            return _beside(file, path)
        if remote is None:
            self.diagnostics.append(_no_address(path, of, place))
            return None
        self.named.setdefault(remote.text, place)
        copy = self.copies.get(remote.text)
        raw = self.files.read(copy.path, place)[0] if copy is not None else None
        if copy is not None and raw is not None and sha256(raw) == copy.digest:
            self.remotes[copy.path] = remote
            return copy.path
        if all(each.remote != remote for each in self.absent):
            self.absent.append(Absent(remote, place, copy))
            self.diagnostics.append(_not_here(remote, place, copy, raw is None))
        return None

    def source(self, file: str, place: Place | None) -> Source | None:
        self.asked += 1
        if self.asked > _MOST_FILES:
            if self.asked == _MOST_FILES + 1:
                message = f"a spec is at most {_MOST_FILES} files, layers and all"
                self.diagnostics.append(error("MS057", message, place, "", "join some of them"))
            return None
        raw, problems = self.files.read(file, place)
        self.diagnostics += problems
        if raw is None:
            return None
        source, problems = read(raw, file)
        self.diagnostics += problems
        if source is not None:
            self.sources[file] = source
        return source

    def lock(self, file: str) -> Map:
        source = self.source(file, None) if self.files.has(file) else None
        return source.data if source else Map()

    def layers(self, file: str, place: Place | None, above: tuple[_Step, ...]) -> list[Layer]:
        """Read the document ``file``, which is named at ``place``, and what lies below it; ``above`` led here."""
        trail = (*above, _Step(file, place))
        if any(step.file == file for step in above):
            self.diagnostics.append(_circle(trail))
            return []
        if file in self.done:
            return []
        self.done.add(file)
        source = self.source(file, place)
        if source is None:
            return []
        self._version(source)
        data = self._included(source)
        found: list[Layer] = []
        for path, where in self._paths(source, "extends"):
            below = self.beside(file, path, where)
            found += self.layers(below, where, trail) if below is not None else []
        kept = [key for key in data if key not in STRUCTURE]
        body = Map({key: data[key] for key in kept}, {key: data.marks[key] for key in kept})
        return [*found, Layer(file, body, self._locked(source))]

    def _version(self, source: Source) -> None:
        start = Place(source.file, 1, 1)
        if "apiVersion" not in source.data:
            hint = f"begin the file with `apiVersion: {API_VERSION}`"
            self.diagnostics.append(error("MS051", "apiVersion is missing", start, "apiVersion", hint))
        elif source.data["apiVersion"] != API_VERSION:
            place = source.data.marks["apiVersion"].value
            message = f"this version of mlops-spec reads {API_VERSION}"
            self.diagnostics.append(error("MS051", message, place, "apiVersion", f"write `apiVersion: {API_VERSION}`"))
        self._known(source.data, SECTIONS)

    def _known(self, data: Map, sections: Iterable[str]) -> None:
        for key in data:
            if key not in sections:
                place = data.marks[key].key
                self.diagnostics.append(error("MS052", f"unknown section `{key}`", place, key, meant(key, sections)))

    def _included(self, source: Source) -> Map:
        data, marks = dict(source.data), dict(source.data.marks)
        for path, place in self._paths(source, "include"):
            of = self.beside(source.file, path, place)
            part = self.source(of, place) if of is not None else None
            for key, value in part.data.items() if part else ():
                mark = part.data.marks[key] if part else place
                assert isinstance(mark, Mark)
                if key in ("apiVersion", *STRUCTURE):
                    hint = f"an included file is a part of {source.file}: say it there"
                    self.diagnostics.append(error("MS053", f"`{key}` stands in an included file", mark.key, key, hint))
                elif key in data:
                    first = Related("it stands here already", marks[key].key)
                    hint = f"put all of `{key}` into one file"
                    message = f"the section `{key}` stands in two files"
                    self.diagnostics.append(error("MS054", message, mark.key, key, hint, first))
                else:
                    data[key], marks[key] = value, mark
            if part:
                self._known(part.data, (*SECTIONS,))
        return Map(data, marks)

    def _paths(self, source: Source, key: str) -> list[tuple[str, Place]]:
        """The list of strings under ``key`` of a document, each with its place."""
        if key not in source.data:
            return []
        value, mark = source.data[key], source.data.marks[key]
        if not isinstance(value, Seq):
            hint = f"write `{key}: [{value}]`" if isinstance(value, str) else f"write `{key}: [one, another]`"
            self.diagnostics.append(error("MS055", f"{key} must be a list", mark.value, key, hint))
            return []
        found = []
        for item, where in zip(value, value.marks):
            if isinstance(item, str) and item:
                found.append((item, where.value))
            else:
                hint = "each item is one line of text"
                self.diagnostics.append(error("MS055", f"{key} must be a list of texts", where.value, key, hint))
        return found

    def _locked(self, source: Source) -> tuple[Locked, ...]:
        found = []
        for pattern, place in self._paths(source, "locked"):
            if pattern.split(".")[0] in RESOURCES:
                found.append(Locked(pattern, Mark(place, place, source.file)))
            else:
                hint = meant(pattern.split(".")[0], RESOURCES)
                message = f"`{pattern}` locks nothing: no section has that name"
                self.diagnostics.append(error("MS056", message, place, "locked", hint))
        return tuple(found)


def _no_address(path: str, of: Remote | None, place: Place) -> Diagnostic:
    if of is not None and "://" not in path:
        message = (
            f"`{path}` is a file beside a layer from elsewhere, which is {'one file' if not of.file else 'not there'}"
        )
        hint = f"ask the owners of {of.text}: it can name addresses, and in a Git repository paths of that repository"
    else:
        message = f"`{path}` is not the address of a layer"
        hint = (
            "write git+https://HOST/REPOSITORY//FILE?ref=REF, git+ssh://USER@HOST/REPOSITORY//FILE?ref=REF, "
            "or oci://REGISTRY/NAME:TAG"
        )
    return error("MS058", message, place, "extends", hint)


def _not_here(remote: Remote, place: Place, copy: Copy | None, gone: bool) -> Diagnostic:
    if copy is None or gone:
        message = f"the layer {remote.text} has no copy in this repository yet"
        hint = "run `mlops-spec lock`, which brings it, and commit what it writes"
        return error("MS059", message, place, "extends", hint)
    message = f"{copy.path} is not the layer that the lock pins: its copy was edited"
    hint = (
        "put the change into a layer of your own, above it, and delete the file: `mlops-spec lock` brings it back, "
        "and `mlops-spec lock --upgrade layers` what the address names now"
    )
    return error("MS068", message, Place(copy.path, 1, 1), "extends", hint, Related("it is extended here", place))


def _circle(trail: tuple[_Step, ...]) -> Diagnostic:
    """Report the circle that the last document of ``trail`` closes, at the first `extends` of it."""
    start = next(number for number, step in enumerate(trail) if step.file == trail[-1].file)
    circle = trail[start:]
    message = f"layers extend each other: {' → '.join(step.file for step in circle)}"
    related = [
        Related(f"{upper.file} extends {lower.file} here", lower.place)
        for upper, lower in pairwise(circle[1:])
        if lower.place is not None
    ]
    return error("MS050", message, circle[1].place, "extends", "take one of these `extends` out", *related)


def _beside(file: str, path: str) -> str:
    """A path in a file is relative to that file's folder."""
    if path.startswith("/"):
        return path
    return posixpath.normpath(posixpath.join(posixpath.dirname(file), path))
