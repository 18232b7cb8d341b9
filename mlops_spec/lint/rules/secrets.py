"""Rules about secrets: MS281 to MS289."""

from __future__ import annotations

from collections.abc import Iterator

from mlops_spec.address import Path, text
from mlops_spec.diagnostic import Place, Severity
from mlops_spec.lint.credential import named, recognised
from mlops_spec.lint.rule import Finding, View, rule
from mlops_spec.source.tree import Mark, walk


@rule("MS281", "a secret in plain sight", Severity.ERROR)
def plain(view: View) -> Iterator[Finding]:
    """A value is a secret, by its form (a private key, a token of a well-known service, a password in a URI) or by its
    name (a random text under a name that ends with token, secret or key, any text under one that ends with password).

    Why: Whoever may read the repository, or anything rendered from it, has the secret, and its history keeps it when
    the line is gone. Only revoking it helps.

    Bad:

        env: {DATABASE_PASSWORD: correct-horse}

    Good:

        env: {DATABASE_PASSWORD: "${{ secrets.warehouse.password }}"}
    """
    found = [(path, what, mark) for path, value, mark in walk(view.data) if (what := _what(path, value))]
    written = {mark.value for _, _, mark in found if mark and not mark.origin}
    for path, what, mark in found:
        if not _elsewhere(mark, written):
            hint = "revoke it, keep the new one in a store that `secrets` names, and put it into env as `${{ secrets.<name>.<key> }}`"
            yield Finding(text(path), f"{what} stands in plain sight", hint)


def _what(path: Path, value: object) -> str | None:
    if not isinstance(value, str):
        return None
    name = next((part for part in reversed(path) if isinstance(part, str) and part != "default"), "")
    return recognised(value) or named(name, value)


def _elsewhere(mark: Mark | None, written: set[Place]) -> bool:
    """Tell whether a value came through a placeholder from a place that is reported itself."""
    return mark is not None and mark.origin is not None and mark.origin.value in written


RULES = (plain,)
