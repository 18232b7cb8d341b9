"""A pipeline from its spec to processes on this machine, and how that ended."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.util import find_spec
from typing import Any, NamedTuple

import click

from mlops_spec.address import meant
from mlops_spec.cli import exits
from mlops_spec.cli.compiling import Done, template_cache
from mlops_spec.cli.console import Console
from mlops_spec.cli.locate import Located
from mlops_spec.cli.progress import Shown, preview
from mlops_spec.cli.stop import stopped
from mlops_spec.compiler import AtHand, Compilation, Here, Options, compile_at_hand
from mlops_spec.diagnostic import Severity
from mlops_spec.live.local.attempt import Begun
from mlops_spec.live.local.environment import Failed
from mlops_spec.live.local.folder import Busy, Folder
from mlops_spec.live.local.plan import Plan, plan
from mlops_spec.live.local.run import Outcome, Run
from mlops_spec.live.local.secrets import Lacking, secrets_of
from mlops_spec.live.local.source import revision_of
from mlops_spec.source import files
from mlops_spec.source.tree import find


class Elsewhere(NamedTuple):
    """Where a run is recorded, and what it registers kept, that is not on this machine."""

    tracking: str
    artifacts: str


_NO_MLFLOW = 'pip install "mlops-spec[runtime]"'


def run_pipeline(
    console: Console,
    located: Located,
    pipeline: str,
    parameters: Sequence[str],
    again: str | None,
    jobs: int | None,
    dry_run: bool,
    elsewhere: Elsewhere | None = None,
) -> int:
    """Run a pipeline, or show what would run. Raises Stopped where it cannot even begin."""
    folder = Folder(located.root)
    done = _compiled(console, located, pipeline, folder, elsewhere)
    if isinstance(done, int):
        return done
    try:
        planned = _planned(done, pipeline, folder, _given(done, pipeline, parameters), again)
        planned = planned._replace(recorded_elsewhere=elsewhere is not None)
        for warning in planned.warnings:
            console.note(f"warning: {warning}")
        if dry_run:
            return preview(console, planned)
        with folder.held():
            return _run(console, located, planned, jobs)
    except Failed as problem:
        hint = "mend it, then run again"
        raise stopped(exits.FINDINGS, "MS176", f"an environment cannot be made: {problem}", hint) from None
    except Busy:
        hint = "wait until it has ended"
        raise stopped(exits.CONFLICT, "MS177", f"another run holds {located.shown(folder.path.name)}", hint) from None
    except Lacking as problem:
        hint = f"write them into {located.shown('.mlops-spec/secrets.yaml')}, which Git ignores: `{problem.template}`"
        raise stopped(exits.FINDINGS, "MS174", str(problem), hint) from None
    except OSError as problem:
        name, why = problem.filename or folder.path, os.strerror(problem.errno or 0)
        raise stopped(exits.IO, "MS178", f"{name}: {why}", "mend that, then run again") from None


def _compiled(
    console: Console, located: Located, pipeline: str, folder: Folder, elsewhere: Elsewhere | None
) -> AtHand | int:
    """Compile the pipeline; its exit code where there are errors. Raises Stopped where it cannot be run."""
    tracked = find_spec("mlflow") is not None
    if elsewhere is not None and not tracked:
        raise stopped(exits.USAGE, "MS175", "--tracking-uri needs MLflow, which is not installed", _NO_MLFLOW)
    uri = elsewhere.tracking if elsewhere else f"sqlite:///{folder.tracking}"
    here = Here(elsewhere.artifacts if elsewhere else folder.artifacts.as_uri(), uri if tracked else None)
    options = Options(located.root, cache=template_cache())
    done = compile_at_hand(files.Folder(located.root), located.name, pipeline, here, options)
    shown = Done(located, Compilation(done.loaded, {}, {}, {}, done.diagnostics))
    if shown.exit_code:
        errors = [problem for problem in done.diagnostics if problem.severity is Severity.ERROR]
        console.problems(errors, located, shown.texts)
        return shown.exit_code
    known = done.spec.pipelines if done.spec else {}
    if pipeline not in known:
        hint = meant(pipeline, known, "pipeline")
        raise stopped(exits.USAGE, "MS193", f"pipelines has no `{pipeline}` in local", hint)
    if not tracked:
        _without_mlflow(console, [name for name, step in known[pipeline].steps.items() if step.gate or step.register])
    if done.pipeline is None:
        console.problems(done.diagnostics, located, shown.texts)
        return exits.FINDINGS
    return done


def _without_mlflow(console: Console, judging: Sequence[str]) -> None:
    if judging:
        message = f"the step {judging[0]} needs MLflow, which is not installed"
        raise stopped(exits.USAGE, "MS175", message, _NO_MLFLOW)
    console.note(f"warning: the run is not recorded, since MLflow is not installed: {_NO_MLFLOW}")


def _given(done: AtHand, pipeline: str, parameters: Sequence[str]) -> Mapping[str, str]:
    """Return the parameters as they were typed. Raises Stopped for one that the pipeline does not declare."""
    assert done.spec is not None
    declared = done.spec.pipelines[pipeline].parameters
    found: dict[str, str] = {}
    for given in parameters:
        name, sign, value = given.partition("=")
        if not sign:
            raise click.UsageError(f"--param {given}: give a name and a value, as in --param max_depth=8")
        if name not in declared:
            message = f"pipelines.{pipeline}.parameters has no `{name}`"
            raise stopped(exits.USAGE, "MS193", message, meant(name, declared, "parameter"))
        found[name] = value
    return found


def _planned(done: AtHand, pipeline: str, folder: Folder, parameters: Mapping[str, str], again: str | None) -> Plan:
    assert done.spec is not None
    assert done.pipeline is not None
    assert done.loaded is not None
    steps = done.spec.pipelines[pipeline].steps
    if again is not None and again not in steps:
        raise stopped(exits.USAGE, "MS193", f"pipelines.{pipeline}.steps has no `{again}`", meant(again, steps, "step"))
    pinned: Any = done.loaded.lock.get("images") or {}
    digests = {name: find(pinned, (name, "digest")) for name in pinned}
    return plan(done.spec, done.pipeline, folder, parameters, again, digests)


def _run(console: Console, located: Located, planned: Plan, jobs: int | None) -> int:
    now = datetime.now(UTC)
    begun = Begun(
        id=f"{now:%Y%m%dt%H%M%S}-{secrets.token_hex(3)}",
        started=now.isoformat(timespec="seconds"),
        revision=revision_of(located.root),
        results={},
    )
    keys = secrets_of(planned.folder.secrets, planned.secrets())
    stops: list[int] = []
    with Shown(console, located, planned) as shown:
        run = Run(planned, begun, keys, jobs or len(os.sched_getaffinity(0)), shown.event)
        shown.begin(begun.id)
        outcome = asyncio.run(_going(run, stops))
        shown.end(outcome)
    return _code(outcome, stops)


async def _going(run: Run, stops: list[int]) -> Outcome:
    """Run to the end; a signal lets the steps end, a second one ends them."""
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}

    def stop(number: int) -> None:
        stops.append(number)
        run.stop()

    for number in before:
        loop.add_signal_handler(number, stop, number)
    try:
        return await run.go()
    finally:
        for number, handler in before.items():
            loop.remove_signal_handler(number)
            signal.signal(number, handler)


def _code(outcome: Outcome, stops: Sequence[int]) -> int:
    if stops:
        return 128 + stops[0]
    return exits.FINE if outcome.well else exits.FINDINGS
