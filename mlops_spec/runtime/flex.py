"""The main program of a flex template: Dataflow's launcher calls it with the template's parameters as options.

An image names a file for its launcher; that file says ``from mlops_spec.runtime.flex import main`` and calls it.
"""

from __future__ import annotations

import argparse
import json
import os
import sys

from mlops_spec.runtime import score
from mlops_spec.runtime.configuration import read
from mlops_spec.runtime.due import SCHEDULED_AT


def main(words: list[str] | None = None) -> None:
    """Build the pipeline of a scoring; what is no parameter of the template is an option of the pipeline."""
    parser = argparse.ArgumentParser(allow_abbrev=False)
    for parameter in ("config", "scheduled_at", "run"):
        parser.add_argument(f"--{parameter}", required=True)
    told, options = parser.parse_known_args(sys.argv[1:] if words is None else words)
    environment = {**os.environ, SCHEDULED_AT: told.scheduled_at, "MLOPS_RUN": told.run}
    said = score.run(read("score", told.config), options, environment)
    print(json.dumps({"program": "score", **said}, ensure_ascii=False))
