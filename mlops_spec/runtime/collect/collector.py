"""What stands between HTTP and the sinks: halves are written down, acknowledged, joined, and flushed together."""

from __future__ import annotations

import asyncio
import sys
import time
from collections import Counter as Counted
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prometheus_client import Counter, Gauge

from mlops_spec.blueprint import signals
from mlops_spec.runtime.collect import lines
from mlops_spec.runtime.collect.joining import Half, Joined, Pair
from mlops_spec.runtime.collect.journal import Journal, Segment
from mlops_spec.runtime.collect.records import write
from mlops_spec.runtime.program import Configuration

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
        self._joined = Joined()  # knows what waits; pairs are read when their segment is flushed, and held by no one
        self._sealed: list[Segment] = []
        self._rest: tuple[list[str], list[Half]] | None = None
        self._queue: list[tuple[bytes, Half, asyncio.Future[None]]] = []
        self._asked, self._closing, self._writing = asyncio.Event(), asyncio.Event(), asyncio.Lock()
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
        first, *more = (*self._sealed, self._active)
        # What later ones have taken stands in an earlier one too.
        return first.size + sum(one.size - one.taken for one in more) + sum(len(line) for line, _, _ in self._queue)

    async def open(self) -> None:
        """Take up what an earlier process has left, and begin."""
        await asyncio.to_thread(self._recover)
        self._tasks = [asyncio.create_task(self._commits()), asyncio.create_task(self._flushes())]

    def _recover(self) -> None:
        alone, taken = dict[str, list[Half]](), set[str]()
        for segment in self._journal.left():
            halves, sealed, after = segment.read()
            if sealed is None:
                sealed = time.time() - self.told["join"]
                segment.seal(sealed)
            alone[segment.name] = _joined(halves, sealed)[1]
            taken.update(after)
            self._sealed.append(segment)
        names = [name for name in alone if name not in taken]
        rest = [half for name in names for half in alone[name]]
        if rest:
            self._active.take(names, rest)
        for half in rest:
            self._joined.add(half)

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
            if self._closing.is_set():
                return
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
                        self._joined.add(half)
                        if not done.done():  # else who asked has gone
                            done.set_result(None)
                del self._queue[: len(taken)]
            if self._active.size - self._active.taken >= self.told["flush"]["bytes"]:
                await self._turn(time.time() - self.told["join"])

    async def _flushes(self) -> None:
        while not self._closing.is_set():
            await self._pause(_TICK)
            due = time.monotonic() - self._since >= self.told["flush"]["seconds"]
            if self._active.size and due:
                await self._turn(time.time() - self.told["join"])
            if not await self._flush():
                await self._pause(_AGAIN)

    async def _pause(self, seconds: float) -> None:
        """Wait, but not beyond the end."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._closing.wait(), seconds)

    async def _turn(self, before: float) -> None:
        """Seal the segment that is written to, and begin another one with what waits for its other half."""
        async with self._writing:
            old, new = self._active, self._journal.new()
            try:
                await self._carry()
                await asyncio.to_thread(old.seal, before)
                self._joined.expired(before)
                self._sealed.append(old)
                self._active, self._since = new, time.monotonic()
                if rest := self._joined.alone():
                    self._rest = ([old.name], rest)
                    await self._carry()
            except OSError as problem:
                self._say(problem)

    async def _carry(self) -> None:
        """Write down in the active segment what waits for its other half, before what it came in may go.

        Raises OSError.
        """
        if self._rest is not None:
            await asyncio.to_thread(self._active.take, *self._rest)
            self._rest = None

    async def _flush(self) -> bool:
        """Keep what is sealed; tell whether all of it is."""
        while self._sealed:
            segment = self._sealed[0]
            try:
                async with self._writing:
                    await self._carry()
                counts, alone = await asyncio.to_thread(self._written, segment)
                await asyncio.to_thread(segment.remove)
            except Exception as problem:  # whatever it is: with the task that keeps, all later records would end
                self._say(problem)
                return False
            self._sealed.pop(0)
            for model, count in counts.items():
                self._kept.labels(model).inc(count)
                self._records += count
            for (model, kind), count in alone.items():
                self._alone.labels(model, kind).inc(count)
            self._flushed.set_to_current_time()
        return True

    def _written(self, segment: Segment) -> tuple[dict[str, int], Counted[tuple[str, str]]]:
        """Keep a segment in the sinks; return the records of each model, and its halves whose others never came."""
        halves, sealed, _ = segment.read()
        assert sealed is not None
        pairs = _joined(halves, sealed)[0]
        counts = write(segment.name, pairs, self.logs, self._scratch, self.environment)
        single = (pair.request or pair.response for pair in pairs if not (pair.request and pair.response))
        return counts, Counted((half["server"][0], half["kind"]) for half in single if half)

    def _say(self, problem: Exception) -> None:
        self._failed.inc()
        print(f"collect: {problem}", file=sys.stderr, flush=True)

    async def close(self) -> int:
        """Keep all that has come; return how many bytes of it could not be, and lie in the journal."""
        while self._queue:
            await asyncio.sleep(_TICK)
        # Whoever is cancelled in the midst of a seal leaves it half known: the tasks end where they are done.
        self._closing.set()
        self._asked.set()
        await asyncio.gather(*self._tasks)
        if self._active.size:
            await self._turn(_ALL)
        return 0 if await self._flush() else self.waiting

    def said(self) -> dict[str, Any]:
        """Return what was done since the start."""
        return {"events": self._halves, "records": self._records}


def _joined(halves: Iterable[Half], sealed: float) -> tuple[list[Pair], list[Half]]:
    """Return what a sealed segment says of its lines: what is to be kept, and what waits in the next one."""
    joined = Joined()
    pairs = [pair for half in halves for pair in joined.add(half)]
    pairs += joined.expired(sealed)
    return pairs, joined.alone()


def _counter(series: signals.Series, registry: CollectorRegistry) -> Counter:
    return Counter(series.name, series.meaning, series.labels, registry=registry)
