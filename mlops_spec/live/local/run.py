"""A run: each step as soon as those before it have ended, as many at once as there are processors for."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from mlops_spec.backends.orchestrator.local import put_in
from mlops_spec.live.local import event
from mlops_spec.live.local.attempt import Attempt, Begun, Tried
from mlops_spec.live.local.environment import make
from mlops_spec.live.local.event import Event, Say
from mlops_spec.live.local.folder import remove
from mlops_spec.live.local.memory import Known, Memory
from mlops_spec.live.local.plan import Plan, Task, path_of
from mlops_spec.live.local.process import Processes, Stopped
from mlops_spec.live.local.secrets import Keys
from mlops_spec.live.local.store import Content, Store, Unsuitable

_WENT_WELL = (event.DONE, event.UNCHANGED, event.LEFT_OUT)
_TAIL = 20
"""How many lines of its log tell why a step has failed."""


class Outcome(NamedTuple):
    """How a run ended: by step, and whether someone stopped it or its time was up."""

    steps: Mapping[str, str]
    stopped: bool
    late: bool

    @property
    def word(self) -> str:
        """How it ended, as the step hears it that ends the run."""
        return "stopped" if self.stopped or self.late else "done" if self.well else "failed"

    @property
    def well(self) -> bool:
        """Tell whether all that was to run has."""
        return not self.stopped and not self.late and all(end in _WENT_WELL for end in self.steps.values())


class Run:
    """One run of a pipeline: ``begun`` is what it is called, ``keys`` are the secrets, ``jobs`` is how many at once."""

    def __init__(self, plan: Plan, begun: Begun, keys: Keys, jobs: int, say: Say) -> None:
        self.plan, self.begun, self.keys, self._say = plan, begun, keys, say
        self.folder = plan.folder.runs / begun.id
        self.store = Store(plan.folder.store)
        self.memory = Memory(plan, self.store)
        self.processes, self._ending = Processes(), Processes()
        self._told = {told for task in plan.tasks.values() for told in plan.by_uri(task)}
        self.left: dict[tuple[str, str], Content] = {}
        self.late = self.failed = False
        self._slots = asyncio.Semaphore(jobs)
        self._asked = asyncio.Event()

    def stop(self) -> None:
        """Let the steps that run end now; asked again, end them, and what ends the run."""
        again = self.processes.stopping
        self.processes.stop(hard=again)
        if again:
            self._ending.stop(hard=True)
        self._asked.set()

    async def go(self) -> Outcome:
        """Run all of it. Raises Failed where an environment cannot be made."""
        loop = asyncio.get_running_loop()
        timer = loop.call_later(self.plan.pipeline.timeout, self._time_is_up) if self.plan.pipeline.timeout else None
        self.folder.mkdir(parents=True)
        _point(self.folder.parent / "latest", self.folder.name)
        try:
            await self._environments()
            ends = {name: loop.create_future() for name in self.plan.tasks}
            await asyncio.gather(*(self._step(task, ends) for task in self.plan.tasks.values()))
            steps = {name: end.result() for name, end in ends.items()}
        except Stopped:
            steps = dict.fromkeys(self.plan.tasks, event.NOT_RUN)
        finally:
            self.processes.stop(hard=True)
            if timer:
                timer.cancel()
        outcome = Outcome(steps, self._asked.is_set() and not self.late, self.late)
        if self.plan.end is not None:
            await self._end(self.plan.end, outcome)
        return outcome

    async def _end(self, task: Task, outcome: Outcome) -> None:
        """Run the step that ends the run; where it fails, that is told, and changes nothing of how the run went."""
        begun = self.begun._replace(outcome=outcome.word)
        attempt = Attempt(self.plan, task, begun, self.keys, self._work(task), self.folder / f"{task.name}.log")
        try:
            tried = await attempt.run(Known(None, "", None, {}), self.left, self.store, self._ending)
            if tried.why is None:
                remove(attempt.work)
            else:
                self._fails(task, tried.why, attempt.log)
        except (Stopped, OSError) as problem:
            self._fails(task, str(problem) or "it was stopped", attempt.log)

    def _time_is_up(self) -> None:
        self.late = True
        self.stop()

    async def _environments(self) -> None:
        for wanted in self.plan.environments().values():
            self._tell(event.ENVIRONMENT, "", requirements=str(wanted.requirements), folder=str(wanted.folder))
            await make(wanted, self.processes)

    async def _step(self, task: Task, ends: Mapping[str, asyncio.Future[str]]) -> None:
        """Wait for the steps before, then run, or say why not; either way ``ends`` is told."""
        before = [await ends[str(name)] for name in task.step.after]
        end = event.NOT_RUN
        try:
            if all(one in _WENT_WELL for one in before):
                async with self._slots:
                    # What runs may end when another step has failed; nothing new starts.
                    if not self.failed and not self.processes.stopping:
                        end = await self._ended(task)
        except Stopped:
            self._tell(event.NOT_RUN, task.name)
        finally:
            self.failed = self.failed or end == event.FAILED
            ends[task.name].set_result(end)

    async def _ended(self, task: Task) -> str:
        when = task.step.when
        if when is not None and self.plan.parameters[str(when.parameter)] != when.value:
            self._tell(event.LEFT_OUT, task.name, why=f"{when.parameter} is not {when.value}")
            return event.LEFT_OUT
        try:
            known = await asyncio.to_thread(self.memory.look, task, self.left, self._times())
            if known.outputs is not None:
                await asyncio.to_thread(self._publish, task, known.outputs)
                self._tell(event.UNCHANGED, task.name)
                return event.UNCHANGED
            return await self._tries(task, known)
        except (Unsuitable, OSError) as problem:
            return self._fails(task, str(problem))

    async def _tries(self, task: Task, known: Known) -> str:
        retries = task.step.retries
        attempt = Attempt(self.plan, task, self.begun, self.keys, self._work(task), self.folder / f"{task.name}.log")
        self._tell(event.START, task.name, why=known.why, log=str(attempt.log))
        for wait in (*self._waits(task), None):
            try:
                tried = await attempt.run(known, self.left, self.store, self.processes)
                if tried.why is None:
                    await asyncio.to_thread(self._keep, task, attempt, known)
                    self._tell(event.DONE, task.name)
                    return event.DONE
            except (Unsuitable, OSError) as problem:
                tried = Tried(str(problem))
            if wait is None or not tried.again or retries is None:
                break
            self._tell(event.RETRY, task.name, why=tried.why, seconds=wait)
            await self._sleep(wait)
        return self._fails(task, tried.why or "", attempt.log)

    def _waits(self, task: Task) -> Iterator[int]:
        """Yield how long (seconds) to wait before each further try."""
        retries = task.step.retries
        if retries is not None:
            yield from (retries.backoff * 2**count for count in range(retries.limit))

    async def _sleep(self, seconds: float) -> None:
        """Wait, unless the run is stopped. Raises Stopped."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._asked.wait(), seconds)
            raise Stopped()

    def _keep(self, task: Task, attempt: Attempt, known: Known) -> None:
        """Keep what a step has left, and remember what it depended on if that is still so."""
        outputs = {str(one.name): self.store.put(attempt.output(one.name)) for one in task.step.outputs}
        self._publish(task, outputs)
        if task.step.results:
            self.begun = self.begun._replace(results={**self.begun.results, **attempt.results()})
        if known.parts is not None and not (task.wanted and task.wanted.environment.changed()):
            self.memory.remember(task, known.parts, outputs)
        remove(attempt.work)

    def _publish(self, task: Task, outputs: Mapping[str, Content]) -> None:
        """Show what a step has left at the URIs of this run."""
        attempt = Attempt(self.plan, task, self.begun, self.keys, self._work(task), self.folder)
        for output in task.step.outputs:
            content = outputs[str(output.name)]
            self.left[task.name, str(output.name)] = content
            if output.uri is None:
                continue
            uri = put_in(output.uri, attempt.value)
            path = path_of(uri, self.plan.folder.spec)
            if path is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
                self.store.publish(content, path)
            # Of what lies elsewhere, only that is taken there which a step is told the place of.
            elif (task.name, str(output.name)) in self._told:
                self._upload(content, uri, attempt.work / "upload")

    def _upload(self, content: Content, uri: str, made: Path) -> None:
        """Keep what a step has left at a URI that is not of this machine. Raises Unsuitable."""
        from mlops_spec.runtime import store
        from mlops_spec.runtime.program import Failed

        made.parent.mkdir(parents=True, exist_ok=True)
        self.store.publish(content, made)
        try:
            store.keep(made, uri, os.environ)
        except Failed as problem:
            raise Unsuitable(str(problem)) from None
        remove(made)

    def _work(self, task: Task) -> Path:
        return self.folder / "work" / task.name

    def _times(self) -> dict[str, str]:
        return {**self.begun.results, "id": self.begun.id}

    def _fails(self, task: Task, why: str, log: Path | None = None) -> str:
        lines = log.read_text("utf-8", errors="replace").splitlines()[-_TAIL:] if log and log.exists() else []
        self._tell(event.FAILED, task.name, why=why, log=str(log) if log else None, lines=lines)
        return event.FAILED

    def _tell(self, kind: str, step: str, **said: Any) -> None:
        self._say(Event(kind, step, said))


def _point(link: Path, name: str) -> None:
    made = link.with_name(f"{link.name}.part")
    made.unlink(missing_ok=True)
    made.symlink_to(name)
    os.rename(made, link)
