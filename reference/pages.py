"""Every page of the reference: a further kind of page is a line here."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from reference import capabilities, commands, example, metrics, orchestrators, problems, rules, spec

_GENERATORS: tuple[Callable[[], Iterable[tuple[str, str]]], ...] = (
    spec.pages,
    commands.pages,
    rules.pages,
    problems.pages,
    capabilities.pages,
    orchestrators.pages,
    metrics.pages,
    example.pages,
)


def pages() -> dict[str, str]:
    """Return the text of each page by its path below ``docs/reference``."""
    return {path: text for generate in _GENERATORS for path, text in generate()}
