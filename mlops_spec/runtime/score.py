"""``score``: lets a model predict a whole dataset, and leaves the scores in the folder of the day they were due.

An engine (Spark or Beam) does the work where the data lies; what it reads, which rows it sets aside and how its scores
take the place of the last ones is the same on each. A run that is repeated replaces its day's scores, and no others.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib import import_module
from typing import Any, NamedTuple

from mlops_spec.runtime.due import Due, due
from mlops_spec.runtime.program import Configuration, needed
from mlops_spec.runtime.rows import Rows, rows
from mlops_spec.runtime.scores import Folder
from mlops_spec.runtime.signature import Signature, fetched, signature, untold


class Scoring(NamedTuple):
    """What an engine is given: the rows, the model as fetched to this machine, what it takes, and where scores go.

    ``stamps`` are the columns that tell which run of which version made a score.
    """

    uri: str
    rows: Rows
    model: Mapping[str, Any]
    folder: str
    signature: Signature
    output: str
    run: str
    stamps: Mapping[str, Any]
    said: Mapping[str, Any]
    environment: Mapping[str, str]
    options: Sequence[str]

    def place(self) -> Folder:
        """Return the folder of the scores."""
        return Folder(self.output, self.run, self.environment)

    def publish(self) -> Mapping[str, Any]:
        """Let the scores that are staged take the place of the last ones. Raises Failed."""
        return self.place().publish(self.said, self.rows.total)


def run(configuration: Configuration, values: Sequence[str], environment: Mapping[str, str]) -> dict[str, Any]:
    """Score once; the ``values`` are options of the engine itself. Raises Failed."""
    began = time.monotonic()
    when = Due(needed(environment, "MLOPS_RUN"), due(configuration["schedule"], environment, datetime.now(UTC)))
    work = _work(configuration, when, values, environment)
    work.place().prepare()
    engine = import_module(f"mlops_spec.runtime.score_{configuration['engine']}")
    done = engine.score(work)
    told = {key: value for key, value in done.items() if key != "files"}
    return {**told, "output": work.output, "seconds": round(time.monotonic() - began, 3)}


def _work(configuration: Configuration, when: Due, options: Sequence[str], environment: Mapping[str, str]) -> Scoring:
    model, read = configuration["model"], configuration["input"]
    uri = when.put_into(read["uri"])
    found = rows(uri, read.get("version"), environment)
    folder = fetched(model["uri"], model["digest"])
    known = signature(folder, found.columns)
    if found.format == "csv":
        untold(known.takes)
    stamps = {
        "model_name": model["name"],
        "model_version": model["version"],
        "run_id": when.run,
        "scheduled_at": when.at.astimezone(UTC),
    }
    said = {**stamps, "scheduled_at": when.at.isoformat(), "input": uri, "revision": found.revision}
    return Scoring(
        uri, found, model, folder, known, when.put_into(configuration["output"]), when.run, stamps, said,
        environment, options,
    )  # fmt: skip
