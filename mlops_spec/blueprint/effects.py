"""What a change of a rendered object does once it is delivered, as the system that reads the object would have it."""

from __future__ import annotations

from enum import IntEnum

from mlops_spec.model.node import Frozen


class Effect(IntEnum):
    """What a change does, from what nobody notices up to what cannot be taken back."""

    NOTHING = 0
    CHANGES = 1
    CREATES = 2
    SCALES = 3
    THRESHOLD = 4
    RUNS = 5
    RETRAINS = 6
    CANARY = 7
    RESTARTS = 8
    RECREATES = 9
    DELETES = 10

    @property
    def words(self) -> str:
        """Say it as in "this change …"."""
        return _WORDS[self][0]

    @property
    def meaning(self) -> str:
        """Explain it in a sentence."""
        return _WORDS[self][1]


_WORDS = {
    Effect.NOTHING: ("does nothing", "Labels, annotations and pages for people: nothing that runs takes notice."),
    Effect.CHANGES: ("changes in place", "What runs goes on, and reads the new value when it next looks."),
    Effect.CREATES: ("creates", "An object comes to be."),
    Effect.SCALES: ("scales", "Replicas are added or taken away; those that stay go on."),
    Effect.THRESHOLD: ("changes a threshold", "An alert, a gate or a monitor judges otherwise than before."),
    Effect.RUNS: ("runs a Job", "A Job runs once when this is delivered."),
    Effect.RETRAINS: ("changes the next run", "A pipeline's next run is another one, or comes at another time."),
    Effect.CANARY: ("moves a canary", "A canary starts, takes another share of the requests, or ends."),
    Effect.RESTARTS: ("restarts pods", "Pods are replaced one after the other by those of the new template."),
    Effect.RECREATES: ("re-creates", "The object cannot be changed in place: it is deleted, and made anew."),
    Effect.DELETES: ("deletes", "An object goes, and what it runs or holds with it."),
}


class Does(Frozen):
    """A rule: what a change at ``field`` of an object of ``kind``, or below it, does.

    ``field`` is a path from the object's top; ``*`` stands for any one name, also within a name (``*.py``).
    """

    kind: str
    field: tuple[str, ...]
    effect: Effect


def does(kind: str, effect: Effect, *fields: str) -> tuple[Does, ...]:
    """Declare what changes at some fields of a kind do; names in a field are parted by ``/``, and "" is all of it."""
    return tuple(Does(kind=kind, field=tuple(filter(None, field.split("/"))), effect=effect) for field in fields)
