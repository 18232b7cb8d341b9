"""Rules about secrets: MS281 to MS289."""

from __future__ import annotations

from collections.abc import Iterator

from mlops_spec.address import Path, text
from mlops_spec.diagnostic import Severity
from mlops_spec.lint.credential import named, recognised
from mlops_spec.lint.rule import Finding, View, rule
from mlops_spec.source.tree import walk


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
    hint = (
        "revoke it, keep the new one in a store that `secrets` names, and give it to env: `${{ secrets.<name>.<key> }}`"
    )
    found = [(path, value, what, mark) for path, value, mark in walk(view.data) if (what := _what(path, value))]
    # What a placeholder brings is reported where it is written.
    written = {value for _, value, _, mark in found if mark and not mark.origin}
    for path, value, what, mark in found:
        if not (mark and mark.origin and any(secret in value for secret in written)):
            yield Finding(text(path), f"{what} stands in plain sight", hint)


@rule("MS282", "a secret that nothing reads", protected=Severity.WARNING)
def unused(view: View) -> Iterator[Finding]:
    """A secret stands under `secrets`, and nothing names it in any environment.

    Why: It is fetched into the cluster all the same, where it can only leak. What nobody needs, nobody should hold.

    Bad:

        secrets:
          warehouse: {store: vault, path: ml/warehouse, keys: [password]}
          old-warehouse: {store: vault, path: ml/old-warehouse, keys: [password]}

    Good:

        secrets:
          warehouse: {store: vault, path: ml/warehouse, keys: [password]}
    """
    for secret in view.spec.secrets.values() if view.written.is_whole else ():
        is_named = view.written.refers(secret.address) or view.written.says(secret.name)
        if not is_named and view.written.defines(secret.address):
            yield Finding(secret.address, f"nothing reads the secret {secret.name}", "take it out, or read it")


def _what(path: Path, value: object) -> str | None:
    if not isinstance(value, str):
        return None
    name = next((part for part in reversed(path) if isinstance(part, str) and part != "default"), "")
    return recognised(value) or named(name, value)


RULES = (plain, unused)
