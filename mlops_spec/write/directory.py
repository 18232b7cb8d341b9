"""Write a rendered tree into a folder: whole or not at all, and only over files of ours."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from mlops_spec.diagnostic import Diagnostic, error
from mlops_spec.write import inventory, ownership, staging
from mlops_spec.write.exchange import make_durable, recover, swap
from mlops_spec.write.failure import CONFLICT, IO, WriteFailed, io_reported, refusal
from mlops_spec.write.folder import Snapshot, real_path, refuse_unsuitable, snapshot
from mlops_spec.write.interrupt import deferred
from mlops_spec.write.memory import Memory, digest, recall, remember
from mlops_spec.write.ownership import Plan
from mlops_spec.write.workspace import PATIENCE, sweep, workspace

Head = Callable[[str], bytes | None]


class Written(NamedTuple):
    """What was done: paths below the output, inventories included. All empty: everything was up to date."""

    written: tuple[str, ...]
    deleted: tuple[str, ...]


class Changes(NamedTuple):
    """What a write would do: files to add, to change and to delete, and all that as a unified diff."""

    missing: tuple[str, ...]
    stale: tuple[str, ...]
    surplus: tuple[str, ...]
    diff: str

    @property
    def up_to_date(self) -> bool:
        return not (self.missing or self.stale or self.surplus)


class _Survey(NamedTuple):
    before: Snapshot
    wanted: dict[str, bytes]
    current: dict[str, bytes]
    listed: frozenset[str]
    projects: Mapping[str, str]
    folders: set[str]
    plan: Plan


def write(
    out: Path,
    tree: Mapping[str, str],
    *,
    state: Path,
    project: str | None = None,
    head: Head | None = None,
    allow_prune: bool = False,
    environments: Collection[str] | None = None,
    patience: float = PATIENCE,
) -> Written:
    """Make ``out`` hold ``tree`` (path to text) of a ``project``, and keep everything in it that is not ours.

    ``head`` returns what Git's HEAD has at a path below ``out``; ``state`` is the folder that remembers past renders.
    Files of top-level folders that ``tree`` does not have are deleted where ``environments`` names them, or is None.
    Waits ``patience`` seconds for another run. Raises WriteFailed; a signal raises SystemExit (130, 143), and in both
    cases the folder is as it was.
    """
    target = real_path(os.fspath(out))
    work, wanted = _workspace_of(target), inventory.complete(tree, project)
    with deferred(), io_reported(str(out)):
        survey = _survey(target, wanted, environments, str(out))
        if _is_settled(survey, target, state, work):
            return Written((), ())
        refuse_unsuitable(target)
        with _parents(target), workspace(work, patience):
            recover(target, os.path.join(work, "aside"))
            sweep(work)
            survey = _survey(target, wanted, environments, str(out))
            ownership.refuse_another(survey.projects, project, allow_prune, str(out))
            _refuse(survey, head, recall(state, target), allow_prune, str(out))
            remember(state, target, _memory(survey, recall(state, target)))
            if survey.plan:
                _replace(target, work, survey, str(out))
        return Written(*survey.plan)


def compare(
    out: Path,
    tree: Mapping[str, str],
    *,
    project: str | None = None,
    environments: Collection[str] | None = None,
    prefix: str = "",
) -> Changes:
    """Say what ``write`` would change, and change nothing; ``prefix`` is before each path in the diff.

    Raises WriteFailed where the folder cannot be read.
    """
    from mlops_spec.write.difference import unified  # here, since who writes compares nothing line by line

    with io_reported(str(out)):
        survey = _survey(real_path(os.fspath(out)), inventory.complete(tree, project), environments, str(out))
    plan, current = survey.plan, survey.current
    return Changes(
        missing=tuple(path for path in plan.write if path not in current),
        stale=tuple(path for path in plan.write if path in current),
        surplus=plan.delete,
        diff="".join(
            unified(prefix + path, current.get(path), survey.wanted.get(path)) for path in sorted(sum(plan, ()))
        ),
    )


@contextmanager
def _parents(target: str) -> Iterator[None]:
    """Make the folders that ``target`` is in; those that turn out not to be needed are removed again."""
    missing = [path for path in ownership.parents(target) if path and not os.path.lexists(path)]
    try:
        for path in reversed(missing):
            os.mkdir(path)
        yield
    finally:
        if not os.path.lexists(target):
            # One that holds what is remembered stays.
            with suppress(OSError):
                for path in missing:
                    os.rmdir(path)


def _workspace_of(target: str) -> str:
    parent, name = os.path.split(target)
    return os.path.join(parent, f".{name}.mlops-spec")


def _survey(target: str, wanted: dict[str, bytes], environments: Collection[str] | None, out: str) -> _Survey:
    before = snapshot(target)

    def read(path: str) -> bytes | None:
        leaf = before.leaves.get(path)
        return _content(os.path.join(target, path)) if leaf is not None and leaf.is_file else None

    folders = inventory.folders_in_scope(wanted, before.leaves, environments)
    listed, projects = inventory.listed(folders, read)
    _refuse_links(before, {*wanted, *listed}, out)
    found = {path: content for path in {*wanted, *listed} if (content := read(path)) is not None}
    ownership.refuse_empty(wanted, found, out)
    return _Survey(before, wanted, found, listed, projects, folders, ownership.changes(wanted, found, listed))


def _is_settled(survey: _Survey, target: str, state: Path, work: str) -> bool:
    """Tell whether there is nothing to do, not even to remember or to clean up after a run that was killed."""
    if survey.plan or os.path.lexists(work):
        return False
    remembered = recall(state, target)
    known = all(digest(content) in remembered.get(path, ()) for path, content in survey.wanted.items())
    return known or not os.access(os.path.dirname(target), os.W_OK)


def _refuse(survey: _Survey, head: Head | None, remembered: Memory, allow_prune: bool, out: str) -> None:
    def is_ours(path: str, content: bytes) -> bool:
        if digest(content) in remembered.get(path, ()):
            return True
        committed = head(path) if head is not None else None
        # Git may have been told to check out with CRLF.
        return committed is not None and committed in (content, content.replace(b"\r\n", b"\n"))

    # An empty folder may hold files of ours, and is in the way where one of them should stand itself.
    leaves = [f"{path}/." if leaf.is_folder else path for path, leaf in survey.before.leaves.items()]
    ownership.refuse(survey.plan, survey.current, survey.listed, leaves, is_ours, allow_prune, out)


def _memory(survey: _Survey, remembered: Memory) -> Memory:
    """Remember what will be there, and what is there: a kill may come before the exchange as well as after it."""
    memory = {path: digests for path, digests in remembered.items() if inventory.unit(path) not in survey.folders}
    for path in sorted({*survey.wanted, *survey.plan.delete}):
        contents = (files[path] for files in (survey.wanted, survey.current) if path in files)
        memory[path] = tuple(dict.fromkeys(map(digest, contents)))
    return memory


def _replace(target: str, work: str, survey: _Survey, out: str) -> None:
    staged, plan = os.path.join(work, "tree"), survey.plan
    staging.build(staged, target, survey.before, {path: survey.wanted[path] for path in plan.write}, plan.delete)
    if not survey.before.folders:
        os.rename(staged, target)
    else:
        _exchange(staged, target, os.path.join(work, "aside"), survey.before, out)
    make_durable([], os.path.dirname(target))


def _exchange(staged: str, target: str, aside: str, before: Snapshot, out: str) -> None:
    swap(staged, target, aside)
    if not snapshot(staged).same_files(before):
        swap(staged, target, aside)
        message = f"{out} was changed by someone else while it was being written; nothing was changed"
        raise refusal(CONFLICT, "MS159", message, "run again")


def _refuse_links(before: Snapshot, ours: set[str], out: str) -> None:
    links = {path for path, leaf in before.leaves.items() if leaf.is_link}
    found = ownership.below(ours, links)
    if found:
        raise WriteFailed(IO, [_link(f"{out}/{path}") for path in found])


def _link(path: str) -> Diagnostic:
    message = f"{path} is a symlink, and a rendered file or folder should go there; it is not followed"
    return error("MS154", message, None, "", "delete the symlink, or move it out of the way")


def _content(path: str) -> bytes:
    with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NOFOLLOW)) as stream:
        return stream.read()
