"""Run by the Python that has Google's client: a program of the runtime, or ``runs_run.py``, sent to a server on loopback."""

from __future__ import annotations

import functools
import runpy
import sys
from pathlib import Path

from google.auth.credentials import AnonymousCredentials
from google.cloud import aiplatform

from mlops_spec.runtime.command import main

address, *arguments = sys.argv[1:]
aiplatform.init = functools.partial(
    aiplatform.init, api_endpoint=address, api_transport="rest", credentials=AnonymousCredentials()
)
if arguments[0] == "runs":
    sys.argv = arguments
    runpy.run_path(str(Path(__file__).parent / "runs_run.py"))
else:
    main(arguments)
