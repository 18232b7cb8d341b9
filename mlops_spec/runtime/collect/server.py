"""The HTTP of it: events come to ``/<model>/<version>/<variant>``; health and series beside them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from mlops_spec.runtime.collect.collector import Collector, Full
from mlops_spec.runtime.collect.events import REQUEST, Event, Unreadable, event, rows

if TYPE_CHECKING:
    from mlops_spec.runtime.collect.joining import Half

_LATER = {"Retry-After": "5"}


def application(collector: Collector) -> Starlette:
    """Return what answers: 200 for what is written down, 503 for what shall come again later."""

    async def take(request: Request) -> Response:
        if collector.hearing >= collector.told["at_once"]:
            return _refused(collector, 503, "full", "too many are heard at once")
        collector.hearing += 1
        try:
            return await taken(request)
        finally:
            collector.hearing -= 1

    async def taken(request: Request) -> Response:
        server = [request.path_params[part] for part in ("model", "version", "variant")]
        if server[0] not in collector.logs:
            return _refused(collector, 404, "unknown", f"nothing is kept of a model {server[0]}")
        body = await _body(request, collector.told["body"])
        if body is None:
            return _refused(collector, 413, "large", f"a body has {collector.told['body']} bytes at most")
        now = datetime.now(UTC)
        try:
            found = event(dict(request.headers), body, now)
            half = _half(collector, server, found, now)
            await collector.accept(half)
        except Unreadable as problem:
            return _refused(collector, 400, "unreadable", str(problem))
        except Full as problem:
            return _refused(collector, 503, "full", str(problem))
        collector.events.labels(server[0], found.kind).inc()
        return Response(status_code=200)

    async def live(_: Request) -> Response:
        return PlainTextResponse("ok")

    async def ready(_: Request) -> Response:
        return PlainTextResponse("leaving" if collector.leaving else "ok", 503 if collector.leaving else 200)

    async def metrics(_: Request) -> Response:
        return Response(generate_latest(collector.registry), media_type=CONTENT_TYPE_LATEST)

    return Starlette(
        routes=[
            Route("/health/live", live),
            Route("/health/ready", ready),
            Route("/metrics", metrics),
            Route("/{model}/{version}/{variant}", take, methods=["POST"]),
        ],
        exception_handlers={ClientDisconnect: lambda _request, _problem: Response(status_code=400)},
    )


async def _body(request: Request, most: int) -> bytes | None:
    """Read a body; None for one that is too large, of which no more than that is read."""
    found = bytearray()
    async for chunk in request.stream():
        found += chunk
        if len(found) > most:
            return None
    return bytes(found)


def _half(collector: Collector, server: list[str], found: Event, now: datetime) -> Half:
    drop = collector.logs[server[0]].get("drop", ())
    try:
        kept = rows(found.body, found.kind, drop)
        json.dumps(kept, ensure_ascii=False).encode()
    except (UnicodeEncodeError, RecursionError):  # half of a character, which no file takes; lists without end
        kept = None
    if kept is None:
        collector.unread.labels(server[0], found.kind).inc()
    elif found.kind == REQUEST:
        for key in collector.logs[server[0]].get("keys", ()):
            if any(key not in row for row in kept):
                collector.unread.labels(server[0], f"key {key}").inc()
    return {
        "server": server, "id": found.id, "kind": found.kind, "time": found.time.timestamp(), "rows": kept,
        "came": now.timestamp(),
    }  # fmt: skip


def _refused(collector: Collector, code: int, why: str, message: str) -> Response:
    collector.refused.labels(why).inc()
    return PlainTextResponse(message, code, headers=_LATER if code == 503 else None)
