"""The revisions that a command is given, as commits."""

from __future__ import annotations

from collections.abc import Sequence

from mlops_spec.cli import exits
from mlops_spec.cli.comparing import HERE, Pair
from mlops_spec.cli.stop import stopped
from mlops_spec.write.process import GitFailed, line
from mlops_spec.write.repository import Repository


def pair_of(repository: Repository, given: Sequence[str]) -> Pair:
    """Return what is compared: nothing is HEAD with the files here, and A...B begins where B left A. Raises Stopped."""
    words = list(given)
    if len(words) == 1 and "..." in words[0]:
        one, _, other = words[0].partition("...")
        return Pair(merge_base(repository, one or "HEAD", other or "HEAD"), other or "HEAD")
    if len(words) == 1 and ".." in words[0]:
        one, _, other = words[0].partition("..")
        return Pair(one or "HEAD", other or "HEAD")
    if len(words) > 2:
        raise stopped(exits.USAGE, "MS179", f"two revisions are compared, and these are {len(words)}", "name two")
    return Pair(words[0] if words else "HEAD", words[1] if len(words) == 2 else HERE)


def merge_base(repository: Repository, one: str, other: str) -> str:
    """Return, cut to ten digits, the commit that two revisions come from. Raises Stopped where none is known here."""
    try:
        found = line(repository.folder, "merge-base", commit(repository, one), commit(repository, other))
    except GitFailed:
        hint = "fetch more of its history, such as by `git fetch --unshallow`, or name the two with two dots"
        message = f"no commit is known here that both {one} and {other} come from"
        raise stopped(exits.CONFLICT, "MS179", message, hint) from None
    return found[:10]


def commit(repository: Repository, revision: str) -> str:
    """Return the commit that a revision stands for. Raises Stopped where Git knows none."""
    found = repository.commit(revision)
    if found is None:
        hint = "fetch it, such as by `git fetch origin main`, or name another one"
        raise stopped(exits.CONFLICT, "MS179", f"Git knows no commit {revision} here", hint)
    return found
