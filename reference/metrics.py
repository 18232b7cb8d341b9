"""Every series that rules, dashboards and programs of the product name."""

from __future__ import annotations

from collections.abc import Iterator

from mlops_spec.blueprint import signals
from mlops_spec.blueprint.signals import MODEL, MONITORED_BY, NAMESPACE, POLLED, POLLED_BY, PUSHED, Series
from reference.markdown import anchored, code, definition, names, page, prose

_ABOUT = """\
Each series that the product names, in rules, dashboards and the programs that run in the cluster, is named in one
table (`mlops_spec/blueprint/signals.py`), which this page prints. A share is 0 to 1; units are base units.
"""


def pages() -> Iterator[tuple[str, str]]:
    """Yield the page of the metric table."""
    series = (value for value in vars(signals).values() if isinstance(value, Series))
    yield "metrics.md", page("Metrics", _ABOUT, *map(_told, series))


def _told(series: Series) -> str:
    own = MONITORED_BY if series in PUSHED else POLLED_BY if series in POLLED else (NAMESPACE, MODEL)
    term = f"{anchored(code(series.name), series.name)}: {series.kind}"
    return definition(term, prose(series.meaning), f"Labels: {names((*own, *series.labels))}")
