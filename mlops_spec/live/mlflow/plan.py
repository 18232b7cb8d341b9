"""What brings a server from what it holds to what it shall hold: decided from values alone, and asking nobody."""

from __future__ import annotations

import json
from collections.abc import Iterable
from enum import Enum
from typing import NamedTuple

from mlops_spec.live.mlflow.state import ENVIRONMENT, PROJECT, Desired, Found, Kind, Wanted


class Verb(Enum):
    """What is to be done with a thing."""

    CREATE = "create"
    UPDATE = "update"
    RESTORE = "restore"
    DELETE = "delete"
    NOTHING = "nothing"
    LEFT = "left"
    REFUSED = "refused"

    @property
    def acts(self) -> bool:
        """Whether it changes the server."""
        return self in (Verb.CREATE, Verb.UPDATE, Verb.RESTORE, Verb.DELETE)


class Change(NamedTuple):
    """A tag, or behind an ``@`` an alias, before and after; None is absent."""

    key: str
    before: str | None
    after: str | None


class Action(NamedTuple):
    """What is to be done with one thing, and why that and nothing else, where it is not plain."""

    verb: Verb
    kind: Kind
    name: str
    changes: tuple[Change, ...] = ()
    why: str = ""
    id: str = ""

    def told(self) -> tuple[Change, ...]:
        """Return the changes without those by which we only mark what is ours."""
        return tuple(change for change in self.changes if not is_mark(change.key))


def is_mark(key: str) -> bool:
    """Tell whether a tag says whose a thing is."""
    return key == PROJECT or key.startswith(ENVIRONMENT)


def plan(desired: Desired, found: Iterable[Found], *, delete: bool = False) -> tuple[Action, ...]:
    """Return one action for each thing that the environment has or had; with ``delete``, what it had is deleted."""
    there = {(each.kind, each.name): each for each in found}
    wanted = {(each.kind, each.name): each for each in desired.things}
    actions = [_wanted(desired, each, there.get(key)) for key, each in wanted.items()]
    actions += [
        _left(desired, each, delete) for key, each in there.items() if key not in wanted and _had(desired, each)
    ]
    return tuple(sorted(actions, key=lambda action: (action.kind.value, action.name)))


def _wanted(desired: Desired, wanted: Wanted, found: Found | None) -> Action:
    kind, name = wanted.kind, wanted.name
    if found is None:
        return Action(Verb.CREATE, kind, name, _changes(desired, wanted, Found(kind, name, {})))
    owner = found.tags.get(PROJECT)
    if owner not in (None, desired.project):
        why = f"it belongs to the project {owner}, as its tag {PROJECT} says; give yours another name"
        return Action(Verb.REFUSED, kind, name, why=why, id=found.id)
    changes = _changes(desired, wanted, found)
    why = "nobody's so far" if owner is None else ""
    if found.deleted:
        return Action(Verb.RESTORE, kind, name, changes, why, found.id)
    return Action(Verb.UPDATE if changes else Verb.NOTHING, kind, name, changes, why, found.id)


def _changes(desired: Desired, wanted: Wanted, found: Found) -> tuple[Change, ...]:
    """Return what differs: whose it is comes first, and what was asked for last, when all of it is done."""
    mark = json.dumps(sorted(wanted.tags), ensure_ascii=False, separators=(",", ":"))
    target = {PROJECT: desired.project, **dict(sorted(wanted.tags.items()))}
    changes = [Change(key, found.tags.get(key), value) for key, value in target.items()]
    changes += _dropped(desired, wanted, found)
    if wanted.alias:
        changes.append(Change(f"@{wanted.alias.name}", found.aliases.get(wanted.alias.name), wanted.alias.version))
    changes.append(Change(desired.mark, found.tags.get(desired.mark), mark))
    return tuple(change for change in changes if change.before != change.after)


def _dropped(desired: Desired, wanted: Wanted | None, found: Found) -> list[Change]:
    """Return the tags that the environment asked for once, and no environment does any more."""
    still = frozenset(wanted.tags if wanted else ()).union(*map(found.asked_by, found.others(desired.mark)))
    gone = found.asked_by(desired.mark) - still
    return [Change(key, found.tags[key], None) for key in sorted(gone) if key in found.tags and not is_mark(key)]


def _had(desired: Desired, found: Found) -> bool:
    return not found.deleted and found.tags.get(PROJECT) == desired.project and desired.mark in found.tags


def _left(desired: Desired, found: Found, delete: bool) -> Action:
    kind, name, others = found.kind, found.name, found.others(desired.mark)
    if others:
        who = ", ".join(other.removeprefix(ENVIRONMENT) for other in others)
        changes = (*_dropped(desired, None, found), Change(desired.mark, found.tags[desired.mark], None))
        why = f"{desired.environment} no longer has it; {who} may"
        return Action(Verb.UPDATE if delete else Verb.LEFT, kind, name, changes if delete else (), why, found.id)
    if kind is Kind.MODEL and found.holds:
        why = "the spec no longer has it; it has versions, which are never deleted here"
        return Action(Verb.LEFT, kind, name, why=why)
    if delete:
        return Action(Verb.DELETE, kind, name, id=found.id)
    return Action(Verb.LEFT, kind, name, why="the spec no longer has it; --delete deletes it", id=found.id)
