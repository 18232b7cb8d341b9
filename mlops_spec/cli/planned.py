"""How a plan is shown: a line for each thing, or JSON. Text of a server is escaped: it may be anybody's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from mlops_spec.blueprint.contract import NOTE
from mlops_spec.live.mlflow.plan import Action, Change, Verb
from mlops_spec.live.mlflow.state import ENVIRONMENT, PROJECT
from mlops_spec.source.inline import double_quoted, yaml_text

_SIGNS = dict(zip(Verb, "+~^-=?!", strict=True))
_LONGEST = 60
DONE = {Verb.CREATE: "created", Verb.UPDATE: "updated", Verb.RESTORE: "restored", Verb.DELETE: "deleted"}


def lines(actions: Sequence[Action]) -> Iterator[str]:
    """Yield a line for each thing; those with which nothing is to be done are counted."""
    for action in actions:
        if action.verb is not Verb.NOTHING:
            more = "; ".join([*map(_change, action.told()), *_why(action)])
            yield f"  {_head(action.verb)}{subject(action)}{': ' if more else ''}{more}"
    nothing = sum(action.verb is Verb.NOTHING for action in actions)
    if nothing:
        yield f"  {_head(Verb.NOTHING)}{nothing} {'is as it shall be' if nothing == 1 else 'are as they shall be'}"


def to_do(actions: Sequence[Action]) -> str:
    """Say how much there is to do."""
    counts = Counter(action.verb for action in actions)
    return ", ".join(f"{counts[verb]} to {verb.value}" for verb in DONE if counts[verb]) or "nothing to do"


def done(actions: Sequence[Action]) -> str:
    """Say how much was done."""
    counts = Counter(action.verb for action in actions)
    return ", ".join(f"{counts[verb]} {word}" for verb, word in DONE.items() if counts[verb]) or "nothing was done"


def subject(action: Action) -> str:
    """Name the thing that an action is about."""
    return f"{action.kind.value} {shown(action.name)}"


def as_json(action: Action) -> dict[str, Any]:
    """Return an action as it is printed for programs."""
    changes = [change._asdict() for change in action.changes]
    return {
        "verb": action.verb.value,
        "kind": action.kind.value,
        "name": action.name,
        "changes": changes,
        "why": action.why,
    }


def shown(text: str) -> str:
    """Return text on one line, in quotes unless it is plain, and cut where it is long."""
    whole = _whole(text)
    return yaml_text(whole) if len(whole) <= _LONGEST else _quoted(whole)


def escaped(text: str) -> str:
    """Return what a server says, whole, on one line, without what a terminal would obey."""
    return double_quoted(" ".join(_whole(text).split()))[1:-1].replace('\\"', '"')


def _whole(text: str) -> str:
    """Return text without the halves of characters that no stream takes."""
    return text.encode("utf-8", "backslashreplace").decode()


def _quoted(text: str) -> str:
    whole = _whole(text)
    return double_quoted(whole) if len(whole) <= _LONGEST else f"{double_quoted(whole[:_LONGEST])}…"


def _head(verb: Verb) -> str:
    return f"{_SIGNS[verb]} {verb.value:<8} "


def _why(action: Action) -> Iterator[str]:
    if action.why:
        yield escaped(action.why)
    elif action.verb is Verb.UPDATE and not action.told():
        marks = [change.key.removeprefix(ENVIRONMENT) for change in action.changes if change.key != PROJECT]
        yield f"marked as {', '.join(map(shown, marks))}'s too"


def _change(change: Change) -> str:
    key = "description" if change.key == NOTE else shown(change.key)
    if change.before is None and change.after is not None:
        return f"{key} {_value(change.after)}"
    return f"{key} {_value(change.before)} -> {_value(change.after)}"


def _value(value: str | None) -> str:
    return "none" if value is None else _quoted(value)
