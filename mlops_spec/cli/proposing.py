"""An edit of a spec's file as a pull request: of what the remote has, pushed, and opened or updated."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from mlops_spec.cli import exits
from mlops_spec.cli.committed import committed
from mlops_spec.cli.comparing import of_commit
from mlops_spec.cli.compiling import Done
from mlops_spec.cli.console import Console, moved
from mlops_spec.cli.locate import Located
from mlops_spec.cli.rendering import report_compile, writing
from mlops_spec.cli.stop import stopped
from mlops_spec.live import forge
from mlops_spec.live.forge import Forge
from mlops_spec.source.files import Files, Folder
from mlops_spec.write import proposal, remote
from mlops_spec.write.draft import Edited
from mlops_spec.write.remote import Remote
from mlops_spec.write.repository import Repository


class Way(NamedTuple):
    """Where a pull request goes, as far as it was said: a remote's name, the branch it goes into, the forge's kind."""

    remote: str | None
    base: str | None
    forge: str | None


class Ground(NamedTuple):
    """What a pull request is made upon: ``commit`` is where the remote has the branch ``base``."""

    repository: Repository
    remote: Remote
    forge: Forge
    base: str
    commit: str


class Source(NamedTuple):
    """What is edited: a spec's ``files``, compiled as ``there``, with the history up to ``start``.

    Those are the ones on disk, or with a ``ground`` the ones that the remote has.
    """

    there: Located
    files: Files
    start: str
    ground: Ground | None


class Wanted(NamedTuple):
    """A pull request to be: the branch it comes from, and what it says."""

    branch: str
    title: str
    body: str


class Proposed(NamedTuple):
    """A pull request that is open; without a ``commit`` nothing was pushed, and without a ``number`` it is none yet."""

    words: str
    branch: str
    commit: str | None
    number: int | None
    url: str | None


@contextmanager
def source(located: Located, way: Way | None) -> Iterator[Source]:
    """Give what is edited: with a ``way`` as the branch has it that the pull request goes into. Raises Stopped."""
    if way is None:
        yield Source(located, Folder(located.root), "HEAD", None)
        return
    ground = _ground(located, way)
    with committed(located, ground.repository, ground.commit) as (there, files):
        yield Source(there, files, ground.commit, ground)


def report_source(console: Console, located: Located, source: Source, done: Done) -> int:
    """Print the problems of a compile, with ``ground`` as the commit has them; return its exit code."""
    if source.ground is None:
        return report_compile(console, done)
    commit = source.ground.commit[:10]
    told = done.compilation.diagnostics
    console.problems(moved(d, lambda place: of_commit(commit, located, place)) for d in told)
    return done.exit_code


def propose(
    ground: Ground, wanted: Wanted, path: str, before: bytes | None, after: bytes, *, dry_run: bool
) -> Proposed:
    """Push the file ``path`` (from the repository's root) with its new content, and open or update the pull request.

    Raises Stopped: nothing is pushed then, or the message says that it is.
    """
    if wanted.branch == ground.base:
        hint = "name another one with --branch"
        raise stopped(exits.USAGE, "MS523", f"{wanted.branch} is the branch that the pull request goes into", hint)
    edited = Edited(wanted.branch, path, before, after, wanted.title)
    with writing():
        tips = remote.ask(ground.repository, ground.remote, (ground.base, wanted.branch))
        remote.refuse_moved(ground.remote, tips, ground.base, ground.commit)
        if wanted.branch in tips.commits:
            remote.bring(ground.repository, ground.remote, (wanted.branch,), tips)
    try:  # asked before anything is pushed, since that tells as well whether anyone is logged in
        request = ground.forge.find(wanted.branch, ground.base)
    except forge.Refused as problem:
        raise stopped(exits.IO, "MS524", f"nothing is pushed: {problem}", _again(ground)) from problem
    if dry_run:
        return _told(ground, wanted, None, request)
    with writing():
        commit = proposal.propose(ground.repository, ground.remote, tips, ground.base, edited)
    try:
        if request is None:
            request = ground.forge.open(wanted.branch, ground.base, wanted.title, wanted.body)
        else:
            request = ground.forge.update(request, wanted.title, wanted.body)
    except forge.Refused as problem:
        what = f"the {ground.forge.words} {'is not open' if request is None else 'has still its old text'}"
        message = f"{wanted.branch} is pushed to {ground.remote.name}, but {what}: {problem}"
        raise stopped(exits.IO, "MS524", message, _again(ground)) from problem
    return _told(ground, wanted, commit, request)


def _told(ground: Ground, wanted: Wanted, commit: str | None, request: forge.Opened | None) -> Proposed:
    number, url = (request.number, request.url) if request else (None, None)
    return Proposed(ground.forge.words, wanted.branch, commit, number, url)


def _again(ground: Ground) -> str:
    name = os.path.basename(ground.forge.program)
    return f"`{name} auth status` tells who is logged in; run again, it goes on from there; or open it by hand"


def _ground(located: Located, way: Way) -> Ground:
    with writing():
        repository = Repository.require(located.root)
        found = remote.find(repository, way.remote)
        chosen = _forge(found, way)
        tips = remote.ask(repository, found, [way.base] if way.base else [])
        base = remote.base(repository, found, tips, way.base)
        remote.bring(repository, found, [base], tips)
    return Ground(repository, found, chosen, base, tips.commits[base])


def _forge(found: Remote, way: Way) -> Forge:
    try:
        return forge.choose(found.url, way.forge)
    except forge.Unknown as problem:
        code = exits.IO if problem.is_missing else exits.USAGE
        raise stopped(code, "MS523", f"{found.name}: {problem}", problem.hint) from problem
