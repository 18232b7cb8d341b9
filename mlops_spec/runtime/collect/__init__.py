"""``collect``: takes what the servers of models were asked and answered, and keeps it as the inference log.

Each request and each answer comes as a CloudEvent over HTTP. It is acknowledged once it stands in a file of this
machine (``journal``), of which records are made where both have come, and kept in the sinks as parquet. A process that
is killed goes on where it was; what is lost is what was not flushed yet when the machine, or the pod's volume, is.
"""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mlops_spec.runtime.program import Configuration, Failed

_GRACE = 10
"""How long (seconds) requests that are being answered may take once it is to end."""


def run(configuration: Configuration, values: Sequence[str], environment: Mapping[str, str]) -> dict[str, Any]:
    """Serve until a signal says to end, then keep all that has come. Raises Failed where that cannot be kept."""
    try:
        import uvicorn
        from prometheus_client import CollectorRegistry

        from mlops_spec.runtime.collect.collector import Collector
        from mlops_spec.runtime.collect.server import application
    except ImportError as problem:
        raise Failed(f"{problem.name} is not installed: install mlops-spec[collect]") from None

    class Server(uvicorn.Server):  # type: ignore[misc]  # which is not there where types are checked
        """Leaves signals to us: a first one means that others may still send for a while."""

        @contextmanager
        def capture_signals(self) -> Iterator[None]:
            yield

    async def serve() -> dict[str, Any]:
        collector = Collector(configuration, Path(configuration["folder"]), environment, CollectorRegistry())
        await collector.open()
        server = Server(
            uvicorn.Config(
                application(collector), host="0.0.0.0", port=configuration["port"], lifespan="off", log_level="warning",
                access_log=False, timeout_graceful_shutdown=_GRACE,
            )
        )  # fmt: skip
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        serving = asyncio.create_task(server.serve())
        ended = asyncio.create_task(stop.wait())
        await asyncio.wait((serving, ended), return_when=asyncio.FIRST_COMPLETED)
        if not serving.done():
            collector.leaving = True
            await asyncio.sleep(configuration["drain"])
            server.should_exit = True
        ended.cancel()
        try:
            await serving
        except SystemExit:
            raise Failed(f"nothing can be heard on port {configuration['port']}") from None
        finally:
            left = await collector.close()
        if left:
            raise Failed(f"{left} bytes could not be kept, and lie in {configuration['folder']}", **collector.said())
        return collector.said()

    return asyncio.run(serve())


def lines(found: Sequence[Mapping[str, Any]]) -> bytes:
    """Return what a journal holds of these, each on a line of its own."""
    return b"".join(json.dumps(one, ensure_ascii=False, separators=(",", ":")).encode() + b"\n" for one in found)
