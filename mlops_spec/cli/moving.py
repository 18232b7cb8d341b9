"""A model's version moved in the lock: what that will do, and the edit, in the file or as a commit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from mlops_spec.address import Path as Addressed
from mlops_spec.address import meant, text
from mlops_spec.cli import exits, locked_text, past_versions
from mlops_spec.cli.comparing import HERE, Pair, compare
from mlops_spec.cli.compiling import Done, compile_located, refuse_unknown
from mlops_spec.cli.console import Console
from mlops_spec.cli.locate import Located
from mlops_spec.cli.past_versions import Found
from mlops_spec.cli.proposing import Ground, Proposed, Source, Wanted, Way, propose, report_source, source
from mlops_spec.cli.rendering import project, writing
from mlops_spec.cli.stop import Stopped, stopped
from mlops_spec.cli.under_way import lock, models
from mlops_spec.compiler import Kin
from mlops_spec.diagnostic import error
from mlops_spec.language import rollout
from mlops_spec.language.layers import LOCK
from mlops_spec.language.rollout import Spelt
from mlops_spec.report import changes as report
from mlops_spec.report.changes import proposal
from mlops_spec.report.changes.markdown import code
from mlops_spec.source.files import Edited
from mlops_spec.source.tree import Map, find, mark
from mlops_spec.write import git
from mlops_spec.write.difference import unified
from mlops_spec.write.repository import Repository


class How(NamedTuple):
    """Where the edit goes: nowhere (``dry_run``), into the file, or with a ``branch`` into a commit on it.

    With a ``way`` it is a pull request, from ``branch`` or one with a name of our own.
    """

    dry_run: bool
    branch: str | None
    way: Way | None = None


class _Spec(NamedTuple):
    """A spec before the edit: its lock's bytes and data, and the environment as it is compiled."""

    located: Located
    source: Source
    raw: bytes
    pins: Map
    done: Done
    environment: str
    model: str

    @property
    def path(self) -> Addressed:
        return ("environments", self.environment, "models", self.model)

    @property
    def resolved(self) -> Map:
        return self.done.compilation.environments[self.environment].resolved

    def refuse(self, message: str, at: Addressed, hint: str, exit_code: int = exits.CONFLICT) -> Stopped:
        """Make what stops the command: a reason at a place of the lock, or of the spec where the lock has none."""
        where = mark(self.pins, at) if at[0] == "environments" and find(self.pins, at[:2]) else None
        where = where or mark(self.resolved, at)
        place = self.located.place(where.key) if where else None
        return Stopped(exit_code, [error("MS189", message, place, text(at), hint)])


class _Words(NamedTuple):
    """What an edit is called: ``message`` by people, ``branch`` in the name of one, ``command`` as it was typed."""

    message: str
    branch: str
    command: str


def promote(console: Console, located: Located, model: str, to: str, how: How) -> int:
    """Give an environment the version that the one has which it promotes from."""
    with source(located, how.way) as edited:
        return _promote(console, located, edited, model, to, how)


def _promote(console: Console, located: Located, edited: Source, model: str, to: str, how: How) -> int:
    spec = _read(console, located, edited, model, to)
    if isinstance(spec, int):
        return spec
    source = find(spec.resolved, ("environments", to, "promotes_from"))
    if source is None:
        hint = "say `promotes_from` there; a first environment takes what the registry has, by `mlops-spec lock`"
        raise spec.refuse(f"{to} promotes from no environment", ("environments", to), hint, exits.USAGE)
    path = ("environments", source, "models", model)
    pinned = rollout.live(spec.pins, path)
    if pinned is None:
        hint = f"give it one first: `mlops-spec lock --env {source}`, or `mlops-spec promote {model} --to {source}`"
        raise spec.refuse(f"the lock has no version of {model} in {source}, which {to} promotes from", path, hint)
    _refuse_under_way(spec, source, f"version {pinned['version']} has not taken over there yet")
    _refuse_under_way(spec, to, "one version at a time takes over")
    _refuse_test(spec)
    first = rollout.live(spec.pins, spec.path) is None
    whole = find(spec.pins, path) if first else pinned  # with what stands beside it, where nothing does yet
    found = Found(Spelt(spec.raw.decode(), path), whole)
    words = _Words(f"Promote {model} to {to}", "promote", f"mlops-spec promote {model} --to {to}")
    return _move(console, spec, found, how, words, gradually=not first and _in_steps(spec))


def roll_back(console: Console, located: Located, model: str, environment: str, to: int | None, how: How) -> int:
    """Give an environment the version that it had before, or the version ``to``, as Git remembers it: at once."""
    with source(located, how.way) as edited:
        return _roll_back(console, located, edited, model, environment, to, how)


def _roll_back(
    console: Console, located: Located, edited: Source, model: str, environment: str, to: int | None, how: How
) -> int:
    spec = _read(console, located, edited, model, environment)
    if isinstance(spec, int):
        return spec
    under_way = next((each for each in rollout.under_way(spec.pins) if each.path == spec.path), None)
    command = f"mlops-spec rollback {model} --env {environment}{f' --to {to}' if to is not None else ''}"
    words = _Words(f"Roll {model} back in {environment}", "rollback", command)
    if under_way is not None and to in (None, under_way.before):
        after = _edited(spec, lambda raw: rollout.abort(raw, spec.pins, under_way))
        return _finish(console, spec, after, under_way.before, how, words)
    if under_way is not None:
        _refuse_under_way(spec, environment, "it has a version before, and no other one can take over now")
    return _move(console, spec, _before(spec, to), how, words, gradually=False)


def _read(console: Console, located: Located, source: Source, model: str, environment: str) -> _Spec | int:
    """Compile the environment; the exit code where nothing of the spec can be read. Raises Stopped."""
    raw = source.files.read(LOCK, None)[0] or b""
    done = compile_located(source.there, [environment], files=source.files)
    refuse_unknown(done, [environment])
    if not done.compilation.environments:
        return report_source(console, located, source, done)
    known = models(done)
    if model not in known:
        raise stopped(exits.USAGE, "MS193", f"models has no `{model}`", meant(model, known, "model"))
    return _Spec(located, source, raw, lock(done), done, environment, model)


def _refuse_under_way(spec: _Spec, environment: str, why: str) -> None:
    path = ("environments", environment, "models", spec.model, "rollout")
    if find(spec.pins, path) is not None:
        hint = f"end it first: `mlops-spec rollout advance {spec.model} --env {environment}`, or `abort`"
        raise spec.refuse(f"a rollout of {spec.model} is under way in {environment}: {why}", path, hint)


def _refuse_test(spec: _Spec) -> None:
    at = ("models", spec.model, "ab_test", "state")
    if find(spec.resolved, at) == "running":
        message = (
            f"a test of {spec.model} is running in {spec.environment}: another version would spoil what it measures"
        )
        raise spec.refuse(message, at, "end the test first: `state: ended`")


def _in_steps(spec: _Spec) -> bool:
    said = find(spec.resolved, ("models", spec.model, "serving", "rollout"))
    return bool(said and said.get("strategy") == "canary" and said.get("steps"))


def _before(spec: _Spec, wanted: int | None) -> Found:
    """Return the version ``wanted``, or the one before, as a commit had it, whole. Raises Stopped where none had."""
    live = rollout.live(spec.pins, spec.path)
    if live is None:
        hint = "there is nothing to leave"
        raise spec.refuse(f"the lock has no version of {spec.model} in {spec.environment}", spec.path, hint)
    with writing():
        repository = Repository.require(spec.located.root)
    found = past_versions.before(
        repository, spec.located.root, spec.environment, spec.model, live["version"], wanted, spec.source.start
    )
    if found is None:
        what = f"version {wanted}" if wanted is not None else f"another version than {live['version']}"
        hint = "a shallow clone remembers less: `git fetch --unshallow`; or write the version into the lock yourself"
        raise spec.refuse(f"no commit here had {what} of {spec.model} in {spec.environment}", spec.path, hint)
    return found


def _move(console: Console, spec: _Spec, found: Found, how: How, words: _Words, *, gradually: bool) -> int:
    number = found.pinned["version"]
    if rollout.live(spec.pins, spec.path) == found.pinned:
        said = f"{spec.located.shown(LOCK)}: {spec.environment} {spec.model} is version {number} already"
        console.result(said, _data(spec, number, "", how, None, None))
        return exits.FINE

    def change(raw: str) -> str:
        return rollout.take(raw, spec.pins, spec.path, found.pinned, gradually=gradually, spelt=found.spelt)

    return _finish(console, spec, _edited(spec, change), number, how, words)


def _edited(spec: _Spec, change: Callable[[str], str]) -> bytes:
    with locked_text.editing(spec.located, spec.path):
        return change(spec.raw.decode()).encode()


def _finish(console: Console, spec: _Spec, after: bytes, version: int, how: How, words: _Words) -> int:
    """Compile what the edit makes of the spec, write it where that has no errors, and say what it will do."""
    there, files = spec.source.there, Edited(spec.source.files, {LOCK: after})
    kin = Kin(spec.done.compilation, spec.source.files, there.root)
    new = compile_located(there, [spec.environment], files=files, kin=kin)
    if new.exit_code:
        console.problems(new.compilation.diagnostics, spec.located)
        console.note("nothing is written: the spec would have these errors with that version")
        return new.exit_code
    compared = compare(spec.done, new, Pair(HERE, HERE), spec.located, [spec.environment])
    diff = unified(spec.located.shown(LOCK), spec.raw or None, after)
    published = proposed = None
    if spec.source.ground is not None:
        proposed = _propose(spec, spec.source.ground, after, version, how, words, compared)
    elif how.branch is not None and not how.dry_run:
        published = _commit(spec, after, how.branch, words.message)
    elif not how.dry_run:
        locked_text.write(spec.located, after, spec.raw or None)
    console.result(
        f"{diff}\n{report.render('text', compared)}",
        {**_data(spec, version, diff, how, published, proposed), "changes": report.as_data(compared)},
    )
    console.note(_next(spec, version, how, published, proposed))
    return exits.FINE


def _propose(
    spec: _Spec, ground: Ground, after: bytes, version: int, how: How, words: _Words, compared: report.Compared
) -> Proposed:
    live = rollout.live(spec.pins, spec.path)
    before = f", after version {live['version']}" if live else ""
    said = f"{code(spec.environment)} gets version {version} of {code(spec.model)}{before}."
    path = past_versions.lock_in(ground.repository, spec.located.root)
    diff = unified(path, spec.raw or None, after)
    wanted = Wanted(
        how.branch or f"mlops-spec/{project(spec.done)}/{words.branch}-{spec.model}-{version}-{spec.environment}",
        f"{words.message}: version {version}",
        proposal.render(said, diff, compared, f"{words.command} --pull-request"),
    )
    return propose(ground, wanted, path, spec.raw or None, after, dry_run=how.dry_run)


def _commit(spec: _Spec, after: bytes, branch: str, message: str) -> git.Published:
    with writing():
        repository = Repository.require(spec.located.root)
        path = past_versions.lock_in(repository, spec.located.root)
        return git.publish(repository, [git.Edited(branch, path, spec.raw or None, after, message)])[0]


def _next(spec: _Spec, version: int, how: How, published: git.Published | None, proposed: Proposed | None) -> str:
    what = f"{spec.environment} {spec.model} is version {version}"
    if proposed is not None and how.dry_run:
        known = f"{proposed.url} is open" if proposed.url else f"no {proposed.words} is open"
        return f"{what} with the {proposed.words} from {proposed.branch}; nothing is pushed, and {known}"
    if proposed is not None:
        return f"{what} once this {proposed.words} is merged: {proposed.url}"
    if how.dry_run:
        return f"{what}; nothing is written"
    if published is None or published.commit is None:
        return f"{what}; commit it, and `mlops-spec publish` renders it"
    return f"{what}; {published.branch} is at {published.commit[:10]}; push it, and `mlops-spec publish` renders it"


def _data(
    spec: _Spec, version: int, diff: str, how: How, published: git.Published | None, proposed: Proposed | None
) -> dict[str, Any]:
    moved = proposed or published
    return {
        "environment": spec.environment,
        "model": spec.model,
        "version": version,
        "file": spec.located.shown(LOCK),
        "written": bool(diff) and not how.dry_run,
        "branch": moved.branch if moved else None,
        "commit": moved.commit if moved else None,
        "pull_request": {"number": proposed.number, "url": proposed.url} if proposed else None,
        "diff": diff,
    }
