"""How images are named, as everywhere: which registry a repository lies at, and what an image is built upon."""

from __future__ import annotations

HUB = "docker.io"


def registry(repository: str) -> str:
    """Return the host that an image lies at; a first part without dot, port or that name is no host."""
    first, slash, _ = repository.partition("/")
    return first if slash and ("." in first or ":" in first or first == "localhost") else HUB


def built_upon(said: str | None, python: str) -> str:
    """Return what an image is built upon: what is said, else Python's own image of that version."""
    return said or f"{HUB}/library/python:{python}-slim"
