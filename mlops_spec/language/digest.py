"""What content is pinned by."""

from __future__ import annotations

import hashlib


def sha256(content: bytes) -> str:
    """Return the digest of content as locks and registries write it: ``sha256:`` and 64 digits."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"
