"""How an environment does in a cluster, for people and for other programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from mlops_spec.report.excerpt import visible

IN_SYNC, DIFFERS, ABSENT, REFUSED, UNKNOWN = "in sync", "differs", "absent", "refused", "unknown"
"""Whether an object is as rendered; ``UNKNOWN`` is what is there and cannot be tried by whoever asks."""

_SIGNS = {DIFFERS: "~", ABSENT: "+", REFUSED: "!", UNKNOWN: "?"}
_MOST_FIELDS = 3
_NONE = "none"


class Row(NamedTuple):
    """One object: ``sync`` is whether it is as rendered; ``fields`` differ. ``state`` is in its own system's terms.

    ``state`` is "none" of what has no state, such as a ConfigMap, and "" of what is not there; ``ready`` tells whether
    it is one of those in which nothing is to be done.
    """

    path: str
    kind: str
    namespace: str | None
    name: str
    sync: str
    fields: tuple[str, ...]
    state: str
    ready: bool
    why: str

    @property
    def well(self) -> bool:
        """Whether nothing is to be done about it."""
        return self.sync == IN_SYNC and self.ready


class Version(NamedTuple):
    """A model's version: which one the lock says, and which one what is live says; None where it says none.

    What serves it may not be ``there`` at all.
    """

    address: str
    locked: str
    live: str | None
    there: bool


class Delivery(NamedTuple):
    """What Argo CD says of the Application of an environment, in its own words; ``sync`` is None where it is absent."""

    name: str
    sync: str | None
    health: str | None
    revision: str
    operation: str
    message: str
    well: bool


class Standing(NamedTuple):
    """How one environment does; ``undelivered`` says instead of ``delivery`` why nothing is known of it."""

    name: str
    rows: tuple[Row, ...]
    versions: tuple[Version, ...]
    delivery: Delivery | None
    undelivered: str

    @property
    def well(self) -> bool:
        """Whether all of it is there, as rendered, and does well."""
        return all(row.well for row in self.rows) and (self.delivery is None or self.delivery.well)


class Cells(NamedTuple):
    """A line of the table."""

    sign: str
    sync: str
    state: str
    path: str
    why: str


def head(standing: Standing) -> Iterator[str]:
    """Yield what is said above the table: of the delivery, and of the models."""
    if standing.delivery is not None:
        yield visible(_delivered(standing.delivery))
    elif standing.undelivered:
        yield standing.undelivered
    for version in standing.versions:
        yield visible(_version(version))


def table(standing: Standing, *, everything: bool) -> list[Cells]:
    """Return the objects that do something or with which not all is well; ``everything`` are all."""
    shown = [row for row in standing.rows if everything or not row.well or row.state != _NONE]
    return [_cells(row) for row in sorted(shown, key=lambda row: row.well)]


def summary(standing: Standing) -> str:
    """Say how many objects there are, and with how many not all is well."""
    rows = standing.rows
    counts = Counter(row.sync for row in rows)
    told = [
        f"{counts[sync]} {_word(sync, counts[sync])}" for sync in (REFUSED, ABSENT, DIFFERS, UNKNOWN) if counts[sync]
    ]
    unready = sum(not row.ready for row in rows if row.state)
    told += [f"{unready} not ready"] if unready else []
    delivered = standing.delivery is None or standing.delivery.well
    told += [] if delivered else ["Argo CD is not content"]
    objects = f"{len(rows)} object{'' if len(rows) == 1 else 's'}"
    return f"{objects}: {', '.join(told)}" if told else f"{objects}, all as rendered and ready"


def as_data(standing: Standing) -> dict[str, Any]:
    """Return it as data."""
    return {
        "environment": standing.name,
        "well": standing.well,
        "argocd": standing.delivery and standing.delivery._asdict(),
        "models": [version._asdict() for version in standing.versions],
        "objects": [{**row._asdict(), "fields": [*row.fields], "well": row.well} for row in standing.rows],
    }


def _delivered(delivery: Delivery) -> str:
    if delivery.sync is None:
        return f"Argo CD: there is no Application {delivery.name}"
    at = f" at {delivery.revision[:10]}" if delivery.revision else ""
    operation = " ".join(filter(None, (delivery.operation.lower(), delivery.message)))
    last = f"; last operation {operation}" if operation else ""
    return f"Argo CD: {delivery.name} is {delivery.sync}{at}, {delivery.health}{last}"


def _version(version: Version) -> str:
    if version.live == version.locked:
        return f"{version.address}: version {version.live} is live, as the lock says"
    if version.there and version.live is None:
        return f"{version.address}: what is live says no version, and the lock says {version.locked}"
    live = f"version {version.live}" if version.live is not None else "nothing"
    return f"{version.address}: {live} is live, and the lock says {version.locked}"


def _cells(row: Row) -> Cells:
    sign = _SIGNS.get(row.sync) or ("=" if row.ready else "…")
    state = "" if row.state == _NONE else row.state
    why = "; ".join(filter(None, (_fields(row.fields), row.why)))
    return Cells(sign, row.sync, state, visible(row.path), visible(why))


def _word(sync: str, count: int) -> str:
    return "differ" if sync == DIFFERS and count != 1 else sync


def _fields(fields: Sequence[str]) -> str:
    more = len(fields) - _MOST_FIELDS
    return ", ".join(fields[:_MOST_FIELDS]) + (f" and {more} more" if more > 0 else "")
