"""Publish rendered trees as commits: every branch moves or none, and nobody's work is touched."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from mlops_spec.write import checkout
from mlops_spec.write.draft import Edited, Planned, draft, draft_edit
from mlops_spec.write.failure import CONFLICT, IO, USAGE, io_reported, refusal
from mlops_spec.write.interrupt import deferred, stop_if_asked
from mlops_spec.write.journal import Move, close_journal, finish, follow, move_refs, open_journal
from mlops_spec.write.process import GitFailed, git
from mlops_spec.write.repository import Repository
from mlops_spec.write.workspace import PATIENCE, sweep, workspace

__all__ = ["Edited", "Planned", "Published", "Repository", "publish"]

_REFS = "refs/heads/"


class Published(NamedTuple):
    """What became of one planned commit: paths below its folder, inventories included.

    ``commit`` is where the branch moved to; None: it was up to date.
    """

    branch: str
    commit: str | None
    changed: tuple[str, ...]
    removed: tuple[str, ...]


class _Drafts(NamedTuple):
    published: tuple[Published, ...]
    moves: list[Move]


def publish(
    repository: Repository,
    commits: Sequence[Planned | Edited],
    *,
    allow_prune: bool = False,
    patience: float = PATIENCE,
) -> tuple[Published, ...]:
    """Commit each planned tree, or edited file, to its branch. A new branch starts where a remote has it, else at HEAD.

    Several trees for one branch become commits on top of one another. The user's index, staged work and untracked files
    stay as they are, but where a branch is checked out the paths that moved follow. Waits ``patience`` seconds for
    another run. Raises WriteFailed, with everything as it was; a signal before the branches move raises SystemExit.
    """
    scratch = os.path.join(repository.common, "mlops-spec")
    with deferred(), io_reported(repository.common), _git_reported(), workspace(scratch, patience):
        sweep(scratch)
        checkout.refuse_busy(repository.directory)
        finish(repository)
        drafts = _draft(repository, commits, scratch, allow_prune)
        for move in drafts.moves:
            _refuse_checked_out(repository, move)
        stop_if_asked()
        if drafts.moves:
            _move(repository, drafts.moves, scratch)
    return drafts.published


def _draft(repository: Repository, commits: Sequence[Planned | Edited], scratch: str, allow_prune: bool) -> _Drafts:
    starts: dict[str, str | None] = {}
    tips: dict[str, str] = {}
    published = []
    for number, planned in enumerate(commits):
        stop_if_asked()
        ref = _ref(repository, planned.branch)
        is_new = False
        if ref not in tips:
            starts[ref], tips[ref] = _start(repository, ref)
            is_new = starts[ref] is None
        folder = os.path.join(scratch, str(number))
        os.mkdir(folder)
        if isinstance(planned, Edited):
            commit, plan = draft_edit(repository, tips[ref], planned, folder)
        else:
            commit, plan = draft(repository, tips[ref], planned, folder, allow_prune)
        moved = is_new or commit != tips[ref]
        tips[ref] = commit
        published.append(Published(ref.removeprefix(_REFS), commit if moved else None, plan.write, plan.delete))
    moves = [Move(ref, old, tips[ref]) for ref, old in starts.items() if old != tips[ref]]
    return _Drafts(tuple(published), moves)


def _ref(repository: Repository, branch: str) -> str:
    if branch == "HEAD":
        ref = repository.own_branch()
        if ref is None:
            hint = "name the branch (--branch main), or check one out"
            raise refusal(CONFLICT, "MS163", "HEAD is detached, so there is no branch that it is on", hint)
        return ref
    if not repository.is_branch_name(branch):
        raise refusal(USAGE, "MS161", f"Git takes no branch of the name {branch!r}", "choose a name such as main")
    return _REFS + branch


def _start(repository: Repository, ref: str) -> tuple[str | None, str]:
    """Return the commit that a branch is at (None: there is no such branch), and the one to build on."""
    tip = repository.commit(ref)
    if tip is not None:
        return tip, tip
    base = _remote(repository, ref.removeprefix(_REFS)) or repository.commit("HEAD")
    if base is None or repository.own_branch() == ref:
        message = f"there is no commit yet that {ref.removeprefix(_REFS)} could start from"
        raise refusal(CONFLICT, "MS162", message, "commit the spec first, then run again")
    return None, base


def _remote(repository: Repository, branch: str) -> str | None:
    """Return where the one remote that has ``branch`` has it: a clone need not have it checked out."""
    patterns = f"refs/remotes/*/{branch}"
    found = git(repository.folder, "for-each-ref", "--format=%(objectname)", patterns).decode().split()
    return found[0] if len(found) == 1 else None


def _refuse_checked_out(repository: Repository, move: Move) -> None:
    holders = checkout.holders(repository, move.ref)
    if holders and move.old is None:
        raise refusal(CONFLICT, "MS162", f"{move.ref} is checked out and has no commit yet", "commit the spec first")
    for worktree in holders:
        changed = checkout.changes(repository, move.old or "", move.new)
        checkout.refuse_local_edits(repository, worktree, changed)


def _move(repository: Repository, moves: list[Move], scratch: str) -> None:
    open_journal(repository, moves, scratch)
    try:
        move_refs(repository, moves, "mlops-spec publish")
    except GitFailed as problem:
        close_journal(repository)
        moved = [move.ref for move in moves if repository.commit(move.ref) != move.old]
        if not moved:
            raise
        message = f"{moved[0].removeprefix(_REFS)} moved while it was being published to; nothing was changed"
        raise refusal(CONFLICT, "MS170", message, "run again") from problem
    try:
        follow(repository, moves)
    except (GitFailed, OSError) as problem:
        message = f"the branches moved, but the files checked out could not follow: {problem}"
        raise refusal(IO, "MS173", message, "mend that, then run again to finish") from problem
    close_journal(repository)


@contextmanager
def _git_reported() -> Iterator[None]:
    try:
        yield
    except GitFailed as problem:
        raise refusal(CONFLICT, "MS172", f"Git refused: {problem.reason}", "mend that, then run again") from problem
