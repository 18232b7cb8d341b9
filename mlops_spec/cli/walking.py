"""The rollouts of a spec: where each stands, and the lock with one of them a step further or ended."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mlops_spec.address import Path as Addressed
from mlops_spec.address import meant, text
from mlops_spec.cli import exits, locked_text
from mlops_spec.cli.compiling import Done, compile_located, refuse_unknown
from mlops_spec.cli.console import Console
from mlops_spec.cli.locate import Located
from mlops_spec.cli.rendering import report_compile
from mlops_spec.cli.stop import Stopped
from mlops_spec.cli.under_way import as_json, lock, models, steps, told, under_way
from mlops_spec.diagnostic import Place, error
from mlops_spec.language import rollout
from mlops_spec.language.layers import LOCK
from mlops_spec.language.rollout import UnderWay
from mlops_spec.source.files import Folder
from mlops_spec.source.tree import Map, find, mark
from mlops_spec.source.yaml import read
from mlops_spec.write.difference import unified

_BEGIN = "a rollout begins where the lock keeps the version before: `rollout: {step: 0, from: {version: …, …}}`"

Change = Callable[[str, Done, UnderWay], str]


def show_status(console: Console, located: Located, environments: Sequence[str], model: str | None) -> int:
    """Print the rollouts that are under way; of a spec with errors what is known, and the errors."""
    done = compile_located(located, environments)
    if done.exit_code:
        report_compile(console, done)
    refuse_unknown(done, environments)
    found = _of(done, model)
    lines = [f"{located.place(each.place)}: {told(each, steps(done, each))}" for each in found]
    console.result("\n".join(lines), {"rollouts": [as_json(each, steps(done, each)) for each in found]})
    if not found and not done.exit_code:
        console.note("no rollout is under way")
    return done.exit_code


def walk_on(console: Console, located: Located, environment: str, model: str | None, dry_run: bool) -> int:
    """Bring a rollout to its next step; a spec with errors in that environment is refused."""

    def change(before: str, done: Done, found: UnderWay) -> str:
        return rollout.advance(before, found, len(steps(done, found)))

    return _walk(console, located, environment, model, dry_run, change, strict=True)


def walk_back(console: Console, located: Located, environment: str, model: str | None, dry_run: bool) -> int:
    """End a rollout with the version before, whatever errors the spec has."""

    def change(before: str, done: Done, found: UnderWay) -> str:
        return rollout.abort(before, lock(done), found)

    return _walk(console, located, environment, model, dry_run, change, strict=False)


def _walk(
    console: Console,
    located: Located,
    environment: str,
    model: str | None,
    dry_run: bool,
    change: Change,
    *,
    strict: bool,
) -> int:
    raw = Folder(located.root).read(LOCK, None)[0] or b""
    done = compile_located(located, [environment])
    refuse_unknown(done, [environment])
    if not done.compilation.environments:  # the spec cannot be read, or the lock is not as its schema says
        return report_compile(console, done)
    found = _chosen(done, environment, model)
    if strict and done.exit_code:
        return report_compile(console, done)
    with locked_text.editing(located, found.path):
        after = change(raw.decode(), done, found).encode()
    if not dry_run:
        locked_text.write(located, after, raw)
    return _say(console, done, found, raw, after, dry_run)


def _say(console: Console, done: Done, before: UnderWay, raw: bytes, edited: bytes, dry_run: bool) -> int:
    """Print what has become of a rollout; of a dry run also the diff, which then is the result."""
    pins = _data(edited)
    after = next((each for each in rollout.under_way(pins) if each.path == before.path), None)
    version = find(pins, (*before.path, "version"))
    said = f"{before.environment} {before.model}: version {version} is live"
    text = told(after, steps(done, after)) if after else said
    file = done.located.shown(LOCK)
    diff = unified(file, raw, edited)
    data = {
        "environment": before.environment,
        "model": before.model,
        "version": version,
        "rollout": as_json(after, steps(done, after)) if after else None,
        "file": file,
        "written": not dry_run,
        "diff": diff,
    }
    console.result(diff.removesuffix("\n") if dry_run else f"{file}: {text}", data)
    console.note(f"{text}; nothing is written" if dry_run else "commit it; `mlops-spec publish` renders it")
    return exits.FINE


def _chosen(done: Done, environment: str, model: str | None) -> UnderWay:
    """Return the rollout of a model, or the only one there is. Raises Stopped where there is none, or several."""
    found = _of(done, model)
    if len(found) == 1:
        return found[0]
    at = ("environments", environment, "models", *([model] if model else []))
    where = mark(lock(done), at)
    place = done.located.place(where.key) if where else None
    if found:
        hint = f"name one of them: {', '.join(each.model for each in found)}"
        raise _refused(exits.USAGE, "MS198", f"several rollouts are under way in {environment}", place, at, hint)
    message = f"no rollout {f'of {model} ' if model else ''}is under way in {environment}"
    raise _refused(exits.CONFLICT, "MS198", message, place, at, _BEGIN)


def _of(done: Done, model: str | None) -> list[UnderWay]:
    """Return the rollouts that are under way, or that of one model. Raises Stopped where there is no such model."""
    known = models(done)
    if model is not None and model not in known:
        raise _refused(exits.USAGE, "MS193", f"models has no `{model}`", None, (), meant(model, known, "model"))
    return [each for each in under_way(done) if model in (None, each.model)]


def _refused(exit_code: int, code: str, message: str, place: Place | None, at: Addressed, hint: str) -> Stopped:
    return Stopped(exit_code, [error(code, message, place, text(at), hint)])


def _data(raw: bytes) -> Map:
    source, _ = read(raw, LOCK)
    return source.data if source else Map()
