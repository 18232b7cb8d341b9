"""What an API server says of an object that it would not take, told apart by what a person can do about it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any, NamedTuple

from mlops_spec.live.kubernetes.client import Refusal


class Why(Enum):
    """Why an object is not taken."""

    INVALID = "invalid"
    """Its fields are not those of its kind, or hold what they cannot."""

    IMMUTABLE = "immutable"
    """It would have to be deleted and made anew."""

    CONFLICT = "conflict"
    """Another field manager holds some of its fields."""

    NAMESPACE = "namespace"
    """The namespace that it goes into is not there."""

    KIND = "kind"
    """The server knows no such kind."""

    DENIED = "denied"
    """An admission policy or webhook says no."""

    UNCHECKED = "unchecked"
    """It cannot be tried in a dry run: by a webhook's fault, or since whoever asks has not the rights it gives."""

    FORBIDDEN = "forbidden"
    """Whoever asks may not."""


class Fault(NamedTuple):
    """What is wrong with one field; ``field`` is as the server names it, and "" is the object itself."""

    field: str
    said: str

    @property
    def immutable(self) -> bool:
        """Whether it is wrong only in an object that is there already."""
        return bool(_IMMUTABLE.search(self.said))


class Held(NamedTuple):
    """A field that another manager holds, and through which subresource it set it ("": through the object)."""

    field: str
    manager: str
    subresource: str


class Answer(NamedTuple):
    """A refusal, understood."""

    why: Why
    faults: tuple[Fault, ...] = ()
    held: tuple[Held, ...] = ()


_LONGEST = 200
_TYPED = re.compile(
    r"failed to (?:create typed patch object|create typed live object|convert new object)"
    r" \(.*?\)(?: to proper version)?:\s*"
)
_TYPED_FAULT = re.compile(r"\s*(\.[^\s]*(?:\[[^\]]*\][^\s:]*)*): (.*)", re.DOTALL)
_GO_VALUE = re.compile(r"got &(?:value\.valueUnstructured)?\{(?:Value:)?(.*)\}\Z", re.DOTALL)
_MANAGER = re.compile(r'conflict with "(?P<manager>[^"]*)"(?: with subresource "(?P<subresource>[^"]*)")?')
_VALUE = re.compile(r"Invalid value: .*: (?=[^:]*\Z)", re.DOTALL)
_MAY_NOT = re.compile(r"\bcannot (?:\w+) resource\b")
_UNCHECKED = re.compile(
    r"does not support dry run|failed calling webhook|is attempting to grant RBAC permissions not currently held"
)
_DENIED = re.compile(r"^admission webhook |denied the request|ValidatingAdmissionPolicy")
_IMMUTABLE = re.compile(
    r"\bimmutable\b|may not change once set|updates to \w+ spec for fields other than .* are forbidden"
)
_REST = "some validation rules were not checked"


def read(refusal: Refusal, *, secret: bool = False) -> Answer:
    """Tell what a refusal of a dry run means. Of a ``secret`` object no word is kept that may be its content.

    Raises the refusal itself where nothing of the object is at fault.
    """
    message = refusal.message
    if refusal.code == 403 and _MAY_NOT.search(message):
        return Answer(Why.FORBIDDEN, (Fault("", message),))
    if refusal.code == 409 and refusal.reason == "Conflict":
        return Answer(Why.CONFLICT, held=tuple(_held(refusal.details)))
    if refusal.code == 404:
        about = refusal.details.get("kind")
        return Answer(Why.NAMESPACE if about == "namespaces" else Why.KIND, (Fault("", message),))
    if _UNCHECKED.search(message):
        return Answer(Why.UNCHECKED, (Fault("", forbidden(message.partition("\n")[0])),))
    if refusal.code == 403 or _DENIED.search(message):
        return Answer(Why.DENIED, _hidden([Fault("", short(message))], secret))
    faults = _typed(message) if _TYPED.match(message) else _causes(refusal) if refusal.code in (400, 422) else None
    if faults is None:
        raise refusal
    why = Why.IMMUTABLE if all(fault.immutable for fault in faults) else Why.INVALID
    return Answer(why, _hidden(faults, secret))


def forbidden(message: str) -> str:
    """Say what may not be done, without the words around it."""
    _, _, said = message.partition(" is forbidden: ")
    return short(said or message)


def short(text: str) -> str:
    """Return text on one line, cut where it is long."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"


def _typed(message: str) -> list[Fault]:
    """Read what server-side apply says of an object that breaks its schema: one fault, or a list of them."""
    rest = _TYPED.sub("", message, count=1)
    parts = rest.removeprefix("errors:").split("\n  ") if rest.startswith("errors:") else [rest]
    faults = []
    for part in filter(str.strip, parts):
        found = _TYPED_FAULT.match(part)
        said = _GO_VALUE.sub(lambda value: f"got {value[1]}", found[2] if found else part)
        faults.append(Fault(found[1] if found else "", short(said)))
    return faults


def _causes(refusal: Refusal) -> list[Fault]:
    """Read what validation says, field by field; where it names none, its message."""
    causes: Sequence[Mapping[str, Any]] = refusal.details.get("causes") or ()
    found = []
    for cause in causes:
        field, said = str(cause.get("field") or ""), str(cause.get("message") or "")
        if _REST not in said:
            found.append(Fault("" if field == "<nil>" else field, _reason(said)))
    return found or [Fault("", short(refusal.message))]


def _reason(said: str) -> str:
    """Say why without the value, where that is a dump of a whole object: who reads this has it before them."""
    value = _VALUE.match(said)
    return short(said[value.end() :] if value and len(value[0]) > _LONGEST // 2 else said)


def _held(details: Mapping[str, Any]) -> list[Held]:
    found = []
    for cause in details.get("causes") or ():
        by = _MANAGER.search(str(cause.get("message") or ""))
        if by is not None:
            found.append(Held(str(cause.get("field") or ""), by["manager"], by["subresource"] or ""))
    return found


def _hidden(faults: Sequence[Fault], secret: bool) -> tuple[Fault, ...]:
    if not secret:
        return tuple(faults)
    return tuple(Fault(fault.field, "the server refuses it; what it says may hold a secret") for fault in faults)
