"""What all panels of a dashboard share: they say who asked for them, and no text of a user's in them is a variable."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from mlops_spec.blueprint.lower.context import Context
from mlops_spec.blueprint.lower.grid import Sketch
from mlops_spec.blueprint.lower.thresholds import Bound, thresholds
from mlops_spec.blueprint.ports import Dashboards, Metrics, Refused
from mlops_spec.blueprint.types import Query, Threshold
from mlops_spec.language.text import Name

SECONDS, SHARE, PER_SECOND, TIMES, PLAIN = "seconds", "share", "per second", "times", ""


class Ask(NamedTuple):
    """An expression in the metrics system's words, and what its answer is called."""

    expression: str
    legend: str
    instant: bool = False


class Panels:
    """Makes panels that have no place yet."""

    def __init__(self, context: Context, dashboards: Dashboards, metrics: Metrics) -> None:
        self.context, self.dashboards, self.metrics = context, dashboards, metrics
        self.labelled = dashboards.labelled

    def panel(
        self,
        kind: str,
        title: str,
        address: str,
        unit: str,
        asks: Sequence[Ask],
        said: str = "",
        bounds: Sequence[Bound] = (),
        least: float | None = 0,
        most: float | None = None,
        colours: Sequence[Threshold] | None = None,
    ) -> Sketch:
        """Sketch a panel that what stands at ``address`` asked for; ``said`` explains it in a sentence.

        Its colours follow from ``bounds`` unless they are given.
        """
        return Sketch(
            key=f"{address} {kind} {title}",
            address=address,
            kind=kind,
            title=title,
            description=self._described(address, said, bounds),
            unit=self.dashboards.unit(unit),
            queries=tuple(self._query(address, index, ask) for index, ask in enumerate(asks)),
            thresholds=thresholds(address, bounds) if colours is None else tuple(colours),
            least=least,
            most=most,
        )

    def text(self, address: str, text: str) -> str:
        """Let a text stand for itself, or report that it cannot."""
        try:
            return self.dashboards.literal(text)
        except Refused as problem:
            self.context.refuse("MS127", str(problem), address, "write it in another way")
            return ""

    def _described(self, address: str, said: str, bounds: Sequence[Bound]) -> str:
        asked = f"Asked for by `{self.context.file}#{address}` in {self.context.environment.name}."
        wanted = [f"Wanted: `{b.condition}`, else a {b.severity} by `{b.address}`." for b in bounds if b.address]
        return self.text(address, " ".join(filter(None, (said, asked, *wanted))))

    def _query(self, address: str, index: int, ask: Ask) -> Query:
        return Query(
            address=address,
            name=_letters(index),
            expression=self.text(address, ask.expression),
            legend=ask.legend,
            instant=ask.instant,
        )


def _letters(index: int) -> Name:
    """Return A to Z, then A1 to Z1, and so on."""
    rest, letter = divmod(index, 26)
    return Name(f"{chr(ord('A') + letter)}{rest or ''}")
