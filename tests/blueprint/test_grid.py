"""Panels stand beside each other: none over another, none beyond the edge, nothing empty between them."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from mlops_spec.blueprint.lower.grid import COLUMNS, KINDS, Section, Sketch, arrange
from mlops_spec.blueprint.types import Panel
from mlops_spec.language.text import Name

LINES = st.lists(st.lists(st.sampled_from(KINDS), max_size=110), max_size=4)
SECTIONS = st.lists(st.tuples(st.sampled_from(["", "Requests", "Latency"]), LINES), max_size=5)


def sections(kinds: list[tuple[str, list[list[str]]]]) -> list[Section]:
    count = itertools.count()
    return [
        Section("a", heading or None, [[sketch(str(next(count)), kind) for kind in line] for line in lines])
        for heading, lines in kinds
    ]


def sketch(key: str, kind: str) -> Sketch:
    return Sketch(key=key, address="a", kind=kind, title=key, description="", unit=Name("s"), queries=())


def cells(panel: Panel) -> set[tuple[int, int]]:
    across, down = range(panel.x, panel.x + panel.width), range(panel.y, panel.y + panel.height)
    return {(x, y) for x in across for y in down}


@given(SECTIONS)
def test_every_cell_belongs_to_one_panel_or_heading(kinds: list[tuple[str, list[list[str]]]]) -> None:
    rows = arrange(sections(kinds))
    taken = [cell for row in rows for panel in row.panels for cell in cells(panel)]
    taken += [(x, row.y) for row in rows if row.title for x in range(COLUMNS)]
    assert len(taken) == len(set(taken))
    height = max((y for _, y in taken), default=-1) + 1
    assert set(taken) == {(x, y) for x in range(COLUMNS) for y in range(height)}


@given(SECTIONS)
def test_every_panel_is_there_once_in_order_with_an_id_of_its_own(kinds: list[tuple[str, list[list[str]]]]) -> None:
    rows = arrange(sections(kinds))
    placed = [panel for row in rows for panel in row.panels]
    assert [panel.title for panel in placed] == [str(index) for index in range(len(placed))]
    assert len(placed) == sum(len(line) for _, lines in kinds for line in lines)
    ids = [panel.id for panel in placed] + [row.id for row in rows]
    assert len(ids) == len(set(ids))
    assert all(0 < each < 2**31 for each in ids)
    assert [panel.kind for panel in map(_Kind, placed)] == [k for _, lines in kinds for line in lines for k in line]


class _Kind:
    """The one kind that a panel says."""

    def __init__(self, panel: Panel) -> None:
        (self.kind,) = (kind for kind in KINDS if getattr(panel, kind))


def test_an_id_stays_when_panels_come_before_it() -> None:
    one = arrange([Section("a", None, [[sketch("x", "lines")]])])
    two = arrange([Section("a", None, [[sketch("w", "lines"), sketch("x", "lines")]])])
    assert one[0].panels[0].id == two[0].panels[1].id


def test_a_line_of_numbers_is_low_and_holds_more() -> None:
    (row,) = arrange([Section("a", None, [[sketch(str(n), "number") for n in range(7)]])])
    assert [(panel.y, panel.width) for panel in row.panels] == [(0, 6)] * 4 + [(4, 8)] * 3
