"""What a server holds, as a spec would say it: experiments and models under names that a spec can have.

A name that no spec can have is kept by a line of ``moved`` where that can say it, and else left out, with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from mlops_spec.blueprint.contract import NOTE, TAG
from mlops_spec.language import shape
from mlops_spec.language.placeholder import escape
from mlops_spec.live.mlflow.state import Found, Kind
from mlops_spec.source.inline import HIDDEN, SURROGATE

_SECTIONS = {Kind.EXPERIMENT: "experiments", Kind.MODEL: "models"}
_MLFLOWS = "mlflow."
_METRIC, _GOAL = f"{TAG}metric", f"{TAG}goal"
_UNSEEN = re.compile(f"[{HIDDEN}]")
_MOVABLE = re.compile(r"[a-z][a-z0-9_-]*[a-z0-9]\Z")
_LONGEST, _LONGEST_TEXT, _MOST_TAGS = 5000, 32768, 100
_CHAMPIONS = ("champion", "challenger")
"""Aliases by which ``lock`` may find the version that runs, the first that there is."""


class Adopted(NamedTuple):
    """Entries for a spec: by section and name, the lines of ``moved``, and what no spec can say, each with why."""

    sections: Mapping[str, Mapping[str, dict[str, Any]]]
    moved: tuple[dict[str, str], ...]
    left_out: tuple[tuple[str, str], ...]


def adopt(found: Iterable[Found], taken: Mapping[str, Mapping[str, str]]) -> Adopted:
    """Return entries for what was found; ``taken`` has the names that a spec has, by section, and theirs on the server.

    What a spec has already is passed over.
    """
    sections: dict[str, dict[str, dict[str, Any]]] = {section: {} for section in _SECTIONS.values()}
    moved: list[dict[str, str]] = []
    left_out: list[tuple[str, str]] = []
    # Names that can stand as they are go first, so that none of them is given to another thing.
    for each in sorted(found, key=lambda one: (not _fits(one.name), one.kind.value, one.name)):
        section = _SECTIONS[each.kind]
        theirs = taken.get(section, {})
        known = {*sections[section], *theirs}
        what = f"{each.kind.value} {each.name}"
        if each.name in theirs.values():
            continue
        if each.name in known:
            left_out.append((what, f"the spec has another one at `{section}.{each.name}`"))
            continue
        name = each.name if _fits(each.name) else _named(each.name, known)
        if name is None:
            left_out.append((what, "a spec's names are of a-z, 0-9 and hyphens, and `moved` keeps underscores alone"))
            continue
        if name != each.name:
            moved.append({"from": f"{section}.{each.name}", "to": f"{section}.{name}"})
        sections[section][name], lost = _entry(each)
        left_out += [(f"{what}, {part}", why) for part, why in lost]
    return Adopted(
        {key: dict(sorted(entries.items())) for key, entries in sections.items()}, tuple(moved), tuple(left_out)
    )


def _fits(name: str) -> bool:
    return re.search(_common("name")["pattern"], name) is not None and len(name) <= _common("name")["maxLength"]


def _named(name: str, known: Iterable[str]) -> str | None:
    """Return a name for what cannot have its own, which ``moved`` then keeps; None where it cannot."""
    base = name.replace("_", "-")
    if not _MOVABLE.match(name) or not _fits(base):
        return None
    choices = (base, *(f"{base}-{number}" for number in range(2, 1000)))
    return next((choice for choice in choices if choice not in known and _fits(choice)), None)


def _entry(found: Found) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """Return what a spec says of a thing, and what of it no spec can say."""
    entry: dict[str, Any] = {}
    lost: list[tuple[str, str]] = []
    description = found.tags.get(NOTE)
    if description:
        if _sayable(description, _LONGEST_TEXT):
            entry["description"] = escape(description)
        else:
            lost.append(("its description", "it is too long, or has characters that cannot be seen"))
    if found.kind is Kind.EXPERIMENT:
        entry |= _metric(found)
        tags, gone = _tags(found)
        entry |= {"tags": tags} if tags else {}
        lost += gone
    alias = next((alias for alias in _CHAMPIONS if alias in found.aliases), None)
    return (entry | {"version": f"@{alias}"} if alias else entry), lost


def _metric(found: Found) -> dict[str, Any]:
    name, goal = found.tags.get(_METRIC, ""), found.tags.get(_GOAL)
    fits = re.search(_common("identifier")["pattern"], name) and goal in ("maximize", "minimize")
    return {"metric": {"name": name, "goal": goal}} if fits else {}


def _tags(found: Found) -> tuple[dict[str, str], list[tuple[str, str]]]:
    tags: dict[str, str] = {}
    lost: list[tuple[str, str]] = []
    for key, value in sorted(found.tags.items()):
        if key.startswith((TAG, _MLFLOWS)):
            continue
        label = _common("labelKey")
        if not re.search(label["pattern"], key) or len(key) > label["maxLength"]:
            lost.append((f"its tag {key}", "a spec's tags have keys as labels have them"))
        elif not value or not _sayable(value, _LONGEST):
            lost.append((f"its tag {key}", "it is empty or too long, or has characters that cannot be seen"))
        elif len(tags) == _MOST_TAGS:
            lost.append((f"its tag {key}", f"a spec has {_MOST_TAGS} tags of one experiment at most"))
        else:
            tags[key] = escape(value)
    return tags, lost


def _sayable(text: str, longest: int) -> bool:
    return len(text) <= longest and not _UNSEEN.search(text) and not SURROGATE.search(text)


def _common(name: str) -> dict[str, Any]:
    found: dict[str, Any] = shape.document("common.schema.json")["$defs"][name]
    return found
