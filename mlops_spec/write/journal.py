"""What a publication is about to do, on the disk while it does it: a run that was killed is finished by the next."""

from __future__ import annotations

import json
import os
from typing import NamedTuple

from mlops_spec.write import checkout
from mlops_spec.write.process import git
from mlops_spec.write.repository import Repository

_NAME = "mlops-spec-publish.json"


class Move(NamedTuple):
    """A branch that moves from one commit to another; ``old`` is None for a new branch."""

    ref: str
    old: str | None
    new: str


def open_journal(repository: Repository, moves: list[Move], scratch: str) -> None:
    """Put down which refs are going to move."""
    partial = os.path.join(scratch, "journal")
    with open(partial, "w", encoding="utf-8") as stream:
        json.dump(moves, stream)
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(partial, _file(repository))


def close_journal(repository: Repository) -> None:
    """Forget: everything is done, or nothing happened."""
    os.unlink(_file(repository))


def move_refs(repository: Repository, moves: list[Move], reason: str) -> None:
    """Move all refs or none. Raises GitFailed where one is not at its old commit."""
    rows = [f"update {ref} {new} {old or repository.nothing}" for ref, old, new in moves]
    # Explicitly a transaction: if this process ends in the middle of the text, git aborts.
    text = "\n".join(("start", *rows, "prepare", "commit", ""))
    git(repository.folder, "update-ref", "-m", reason, "--stdin", stdin=text.encode(), identity=True)


def follow(repository: Repository, moves: list[Move]) -> None:
    """Bring the work trees along in which a moved branch is checked out."""
    for ref, old, new in moves:
        if old is not None:
            changed = checkout.changes(repository, old, new)
            for worktree in checkout.holders(repository, ref):
                checkout.sync(repository, worktree, changed)


def finish(repository: Repository) -> None:
    """Finish what a killed run began: if one of its refs moved, the others move too, and work trees follow."""
    moves = _read(repository)
    if moves is None:
        return
    tips = {move.ref: repository.commit(move.ref) for move in moves}
    done = [move for move in moves if tips[move.ref] == move.new]
    if done:
        missing = [move for move in moves if tips[move.ref] == move.old]
        if missing:
            move_refs(repository, missing, "mlops-spec publish (finished)")
        follow(repository, done + missing)
    close_journal(repository)


def _read(repository: Repository) -> list[Move] | None:
    try:
        with open(_file(repository), encoding="utf-8") as stream:
            return [Move(*move) for move in json.load(stream)]
    except FileNotFoundError:
        return None


def _file(repository: Repository) -> str:
    return os.path.join(repository.common, _NAME)
