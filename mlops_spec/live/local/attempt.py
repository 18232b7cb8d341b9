"""One try of a step: its inputs brought into a folder of its own, its process, and what that has left."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import mlops_spec
from mlops_spec.backends.orchestrator import local as orchestrator
from mlops_spec.backends.orchestrator.local import Word, put_in
from mlops_spec.blueprint import contract
from mlops_spec.live.local.folder import remove
from mlops_spec.live.local.memory import Known, Left
from mlops_spec.live.local.plan import Plan, Task
from mlops_spec.live.local.process import Processes
from mlops_spec.live.local.secrets import Keys
from mlops_spec.live.local.store import Store, bring_from

_PYTHON = "python"
_OURS = ("MLFLOW_", contract.RESERVED)
_OPENS = re.compile(
    "MLFLOW_TRACKING_(?:USERNAME|PASSWORD|TOKEN|AUTH|AWS_SIGV4|INSECURE_TLS|SERVER_CERT_PATH|CLIENT_CERT_PATH)"
)
"""What opens a tracking server that is not of this machine, by MLflow's own variables."""


class Begun(NamedTuple):
    """What is known once a run has begun: its own id, when it started, and what the step ``begin`` has left.

    ``outcome`` is how it went, once all steps have ended.
    """

    id: str
    started: str
    revision: str | None
    results: Mapping[str, str]
    outcome: str | None = None


class Tried(NamedTuple):
    """How a try went: ``why`` it failed (None: it did not), and whether another one could go otherwise."""

    why: str | None
    again: bool = True


class Attempt:
    """One try of a step; what it works on lies below ``work``, what it prints in ``log``."""

    def __init__(self, plan: Plan, task: Task, begun: Begun, keys: Keys, work: Path, log: Path) -> None:
        self.plan, self.task, self.begun, self.keys, self.work, self.log = plan, task, begun, keys, work, log

    async def run(self, known: Known, left: Left, store: Store, processes: Processes) -> Tried:
        """Run the step once, in a clean folder. Raises Unsuitable, OSError, Stopped."""
        await asyncio.to_thread(self._prepare, known, left, store)
        command = [put_in(word, self.value) for word in self.task.step.workload.command]
        with self.log.open("ab") as log:
            ended = await processes.run(
                self._program(command), self.environment(), self._where(), log, self.task.step.timeout
            )
        if ended.late:
            return Tried(f"it took longer than {self.task.step.timeout}s")
        if ended.code:
            return self._failed(ended.code)
        missing = [output.name for output in self.task.step.outputs if not self.output(output.name).exists()]
        return Tried(f"it left no {' and no '.join(missing)}" if missing else None)

    def value(self, word: Word) -> str:
        """Return a run-time value."""
        folders = {orchestrator.INPUT: "inputs", orchestrator.OUTPUT: "outputs", orchestrator.RESULT: "results"}
        if word.kind in folders:
            return str(self.work / folders[word.kind] / word.name)
        if word.kind == orchestrator.PARAMETER:
            return self.plan.parameters[word.name]
        if word.kind == orchestrator.BEGIN:
            return self.begun.results[word.name]
        if word.kind == orchestrator.OUTCOME:
            return self.begun.outcome or ""
        return self.begun.started if word.kind == orchestrator.STARTED else self.begun.id

    def output(self, name: str) -> Path:
        """Return where the step leaves an output."""
        return self.work / "outputs" / name

    def results(self) -> dict[str, str]:
        """Return the small values that the step has left."""
        return {
            str(result.name): (self.work / "results" / result.name).read_text("utf-8")
            for result in self.task.step.results
        }

    def environment(self) -> dict[str, str]:
        """Return the variables of the process: the step's own above those of this machine that it sees."""
        wanted = self.task.wanted
        if wanted is None:
            found = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
            # The programs are those of the package that runs, also where that is no installed one.
            here = str(Path(mlops_spec.__file__).parents[1])
            found["PYTHONPATH"] = os.pathsep.join(filter(None, (here, found.get("PYTHONPATH"))))
        else:
            found = {**wanted.environment.variables(), "TMPDIR": str(self.work / "tmp")}
        if self.plan.recorded_elsewhere:
            found |= {name: value for name, value in os.environ.items() if _OPENS.fullmatch(name)}
        if self.begun.revision is not None:
            found["MLOPS_GIT_REVISION"] = self.begun.revision
        for name, variable in self.task.variables.items():
            secret = variable.secret
            found[name] = self.keys[secret.name, secret.key] if secret else put_in(variable.value or "", self.value)
        return found

    def _program(self, command: list[str]) -> list[str]:
        wanted = self.task.wanted
        if wanted is None:
            return [sys.executable, "-m", "mlops_spec.runtime", *command[1:]]
        return [str(wanted.environment.python), *command[1:]] if command[0] == _PYTHON else command

    def _where(self) -> Path:
        """Return the current folder: data is named from the spec's own, MLflow makes one beside its database."""
        if self.task.program == contract.FETCH:
            return self.plan.folder.spec
        return self.work / "scratch" if self.task.wanted else self.plan.folder.path

    def _prepare(self, known: Known, left: Left, store: Store) -> None:
        remove(self.work)
        for name in ("inputs", "outputs", "results", "scratch", "tmp"):
            (self.work / name).mkdir(parents=True)
        for one in self.task.step.inputs:
            to = self.work / "inputs" / one.name
            if one.content is not None:
                to.write_text(put_in(one.content, self.value), encoding="utf-8")
            elif one.artifact is not None:
                store.bring(left[str(one.artifact.step), str(one.artifact.output)], to)
            else:
                brought = known.brought[str(one.name)]
                bring_from(brought.path, brought.content, to)

    def _failed(self, code: int) -> Tried:
        said = _said(self.log) if self.task.program else {}
        judged = "checks" in said  # a gate that has judged would judge the same again
        return Tried(str(said["error"]) if "error" in said else f"it ended with {code}", again=not judged)


def _said(log: Path) -> dict[str, Any]:
    """Return the last line that a program of ours has said."""
    for line in reversed(log.read_text("utf-8", errors="replace").splitlines()):
        try:
            found = json.loads(line)
        except ValueError:
            continue
        if isinstance(found, dict) and "program" in found:
            return found
    return {}
