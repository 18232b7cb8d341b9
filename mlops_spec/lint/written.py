"""What the files of a spec say for all environments at once: whether anything, anywhere, names a thing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

from mlops_spec.address import parse
from mlops_spec.language.placeholder import references
from mlops_spec.source.tree import Map, find, select, walk


class Written:
    """The documents of a spec, the lowest layer first, with their overrides.

    What is left out of one environment may be used in another, so that only here nothing can be told to be unused.
    """

    def __init__(self, documents: Sequence[Map]) -> None:
        self._documents = documents

    @property
    def is_whole(self) -> bool:
        """Whether no manifest or patch brings objects in, which may name things in ways that are not seen here."""
        return not any(document.get(key) for document in self._documents for key in ("manifests", "patches"))

    def defines(self, address: str) -> bool:
        """Tell whether the spec's own document has ``address``; what a layer below has is for other documents too."""
        return find(self._documents[-1], parse(address)) is not None

    def refers(self, address: str) -> bool:
        """Tell whether a placeholder names ``address``, or something in it."""
        return address in self._references

    def says(self, text: str) -> bool:
        """Tell whether ``text`` is a whole value somewhere: a name where something is named, among others."""
        return text in self._values

    def spells(self, repository: str) -> bool:
        """Tell whether an image of ``repository`` is named by its tag or digest."""
        return any(value.startswith((f"{repository}:", f"{repository}@")) for value in self._values)

    def at(self, pattern: str) -> frozenset[str]:
        """Return the texts that stand at an address in which ``*`` is any name, overrides apart."""
        found = (value for document in self._documents for _, value, _ in select(document, parse(pattern)))
        return frozenset(value for value in found if isinstance(value, str))

    @cached_property
    def _values(self) -> frozenset[str]:
        return frozenset(self._texts())

    @cached_property
    def _references(self) -> frozenset[str]:
        named = {path for text in self._values if "${{" in text for path in references(text)}
        return frozenset(above for path in named for above in _upwards(path))

    def _texts(self) -> Iterator[str]:
        yield from (v for document in self._documents for _, v, _ in walk(document) if isinstance(v, str))


def _upwards(address: str) -> Iterator[str]:
    while address:
        yield address
        address = address.rpartition(".")[0]
