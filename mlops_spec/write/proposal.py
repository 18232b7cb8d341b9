"""An edit of one file as a commit on a branch of a remote, for people to merge; no branch of this repository moves.

The commit says in a trailer what it made of the file. By that a later run knows its own branch again, and leaves one
alone that somebody else committed to.
"""

from __future__ import annotations

import os
from tempfile import TemporaryDirectory

from mlops_spec.write import checkout
from mlops_spec.write.draft import Edited, draft_edit
from mlops_spec.write.failure import CONFLICT, refusal
from mlops_spec.write.process import git
from mlops_spec.write.remote import Remote, Tips, push
from mlops_spec.write.repository import Repository

TRAILER = "Proposed-Blob"


def propose(repository: Repository, remote: Remote, tips: Tips, base: str, edited: Edited) -> str:
    """Push ``edited`` on top of the remote's branch ``base`` as ``edited.branch``, and return the commit.

    ``tips`` are both branches as they were fetched. A branch that holds the edit of an earlier run alone is moved; one
    that has just this edit on ``base`` already stays. Raises WriteFailed where somebody else committed to it, where it
    moved meanwhile, and where the remote refuses.
    """
    start, tip = tips.commits[base], tips.commits.get(edited.branch)
    if tip is not None:
        _refuse_foreign(repository, remote, start, tip, edited)
    message = f"{edited.message}\n\n{TRAILER}: {repository.blob(edited.after)}"
    with TemporaryDirectory(prefix="mlops-spec-") as scratch:
        commit, _ = draft_edit(repository, start, edited._replace(message=message), scratch)
    if tip is not None and _same(repository, tip, commit):
        return tip
    push(repository, remote, edited.branch, commit, tip)
    return commit


def _same(repository: Repository, one: str, other: str) -> bool:
    """Tell whether two commits have the same files, parents and message: only when they were made differs."""
    printed = (git(repository.folder, "show", "--no-patch", "--format=%T %P%n%B", name) for name in (one, other))
    return len({*printed}) == 1


def _refuse_foreign(repository: Repository, remote: Remote, start: str, tip: str, edited: Edited) -> None:
    """Raise WriteFailed where a branch has, beside what ``start`` has, anything else than one commit of ours."""
    apart = os.fsdecode(git(repository.folder, "rev-list", tip, f"^{start}")).split()
    if not apart or (len(apart) == 1 and _is_ours(repository, tip, edited.path)):
        return
    message = f"{edited.branch} of {remote.name} has commits of somebody else, which stay; nothing was changed"
    hint = f"merge or delete it (git push {remote.name} :{edited.branch}), or name another branch with --branch"
    raise refusal(CONFLICT, "MS525", message, hint)


def _is_ours(repository: Repository, commit: str, path: str) -> bool:
    said = git(repository.folder, "show", "--no-patch", f"--format=%(trailers:key={TRAILER},valueonly)%x00%P", commit)
    trailer, _, parents = os.fsdecode(said).strip().partition("\0")
    entry = repository.entry(commit, path)
    if entry is None or trailer.strip() != entry.id or len(parents.split()) != 1:
        return False
    return [*checkout.changes(repository, parents.strip(), commit)] == [path]
