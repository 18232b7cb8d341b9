"""Run by the Python of an orchestrator's client: it prints the runs of a pipeline, or starts one, as `poll` asks for both."""

from __future__ import annotations

import json
import os
import sys

from mlops_spec.runtime.program import Failed
from mlops_spec.runtime.runs import of

told, started_by = json.loads(sys.argv[1]), sys.argv[2:]
try:
    runs = of(told, dict(os.environ))
    said = (
        runs.start(*started_by, {})
        if started_by
        else sorted([run.began.isoformat(), run.state] for run in runs.newest())
    )
    print(json.dumps(said))
except Failed as problem:
    sys.exit(str(problem))
