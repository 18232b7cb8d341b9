"""What stands between HTTP and the sinks: halves are written down, acknowledged, joined, and flushed together."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prometheus_client import Counter, Gauge

from mlops_spec.blueprint import signals
from mlops_spec.runtime.collect import lines
from mlops_spec.runtime.collect.joining import Half, Joined, Pair
from mlops_spec.runtime.collect.journal import Journal, Segment
from mlops_spec.runtime.collect.records import write
from mlops_spec.runtime.program import Configuration, Failed

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

_ALL = 1e18
"""A time before which everything came."""
_TICK = 0.2
_AGAIN = 5.0
"""How long (seconds) to wait after a flush that failed."""


class Full(Exception):
    """More waits to be kept than may, or this machine's disk takes nothing; who sends shall do so later."""


class Collector:
    """The log of one environment. ``leaving``: it is to end, and hears what is on its way; ``hearing``: how many."""

    def __init__(
        self, told: Configuration, folder: Path, environment: Mapping[str, str], registry: CollectorRegistry
    ) -> None:
        self.told, self.environment, self.registry = told, environment, registry
        self.logs: Mapping[str, Mapping[str, Any]] = told["models"]
        self.leaving, self.hearing = False, 0
        self._journal, self._scratch = Journal(folder / "journal"), folder
        self._active = self._journal.new()
        self._since = time.monotonic()
        self._joined, self._pairs = Joined(), list[Pair]()
        self._sealed: list[tuple[Segment, list[Pair]]] = []
        self._rest: tuple[list[str], list[Half]] | None = None
        self._queue: list[tuple[bytes, Half, asyncio.Future[None]]] = []
        self._asked, self._writing = asyncio.Event(), asyncio.Lock()
        self._tasks: list[asyncio.Task[None]] = []
        self._halves = self._records = 0
        self.events = _counter(signals.COLLECTED_EVENTS, registry)
        self.refused = _counter(signals.COLLECT_REFUSED, registry)
        self.unread = _counter(signals.COLLECT_UNREADABLE, registry)
        self._kept = _counter(signals.COLLECTED_RECORDS, registry)
        self._alone = _counter(signals.COLLECT_ALONE, registry)
        self._failed = _counter(signals.COLLECT_FAILURES, registry)
        self._flushed = Gauge(signals.COLLECT_LAST.name, signals.COLLECT_LAST.meaning, registry=registry)
        waiting = Gauge(signals.COLLECT_WAITING.name, signals.COLLECT_WAITING.meaning, registry=registry)
        waiting.set_function(lambda: self.waiting)

    @property
    def waiting(self) -> int:
        """How many bytes wait to be kept."""
        return (
            self._active.size + sum(segment.size for segment, _ in self._sealed) + sum(len(q[0]) for q in self._queue)
        )

    async def open(self) -> None:
        """Take up what an earlier process has left, and begin."""
        await asyncio.to_thread(self._recover)
        self._tasks = [asyncio.create_task(self._commits()), asyncio.create_task(self._flushes())]

    def _recover(self) -> None:
        left = self._journal.left()
        read = {segment.name: segment.read() for segment in left}
        taken = {name for found in read.values() for name in found.after}
        names, rest = list[str](), list[Half]()
        for segment in left:
            halves, sealed, _ = read[segment.name]
            if sealed is None:
                sealed = time.time() - self.told["join"]
                segment.seal(sealed)
            joined = Joined()
            pairs = [pair for half in halves for pair in joined.add(half)]
            self._sealed.append((segment, [*pairs, *joined.expired(sealed)]))
            if segment.name not in taken:
                names.append(segment.name)
                rest += joined.alone()
        if rest:
            self._active.take(names, rest)
        for half in rest:
            self._pairs += self._joined.add(half)

    async def accept(self, half: Half) -> None:
        """Return once a half is on this machine's disk. Raises Full."""
        line = lines([half])
        if self.waiting + len(line) > self.told["waiting"]:
            raise Full("more waits to be kept than may")
        done = asyncio.get_running_loop().create_future()
        self._queue.append((line, half, done))
        self._asked.set()
        await done

    async def _commits(self) -> None:
        """Write down together what has come while the last was written."""
        while True:
            await self._asked.wait()
            self._asked.clear()
            async with self._writing:
                taken = self._queue[:]
                try:
                    await asyncio.to_thread(self._active.append, b"".join(line for line, _, _ in taken))
                except OSError as problem:
                    for _, _, done in taken:
                        if not done.done():
                            done.set_exception(Full(str(problem)))
                else:
                    for _, half, done in taken:
                        self._halves += 1
                        self._pairs += self._joined.add(half)
                        if not done.done():  # else who asked has gone
                            done.set_result(None)
                del self._queue[: len(taken)]

    async def _flushes(self) -> None:
        while True:
            await asyncio.sleep(_TICK)
            due = time.monotonic() - self._since >= self.told["flush"]["seconds"]
            if self._active.size and (due or self._active.size >= self.told["flush"]["bytes"]):
                await self._turn(time.time() - self.told["join"])
            if not await self._flush():
                await asyncio.sleep(_AGAIN)

    async def _turn(self, before: float) -> None:
        """Seal the segment that is written to, and begin another one with what waits for its other half."""
        async with self._writing:
            old, new = self._active, self._journal.new()
            try:
                await asyncio.to_thread(old.seal, before)
                pairs, self._pairs = [*self._pairs, *self._joined.expired(before)], []
                self._sealed.append((old, pairs))
                self._active, self._since = new, time.monotonic()
                if rest := self._joined.alone():
                    names = self._rest[0] if self._rest else []
                    self._rest = ([*names, old.name], rest)
            except OSError as problem:
                self._say(problem)

    async def _carry(self) -> None:
        """Write down in the new segment what waits for its other half, before the old one may go. Raises OSError."""
        async with self._writing:
            if self._rest is not None:
                await asyncio.to_thread(self._active.take, *self._rest)
                self._rest = None

    async def _flush(self) -> bool:
        """Keep what is sealed; tell whether all of it is."""
        try:
            await self._carry()
        except OSError as problem:
            self._say(problem)
            return False
        while self._sealed:
            segment, pairs = self._sealed[0]
            try:
                counts = await asyncio.to_thread(write, segment.name, pairs, self.logs, self._scratch, self.environment)
                await asyncio.to_thread(segment.remove)
            except (Failed, OSError) as problem:
                self._say(problem)
                return False
            self._sealed.pop(0)
            for model, count in counts.items():
                self._kept.labels(model).inc(count)
                self._records += count
            for pair in pairs:
                for half, other in (pair, pair[::-1]):
                    if half and not other:
                        self._alone.labels(half["server"][0], half["kind"]).inc()
            self._flushed.set_to_current_time()
        return True

    def _say(self, problem: Exception) -> None:
        self._failed.inc()
        print(f"collect: {problem}", file=sys.stderr, flush=True)

    async def close(self) -> int:
        """Keep all that has come; return how many bytes of it could not be, and lie in the journal."""
        while self._queue:
            await asyncio.sleep(_TICK)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._active.size:
            await self._turn(_ALL)
        return 0 if await self._flush() else self.waiting

    def said(self) -> dict[str, Any]:
        """Return what was done since the start."""
        return {"events": self._halves, "records": self._records}


def _counter(series: signals.Series, registry: CollectorRegistry) -> Counter:
    return Counter(series.name, series.meaning, series.labels, registry=registry)
