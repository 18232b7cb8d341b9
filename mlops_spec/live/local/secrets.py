"""Secrets of this machine: a file that Git ignores, beside what runs leave."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from mlops_spec.source.tree import Map
from mlops_spec.source.yaml import read

Keys = Mapping[tuple[str, str], str]


class Lacking(Exception):
    """Secrets that nobody has given; ``template`` is what the file would have to say."""

    def __init__(self, message: str, template: str) -> None:
        super().__init__(message)
        self.template = template


def secrets_of(file: Path, wanted: Iterable[tuple[str, str]]) -> Keys:
    """Return the wanted keys, each (secret, key), of the file ``secret: {key: value}``. Raises Lacking."""
    needed = sorted(set(wanted))
    if not needed:
        return {}
    source, problems = read(file.read_bytes(), file.name) if file.is_file() else (None, [])
    if problems and source is None:
        raise Lacking(f"{file.name} cannot be read: {problems[0].message}", _template(needed))
    found: dict[tuple[str, str], str] = {}
    for secret, key in needed:
        held = source.data.get(secret) if source else None
        value = held.get(key) if isinstance(held, Map) else None
        if isinstance(value, str):
            found[secret, key] = value
    missing = [one for one in needed if one not in found]
    if missing:
        names = ", ".join(f"{secret}.{key}" for secret, key in missing)
        raise Lacking(f"nobody has given the secrets {names}", _template(missing))
    return found


def _template(keys: list[tuple[str, str]]) -> str:
    secrets: dict[str, list[str]] = {}
    for secret, key in keys:
        secrets.setdefault(secret, []).append(key)
    return "\n".join(_line(*one) for one in secrets.items())


def _line(secret: str, keys: list[str]) -> str:
    return secret + ": {" + ", ".join(key + ': "…"' for key in keys) + "}"
