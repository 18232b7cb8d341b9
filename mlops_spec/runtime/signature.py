"""What a model takes, and which rows it cannot: rules that every engine applies alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from mlops_spec.runtime.digest import digest_of
from mlops_spec.runtime.program import Failed

PREDICTION = "prediction"
STAMPS = ("model_name", "model_version", "run_id", "scheduled_at")
"""The columns that every scored row has beside the input's own and ``prediction``."""

BECAUSE = "set_aside_because"
"""The column of rows that were set aside which says why."""

_WHOLE = ("integer", "long")
"""Types that have no value for what is missing: a model is never called with such a row."""

TEXTS = {
    "boolean": "[Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee]",
    "integer": "-?[0-9]{1,9}",
    "long": "-?[0-9]{1,18}",
    "float": r"-?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][-+]?[0-9]{1,3})?",
    "double": r"-?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][-+]?[0-9]{1,3})?",
    "string": r"(?s).*",
}
"""How a text file writes a value of each type, as a pattern of the whole text."""


GIVEN = ("boolean", "integer", "long", "float", "double", "string")
"""The types that a score may be of."""


class Column(NamedTuple):
    """A column that a model takes: ``type`` as MLflow calls it. ``required``: there was none without it in training."""

    name: str
    type: str
    required: bool

    @property
    def fills(self) -> bool:
        """Tell whether a row without a value in it cannot be scored."""
        return self.required or self.type in _WHOLE


def fetched(uri: str, digest: str) -> str:
    """Bring a model to this machine; return its folder. Raises Failed where it is another than the lock's."""
    try:
        from mlflow.artifacts import download_artifacts
    except ImportError:
        raise Failed("MLflow is not installed: install mlops-spec[runtime]") from None
    folder = str(download_artifacts(uri))
    found = digest_of(Path(folder))
    if found != digest:
        raise Failed(f"the model at {uri} is {found}, and the lock has {digest}")
    return folder


class Signature(NamedTuple):
    """What a model takes of the columns that there are, and what it gives for each row.

    ``gives`` is a type; with ``many`` it is a list of it; None where each row gets the several values ``named``.
    """

    takes: tuple[Column, ...]
    gives: str | None
    many: bool
    named: tuple[tuple[str, str], ...]


def signature(folder: str, columns: Sequence[str]) -> Signature:
    """Return the signature of the model in a folder. Raises Failed where rows with these columns cannot be scored."""
    from mlflow.models import get_model_info

    found = get_model_info(folder).signature
    if found is None or found.inputs is None or found.outputs is None:
        raise Failed("the model has no signature that says what it takes and gives: log it with one")
    if not found.inputs.has_input_names():
        raise Failed("the signature of the model names no columns: log it with a table as its input")
    takes = [Column(str(spec.name), _type(spec), bool(spec.required)) for spec in found.inputs.inputs]
    lacking = [column.name for column in takes if column.required and column.name not in columns]
    if lacking:
        raise Failed(f"the input lacks columns that the model takes: {', '.join(lacking)}")
    taken = [name for name in (PREDICTION, *STAMPS, BECAUSE) if name in columns]
    if taken:
        raise Failed(f"the input has columns of the names that scores have: {', '.join(taken)}")
    gives, many, named = _given(found.outputs.inputs)
    return Signature(tuple(column for column in takes if column.name in columns), gives, many, named)


def _given(outputs: Sequence[Any]) -> tuple[str | None, bool, tuple[tuple[str, str], ...]]:
    for spec in outputs:
        dimensions = len(getattr(spec, "shape", (0,)))
        if dimensions > (2 if len(outputs) == 1 else 1) or _type(spec) not in GIVEN:
            raise Failed(f"a score is a value or a list of values for each row, and the model gives {spec}")
    if len(outputs) > 1:
        return None, False, tuple((str(spec.name), _type(spec)) for spec in outputs)
    return _type(outputs[0]), dimensions == 2, ()


def _type(spec: Any) -> str:
    """Return what MLflow calls the type of a column or of a tensor's elements."""
    from mlflow.types import DataType

    kind = spec.type if isinstance(spec.type, DataType) else DataType.from_numpy_type(spec.type)
    return str(spec.type) if kind is None else str(kind.name)


def untold(columns: Iterable[Column]) -> None:
    """Refuse what no text file can write. Raises Failed."""
    other = [f"{column.name} ({column.type})" for column in columns if column.type not in TEXTS]
    if other:
        raise Failed(f"a csv file cannot hold {', '.join(other)}: keep the input as parquet")


def missing(column: Column) -> str:
    """Say why a row was set aside that has no value."""
    return f"{column.name} is missing"


def unfit(column: Column) -> str:
    """Say why a row was set aside whose text is no value of the type."""
    return f"{column.name} is no {column.type}"
