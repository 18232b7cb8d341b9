"""Eight who apply the same at once, each with a plan that was made before any began. Run by the runtime's Python.

Arguments: the server's address, and the document of the desired state. Prints JSON: what each could not do.
"""

from __future__ import annotations

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

from mlops_spec.live.mlflow.actual import actual
from mlops_spec.live.mlflow.apply import Applier
from mlops_spec.live.mlflow.client import Servers, connect
from mlops_spec.live.mlflow.plan import plan
from mlops_spec.live.mlflow.state import desired
from mlops_spec.runtime.configuration import read

APPLIERS = 8
servers, wanted = Servers(sys.argv[1], sys.argv[1]), desired(read("sync", Path(sys.argv[2]).read_text()))
barrier = Barrier(APPLIERS, timeout=300)


def failed(_: int) -> list[str]:
    """Return what one of them could not do."""
    client = connect(servers)
    planned = plan(wanted, actual(client, servers, wanted))
    barrier.wait()
    done = Applier(client, servers, wanted).apply(planned)
    return [f"{each.action.name}: {each.failed}" for each in done if each.failed]


with ThreadPoolExecutor(APPLIERS) as racers:
    print(json.dumps(list(racers.map(failed, range(APPLIERS)))))
