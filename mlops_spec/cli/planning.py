"""A spec beside the MLflow servers of its environments: what differs, and that made to be as the spec says."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import click
import yaml

from mlops_spec.backends.tracking.mlflow import MLflow
from mlops_spec.cli import exits, planned
from mlops_spec.cli.compiling import compile_located, refuse_unknown
from mlops_spec.cli.console import Console
from mlops_spec.cli.locate import Located
from mlops_spec.cli.rendering import report_compile
from mlops_spec.cli.stop import Stopped, stopped
from mlops_spec.compiler import Compiled
from mlops_spec.diagnostic import Diagnostic, error
from mlops_spec.live.mlflow import apply
from mlops_spec.live.mlflow.actual import actual
from mlops_spec.live.mlflow.apply import Applier
from mlops_spec.live.mlflow.client import NotInstalled, Refusal, Servers, Unreachable, connect
from mlops_spec.live.mlflow.plan import Action, Verb, plan
from mlops_spec.live.mlflow.state import Desired, desired
from mlops_spec.runtime.configuration import Invalid, read

_SYNC = "sync"


class Given(NamedTuple):
    """What was asked for on the command line."""

    environments: Sequence[str]
    tracking: str | None
    registry: str | None
    delete: bool


class Target(NamedTuple):
    """One environment: where it records, and what shall be there."""

    servers: Servers
    desired: Desired

    def planned(self, delete: bool) -> tuple[Any, tuple[Action, ...]]:
        """Return a client, and what is to be done. Raises Stopped."""
        with told():
            client = connect(self.servers)
            return client, plan(self.desired, actual(client, self.servers, self.desired), delete=delete)


def show_plan(console: Console, located: Located, given: Given, exit_code: bool) -> int:
    """Print what differs."""
    targets = _targets(console, located, given)
    if isinstance(targets, int):
        return targets
    compared, differs, refused = [], False, False
    for target in targets:
        _, actions = target.planned(given.delete)
        _print(console, target, actions)
        compared.append(_as_json(target, [planned.as_json(action) for action in actions]))
        differs |= any(action.verb.acts for action in actions)
        refused |= any(action.verb is Verb.REFUSED for action in actions)
    console.result("", {"environments": compared})
    if refused:
        return exits.CONFLICT
    return exits.FINDINGS if exit_code and differs else exits.FINE


def apply_plan(console: Console, located: Located, given: Given, *, asking: bool) -> int:
    """Print what differs, ask, and do it: one environment after the other, until a server does not answer."""
    if asking and not (sys.stdin.isatty() and console.form == "text"):
        raise click.UsageError("nobody can be asked here: say --yes, or see first what `plan` shows")
    targets = _targets(console, located, given)
    if isinstance(targets, int):
        return targets
    brought: list[dict[str, Any]] = []
    code = exits.FINE
    for target in targets:
        try:
            client, actions = target.planned(given.delete)
        except Stopped:
            console.result("", {"environments": brought})  # what was done before must not go unsaid
            raise
        _print(console, target, actions)
        if asking and any(action.verb.acts for action in actions) and not click.confirm("Do it?", err=True):
            console.note("nothing is changed")
            return exits.FINDINGS
        ended = _ended(Applier(client, target.servers, target.desired, delete=given.delete), actions)
        brought.append(_as_json(target, [{**planned.as_json(each.action), "failed": each.failed} for each in ended]))
        code = _report(console, actions, ended) or code
        if code == exits.IO:
            break
    console.result("", {"environments": brought})
    return code


def _ended(applier: Applier, actions: Sequence[Action]) -> list[apply.Done]:
    """Do what is to be done, and return it with what is refused from the start and what is left as it is."""
    done = {(each.action.kind, each.action.name): each for each in applier.apply(actions)}
    why = {action: action.why if action.verb is Verb.REFUSED else None for action in actions}
    return [done.get((action.kind, action.name), apply.Done(action, why[action])) for action in actions]


def _report(console: Console, actions: Sequence[Action], ended: Sequence[apply.Done]) -> int:
    """Say what was done and what was not; return the exit code."""
    failed = [each for each in ended if each.failed is not None]
    did = [each.action for each in ended if each.failed is None]
    if console.form == "text" and any(action.verb.acts for action in actions):
        click.echo(f"  {planned.done(did)}")
    console.problems(map(_problem, failed))
    if any(each.action.verb is not Verb.REFUSED for each in failed):
        return exits.IO
    return exits.CONFLICT if failed else exits.FINE


def _problem(each: apply.Done) -> Diagnostic:
    what = planned.DONE.get(each.action.verb, "touched")
    message = f"{planned.subject(each.action)} is not {what}: {planned.escaped(each.failed or '')}"
    return error("MS504", message, None, "", "mend that, then run again: it goes on with what is not done")


def _print(console: Console, target: Target, actions: Sequence[Action]) -> None:
    if console.form == "text":
        click.echo(f"{target.desired.environment}: {target.servers}")
        click.echo("".join(f"{line}\n" for line in planned.lines(actions)), nl=False)
        click.echo(f"  {planned.to_do(actions)}")


def _as_json(target: Target, actions: list[dict[str, Any]]) -> dict[str, Any]:
    return {"environment": target.desired.environment, "server": str(target.servers), "actions": actions}


def _targets(console: Console, located: Located, given: Given) -> list[Target] | int:
    """Compile, and return where each environment records and what shall be there; the exit code where it fails."""
    done = compile_located(located, given.environments)
    refuse_unknown(done, given.environments)
    if done.exit_code:
        return report_compile(console, done)
    targets = [_target(compiled, given) for compiled in done.compilation.environments.values()]
    for warning in _contradictions(targets):
        console.note(f"warning: {warning}")
    return targets


def _target(compiled: Compiled, given: Given) -> Target:
    tracking = compiled.chosen.systems["tracking"] if compiled.chosen else None
    registry = compiled.chosen.systems["registry"] if compiled.chosen else None
    uri = given.tracking or (tracking.uri if isinstance(tracking, MLflow) else None)
    if uri is None or not isinstance(tracking, MLflow):
        message = f"{compiled.name} has no MLflow server with an address"
        raise stopped(exits.USAGE, "MS503", message, "set platform.tracking.uri, or give --tracking-uri or --env")
    return Target(Servers(uri, given.registry or getattr(registry, "uri", None) or uri), _desired(compiled))


def _desired(compiled: Compiled) -> Desired:
    """Return what the rendered document says, which is what the Job in the cluster reads, patches and all."""
    assert compiled.spec is not None
    state = compiled.blueprint.state if compiled.blueprint else None
    if state is None:
        return Desired(compiled.spec.project.name, compiled.name, ())
    printed = yaml.safe_load(compiled.tree[f"{state.component}/configmap-{state.name}.yaml"])
    try:
        return desired(read(_SYNC, printed["data"][state.file])).without_aliases()
    except (Invalid, KeyError) as problem:
        message = f"the rendered document {state.name} of {compiled.name} cannot be read: {problem}"
        raise stopped(exits.FINDINGS, "MS504", message, "mend the patch or the template that has changed it") from None


def _contradictions(targets: Sequence[Target]) -> Iterator[str]:
    """Yield what several environments say differently of one thing on one server."""
    said: dict[tuple[Any, ...], tuple[str, str]] = {}
    for servers, wanted in targets:
        for thing in wanted.things:
            for key, value in thing.tags.items():
                at = (servers, thing.kind, thing.name, key)
                environment, before = said.setdefault(at, (wanted.environment, value))
                if before != value:
                    what = f"{thing.kind.value} {planned.shown(thing.name)} on {servers}"
                    yield (
                        f"{environment} and {wanted.environment} want another {planned.shown(key)} each of {what}: "
                        "each apply undoes the other's"
                    )


@contextmanager
def told() -> Iterator[None]:
    """Say why a server cannot be asked as a command does."""
    try:
        yield
    except NotInstalled as problem:
        raise stopped(exits.USAGE, "MS502", "MLflow is not installed", str(problem).partition(": ")[2]) from None
    except Unreachable as problem:
        raise stopped(exits.IO, "MS501", planned.escaped(str(problem)), "mend that, or give --tracking-uri") from None
    except Refusal as problem:
        raise stopped(exits.IO, "MS501", f"the server refuses: {planned.escaped(str(problem))}", "mend that") from None
