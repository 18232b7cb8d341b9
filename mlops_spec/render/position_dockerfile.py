"""Where values may stand in a template of a Dockerfile."""

from __future__ import annotations

from mlops_spec.render.fault import Unprintable
from mlops_spec.render.position import MACRO, VALUE, Slot


class Dockerfile:
    """A Dockerfile: words wherever a value stands, since each instruction reads quotes in a way of its own."""

    open = ""

    def slots(self, shape: str) -> list[Slot]:
        if MACRO in shape:
            raise Unprintable("no macro is pasted into a Dockerfile")
        return [Slot(at, at + 1, "word") for at, character in enumerate(shape) if character == VALUE]
