"""Run by the Python that has Google's client: the program `submit`, with that client sent to a server on loopback."""

from __future__ import annotations

import functools
import sys

from google.auth.credentials import AnonymousCredentials
from google.cloud import aiplatform

from mlops_spec.runtime.command import main

address, *arguments = sys.argv[1:]
aiplatform.init = functools.partial(
    aiplatform.init, api_endpoint=address, api_transport="rest", credentials=AnonymousCredentials()
)
main(arguments)
