"""What a change does to several specs: one report of all, in which the spec stands at each object."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any, NamedTuple

from mlops_spec.blueprint.effects import Effect
from mlops_spec.changes.causes import Cause
from mlops_spec.report.changes import Compared, as_data, causes, counts, environments_of, groups, quiet
from mlops_spec.report.excerpt import visible

_MOST_NAMED = 5


class Named(NamedTuple):
    """A spec, by its path from the current folder, and how what it renders differs."""

    spec: str
    compared: Compared

    @property
    def name(self) -> str:
        """The spec's folder, where that is enough to tell it."""
        return self.spec.removesuffix("/mlops.yaml")


class _Row(NamedTuple):
    spec: str
    environment: str
    protected: bool
    counts: dict[Effect, int]

    @property
    def heaviest(self) -> Effect:
        return max(self.counts)


def render(form: str, found: Sequence[Named]) -> str:
    """Print for people, as ``text`` or ``markdown``; no line end at the end. Specs that do not change are left out."""
    differ = [each for each in found if each.compared.objects]
    return _markdown(differ) if form == "markdown" else _text(differ)


def data(before: str, after: str, found: Sequence[Named]) -> dict[str, Any]:
    """Return it as data: an object a file, with its spec."""
    objects = [{"spec": each.spec, **entry} for each in found for entry in as_data(each.compared)["objects"]]
    return {"before": before, "after": after or None, "objects": objects}


def _text(differ: Sequence[Named]) -> str:
    from mlops_spec.report.changes import text

    if not differ:
        return "nothing: what is rendered of each spec is the same as before"
    return "\n\n".join(f"## {visible(each.spec)}\n{text.render(each.compared)}" for each in differ)


def _markdown(differ: Sequence[Named]) -> str:
    from mlops_spec.report.changes.markdown import MARK, MOST, block, fitting, rest, size, table_of

    if not differ:
        return f"{MARK}\n**mlops-spec**: what is rendered does not change."
    rows = sorted(_rows(differ), key=lambda row: -row.heaviest)
    table = [*_table(rows, MOST // 3)]
    head = "\n".join([MARK, *_headline(rows), "", *table, "", *table_of(_causes(differ), most=MOST // 3)])
    told = sorted(((group, each.name) for each in differ for group in groups(each.compared)), key=_weight)
    blocks = [block(group, name) for group, name in told]
    kept = fitting(blocks, MOST - size(head) - 200)
    unseen = sum(quiet(each.compared) for each in differ)
    return "\n".join([head, *kept, *rest(len(blocks) - len(kept), unseen)])


def _weight(told: tuple[Any, str]) -> int:
    effect: Effect = told[0].object.effect
    return -effect


def _rows(differ: Sequence[Named]) -> Iterator[_Row]:
    for each in differ:
        for name in environments_of(each.compared):
            protected = name in each.compared.protected
            yield _Row(each.name, name, protected, counts(each.compared, name))


def _headline(rows: Sequence[_Row]) -> Iterator[str]:
    from mlops_spec.report.changes.markdown import code

    heaviest = rows[0].heaviest
    within: dict[str, list[str]] = {}
    for row in rows:
        if row.heaviest == heaviest:
            within.setdefault(row.spec, []).append(code(row.environment))
    where = [f"{', '.join(names)} of {code(spec)}" for spec, names in within.items()]
    more = f" and {len(where) - _MOST_NAMED} specs more" if len(where) > _MOST_NAMED else ""
    told = f"this change {heaviest.words} in {', '.join(where[:_MOST_NAMED])}{more}"
    yield f"**mlops-spec**: {told if heaviest else 'nothing that runs takes notice of this change'}"


def _table(rows: Sequence[_Row], most: int) -> Iterator[str]:
    from mlops_spec.report.changes.markdown import code, fitting

    shown = sorted({effect for row in rows for effect in row.counts if effect}, reverse=True)
    if not shown:
        return
    yield f"| | | {' | '.join(effect.words for effect in shown)} |"
    yield f"| --- | --- |{' ---: |' * len(shown)}"
    written = []
    for row in rows:
        mark = " 🔒" if row.protected else ""
        cells = " | ".join(str(row.counts.get(effect) or "") for effect in shown)
        written.append(f"| {code(row.spec)} | {code(row.environment)}{mark} | {cells} |")
    kept = fitting(written, most)
    yield from kept
    if len(kept) < len(written):
        yield f"| and {len(written) - len(kept)} environments more | |{' |' * len(shown)}"


def _causes(differ: Sequence[Named]) -> list[Cause]:
    """Return every line that made something differ, once: several specs may lie on one layer."""
    found = {(c.address, c.place): c for c in chain(*(causes(each.compared) for each in differ))}
    return sorted(found.values(), key=lambda c: (c.place is None, c.place or ("", 0, 0), c.address))
