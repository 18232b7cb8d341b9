"""Tables in Markdown, and what is said of a goal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Goal(NamedTuple):
    """What a measured ratio should be: at most ``limit``, or at least where ``is_least``."""

    limit: float
    is_least: bool = False

    def said(self, measured: float) -> tuple[str, str]:
        """Return the goal, and whether it is met: what is missed by more than a fifth is worked on."""
        excess = self.limit / measured if self.is_least else measured / self.limit
        met = "met" if excess <= 1 else f"missed by {100 * (excess - 1):.0f} %"
        return f"{'≥' if self.is_least else '≤'} {self.limit:g}", met


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Print rows; all columns but the first are figures, and stand to the right."""
    ruler = ["---", *("---:" for _ in columns[1:])]
    return "\n".join(f"| {' | '.join(map(str, row))} |" for row in (columns, ruler, *rows)) + "\n"


def figure(number: float) -> str:
    """Print a number with three digits that count."""
    return f"{number:.3g}" if number < 100 else f"{number:.0f}"
