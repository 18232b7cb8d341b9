"""The environment ``local``: steps are processes of this machine. No spec can choose it, and nothing is printed.

Run-time values stand in commands, variables and URIs as words between NULs, which no argument and no variable can hold:
so no text of the spec is ever taken for one, and ``put_in`` gives every other byte back as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import ClassVar, NamedTuple

from mlops_spec.backends.backend import System
from mlops_spec.blueprint import contract
from mlops_spec.blueprint.ports import Refused, Told
from mlops_spec.blueprint.types import Endpoint, Label, Pipeline, Reference, Rule
from mlops_spec.language.text import Name

_MARK = "\0"
PARAMETER, RUN, BEGIN, INPUT, OUTPUT = "parameter run begin input output".split()
RESULT, STARTED, OUTCOME = "result started outcome".split()


class Word(NamedTuple):
    """A run-time value: its kind, and which one of that kind (empty for the run's id, its start and how it went)."""

    kind: str
    name: str


class Local(System):
    """Runs steps as processes, brings ``file:`` data and moves artifacts through a folder, wherever they are kept."""

    schemes: ClassVar[frozenset[str]] = frozenset(("file", "s3", "gs"))
    brings: ClassVar[frozenset[str]] = frozenset(("file",))
    keeps: ClassVar[bool] = False
    init_containers: ClassVar[bool] = False
    loops: ClassVar[bool] = False
    hears: ClassVar[bool] = False
    versions: ClassVar[bool] = False
    outcomes: ClassVar[Mapping[str, str]] = {"done": contract.FINISHED, "stopped": contract.KILLED}

    def account(self) -> Name:
        """Steps run as whoever runs them."""
        return Name("local")

    def token(self) -> bool:
        """There is nobody to show one to."""
        return False

    def drivers(self) -> tuple[Label, ...]:
        """There are no pods."""
        return ()

    def told(self, pipeline: Pipeline, version: Name) -> Told | None:
        """There is nobody to tell."""
        return None

    def followed(self, pipeline: Pipeline) -> Told | None:
        """Whoever runs a pipeline here sees how it goes."""
        return None

    def follows(self) -> tuple[Rule, ...]:
        """There is no cluster to allow anything."""
        return ()

    def literal(self, text: str) -> str:
        """Return text as it is: nothing expands it. Raises Refused."""
        if _MARK in text:
            raise Refused("no process takes a NUL in an argument or a variable")
        return text

    def text(self, text: str) -> str:
        """Return text as it is."""
        return text

    def default(self, text: str) -> str:
        """Return text as it is. Raises Refused."""
        return self.literal(text)

    def reference(self, reference: Reference) -> str:
        """Say a run-time value; the items of a ``foreach`` are known already. Raises Refused."""
        if reference.parameter is not None:
            return word(PARAMETER, reference.parameter)
        if reference.run:
            return word(RUN)
        if reference.begin is not None:
            return word(BEGIN, reference.begin)
        raise Refused("a process is handed the files of an artifact, and no text of it")

    def source(self, reference: Reference) -> str | None:
        """Say a run-time value where steps are wired: as everywhere; artifacts need no word."""
        return None if reference.artifact is not None else self.reference(reference)

    def input_path(self, name: Name) -> str:
        """Say where a step finds an input: in a folder of its own."""
        return word(INPUT, name)

    def input_uri(self, name: Name) -> str:
        """Artifacts lie at the contract's URIs. Raises Refused."""
        raise Refused("artifacts of this machine lie at the contract's URIs")

    def output_path(self, name: Name) -> str:
        """Say where a step leaves an output."""
        return word(OUTPUT, name)

    def result_path(self, name: Name) -> str:
        """Say where a step leaves a small value."""
        return word(RESULT, name)

    def times(self) -> tuple[str, str]:
        """Every run is by hand: it was due when it started."""
        return "", word(STARTED)

    def outcome(self) -> str:
        """Say how the run went."""
        return word(OUTCOME)

    def condition(self, parameter: Name, value: str) -> str:
        """Say that a parameter has a value, for people: the node itself is what decides."""
        return f"{parameter} is {value}"

    def rules(self) -> tuple[Rule, ...]:
        """There is no cluster to allow anything."""
        return ()

    def starts(self) -> tuple[Rule, ...]:
        """There is no cluster to allow anything."""
        return ()

    def webhook(self, trigger: Name, namespace: Name, path: str) -> str:
        """Nothing listens. Raises Refused."""
        raise Refused("nothing on this machine hears events")

    def listens(self) -> int:
        """Nothing listens. Raises Refused."""
        raise Refused("nothing on this machine hears events")

    def bus(self) -> tuple[int, int] | None:
        """Nothing listens."""
        return None

    def egress(self) -> tuple[Endpoint, ...]:
        """Processes talk to whom they like."""
        return ()


def word(kind: str, name: str = "") -> str:
    """Write a run-time value into a text."""
    return f"{_MARK}{kind}:{name}{_MARK}"


def parts(text: str) -> Iterator[str | Word]:
    """Cut a text into what stands for itself and its run-time values."""
    for index, part in enumerate(text.split(_MARK)):
        if index % 2:
            kind, _, name = part.partition(":")
            yield Word(kind, name)
        elif part:
            yield part


def put_in(text: str, values: Callable[[Word], str]) -> str:
    """Return a text with its run-time values in their places; nothing that is put in is looked at again."""
    return "".join(part if isinstance(part, str) else values(part) for part in parts(text))
