"""Specs of a test with some of their text changed."""

from __future__ import annotations

from mlops_spec.compiler import DEFAULT, Compilation, Options, compile_spec
from mlops_spec.source.files import Memory

Change = tuple[str, str]


def changed(text: str, *changes: Change) -> str:
    """Put the second of each change in the place of its first, which must be there when its turn comes."""
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text


def compiled(spec: str, lock: str, *changes: Change, options: Options = DEFAULT) -> Compilation:
    """Compile a changed spec with its lock."""
    files = {"mlops.yaml": changed(spec, *changes).encode(), "mlops.lock.yaml": lock.encode()}
    return compile_spec(Memory(files), "mlops.yaml", options)
