"""Secrets that somebody else puts into the namespace."""

from __future__ import annotations

from mlops_spec.backends.secrets.existing import Existing


def test_nothing_is_rendered_and_no_store_is_asked_for(nodes):
    existing = Existing(address="platform.secrets")
    secret = nodes.Secret(**nodes.resource("slack", "secrets"), store=None, entries=())
    assert list(existing.emit(nodes.blueprint(secrets=(secret,)))) == []
    assert existing.stores is False
