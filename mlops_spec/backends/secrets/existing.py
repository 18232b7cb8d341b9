"""Secrets that somebody else puts into the namespace: nothing is rendered for them."""

from __future__ import annotations

from typing import ClassVar

from mlops_spec.backends.backend import System


class Existing(System):
    """``platform.secrets`` with ``backend: existing`` has no options."""

    stores: ClassVar[bool] = False
