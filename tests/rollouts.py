"""The example's lock as whoever changes the version of its production would leave it."""

from __future__ import annotations

from mlops_spec.source import edit

_PROD, _STAGING = ("environments", "prod", "models", "churn"), ("environments", "staging", "models", "churn")
_VERSION = ("version", "run", "uri", "digest")


def begun(text: str) -> str:
    """Return the lock with staging's version in production at the first step, and the one before as `from`."""
    text = edit.insert(text, _PROD, "rollout", {"step": 0, "from": dict.fromkeys(_VERSION)})
    for key in _VERSION:
        text = edit.copy(text, (*_PROD, key), (*_PROD, "rollout", "from", key))
        text = edit.copy(text, (*_STAGING, key), (*_PROD, key))
    return text
