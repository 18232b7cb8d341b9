"""Names of objects: from the address of what they are printed for, short enough, and kept when a thing has moved."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from mlops_spec import __version__
from mlops_spec.address import parse
from mlops_spec.language.text import Name
from mlops_spec.model.node import Node

MOST = 63
"""A DNS label (RFC 1123)."""

SCHEDULED = 52
"""A CronWorkflow's or CronJob's name: the controller adds eleven characters to it."""

TRIGGERED = 47
"""The name of what hears events: its controller makes a service of it, which is sixteen characters longer."""

SERVED = 40
"""The name of a model's server: its system adds a version and a role to it, and makes a host name of them."""


def shorten(name: str, address: str, most: int = MOST) -> Name:
    """Cut ``name`` to ``most`` characters; what is cut gets a hash of the address, so that two never meet."""
    if len(name) <= most:
        return Name(name)
    digest = hashlib.sha256(address.encode()).hexdigest()[:8]
    return Name(f"{name[: most - 9].rstrip('-')}-{digest}")


def versioned(name: str, said: Node, most: int = MOST) -> Name:
    """Return the name of an object that cannot be changed once it is there: it ends in a hash of what ``said`` says.

    What this product makes of it is part of that.
    """
    digest = hashlib.sha256(f"{__version__} {said!r}".encode("utf-8", "surrogatepass")).hexdigest()[:10]
    return Name(f"{name[: most - 11].rstrip('-')}-{digest}")


SCORED = 36
"""The name of a scoring: its operator adds twenty characters to it for each run, and seven more for a service."""


class Names:
    """The names of one environment's objects; ``moved`` maps new addresses to the old ones whose names they keep."""

    def __init__(self, moved: Mapping[str, str]) -> None:
        self.moved = moved

    def of(self, address: str, most: int = MOST) -> Name:
        """Return the object name of the resource at ``address`` (``pipelines.train``)."""
        kept = self.moved.get(address, address)
        return shorten(parse(kept)[-1], kept, most)
