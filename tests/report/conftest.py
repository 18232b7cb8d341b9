"""Problems that every report prints: one with all that a problem may have, two with next to nothing."""

from __future__ import annotations

import pytest

from mlops_spec.diagnostic import Diagnostic, Place, Related, error, warning


@pytest.fixture(scope="session")
def problems() -> list[Diagnostic]:
    place = Place("a folder/mlops.yaml", 3, 7)
    first = Related("first", place._replace(line=1))
    return [
        error("MS013", "twice: 100%, really", place, "models.churn", "remove one", first)._replace(
            environments=("prod", "staging")
        ),
        warning("MS204", "no gate", None, "pipelines.train"),
        warning("MS205", "nothing known", None),
    ]
