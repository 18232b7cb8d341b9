"""A commit made beside everything else: blobs, a tree built in a private index, and no ref that moves."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from mlops_spec.diagnostic import Diagnostic, error
from mlops_spec.write import inventory, ownership
from mlops_spec.write.failure import CONFLICT, WriteFailed, refusal
from mlops_spec.write.ownership import Plan
from mlops_spec.write.process import GitFailed, git, line
from mlops_spec.write.repository import EXECUTABLE, FILE, LINK, SUBMODULE, Entry, Repository

_FOLDER = "040000"


class Planned(NamedTuple):
    """A commit that is wanted: ``tree`` (path to text) of a ``project`` below the folder ``path``, on ``branch``.

    ``branch`` is a name, or ``HEAD`` for the branch that is checked out. Top-level folders that ``tree`` does not have
    are pruned where ``environments`` names them, or is None.
    """

    branch: str
    path: str
    tree: Mapping[str, str]
    message: str
    environments: Collection[str] | None = None
    project: str | None = None


class Edited(NamedTuple):
    """A commit that is wanted: the file ``path`` of the repository with another content, on ``branch``.

    ``before`` is what it must have there, None that there is no file.
    """

    branch: str
    path: str
    before: bytes | None
    after: bytes
    message: str


def draft_edit(repository: Repository, base: str, edited: Edited, scratch: str) -> tuple[str, Plan]:
    """Return the commit on top of ``base`` that ``edited`` asks for (``base``: it is so already), and what it changes.

    Raises WriteFailed where the file has another content than the one that was edited.
    """
    entry = repository.entry(base, edited.path)
    if entry is not None and entry.mode not in (FILE, EXECUTABLE):
        raise WriteFailed(CONFLICT, [_odd(entry, edited.path)])
    wanted = Entry(entry.mode if entry else FILE, repository.blob(edited.after))
    if entry == wanted:
        return base, Plan((), ())
    if (entry.id if entry else None) != (None if edited.before is None else repository.blob(edited.before)):
        message = f"{edited.path} has another content on {edited.branch} than the one that was edited"
        raise refusal(CONFLICT, "MS170", message, "bring the two together (git pull, git rebase), then run again")
    _refuse_anonymous(repository)
    _store(repository, [edited.after], scratch)
    index = os.path.join(scratch, "index")
    return _commit(repository, base, {edited.path: wanted}, edited.message, index), Plan((edited.path,), ())


def draft(repository: Repository, base: str, planned: Planned, scratch: str, allow_prune: bool) -> tuple[str, Plan]:
    """Return the commit on top of ``base`` that ``planned`` asks for (``base`` itself: no change), and what it changes.

    ``scratch`` is an empty folder for the index and the contents. Raises WriteFailed.
    """
    folder = _normal(planned.path)
    place = folder or "the repository"
    _refuse_way_in(repository, base, folder)
    present = repository.files(base, folder)
    contents = inventory.complete(planned.tree, planned.project)
    wanted = {path: Entry(FILE, repository.blob(content)) for path, content in contents.items()}
    listed, projects = _listed(repository, planned, present)
    _refuse_odd_entries(present, {*wanted, *listed}, place)
    current = {path: entry for path, entry in present.items() if path in wanted or path in listed}
    ownership.refuse_empty(planned.tree, current, place)
    ownership.refuse_another(projects, planned.project, allow_prune, place)
    plan = ownership.changes(wanted, current, listed)
    # A commit holds what someone wanted to keep: what it has at a listed path is ours.
    ownership.refuse(plan, current, listed, present, lambda *_: True, allow_prune, place)
    _refuse_ignored(repository, [_join(folder, path) for path in plan.write])
    if not plan:
        return base, plan
    _refuse_anonymous(repository)
    _store(repository, [contents[path] for path in plan.write], scratch)
    changed: dict[str, Entry | None] = {_join(folder, path): None for path in plan.delete}
    changed |= {_join(folder, path): wanted[path] for path in plan.write}
    return _commit(repository, base, changed, planned.message, os.path.join(scratch, "index")), plan


def index_lines(repository: Repository, changed: Mapping[str, Entry | None]) -> bytes:
    """Print entries (None: none any more) for ``update-index -z --index-info``; what goes makes room for what comes."""
    gone = [f"0 {repository.nothing}\t{path}\0" for path, entry in changed.items() if entry is None]
    come = [f"{entry.mode} {entry.id}\t{path}\0" for path, entry in changed.items() if entry is not None]
    return os.fsencode("".join(gone + come))


def _normal(path: str) -> str:
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if path.startswith("/") or ".." in parts:
        raise ValueError(f"not a folder of the repository: {path!r}")
    return "/".join(parts)


def _join(folder: str, path: str) -> str:
    return f"{folder}/{path}" if folder else path


def _listed(repository: Repository, planned: Planned, present: Mapping[str, Entry]) -> inventory.Listed:
    folders = inventory.folders_in_scope(planned.tree, present, planned.environments)
    entries = {path: present[path] for folder in folders if (path := inventory.file_of(folder)) in present}
    contents = repository.contents(entry.id for entry in entries.values() if entry.mode in (FILE, EXECUTABLE))
    return inventory.listed(folders, lambda path: contents.get(entries[path].id) if path in entries else None)


def _commit(repository: Repository, base: str, changed: Mapping[str, Entry | None], message: str, index: str) -> str:
    folder = repository.folder
    git(folder, "read-tree", base, index=index)
    git(folder, "update-index", "-z", "--index-info", stdin=index_lines(repository, changed), index=index)
    tree = line(folder, "write-tree", index=index)
    text = (message.rstrip("\n") + "\n").encode()
    return git(folder, "commit-tree", tree, "-p", base, "-F", "-", stdin=text, identity=True).decode().strip()


def _store(repository: Repository, contents: Iterable[bytes], scratch: str) -> None:
    names = []
    for number, content in enumerate(contents):
        names.append(os.path.join(scratch, str(number)))
        with open(names[-1], "wb") as stream:
            stream.write(content)
    stdin = os.fsencode("".join(f"{name}\n" for name in names))
    git(repository.folder, "hash-object", "-w", "--no-filters", "--stdin-paths", stdin=stdin)


def _refuse_anonymous(repository: Repository) -> None:
    for who in ("AUTHOR", "COMMITTER"):
        try:
            git(repository.folder, "var", f"GIT_{who}_IDENT", identity=True)
        except GitFailed as problem:
            message = f"Git does not know who commits: {problem.reason}"
            hint = "git config user.name 'Ada Lovelace'; git config user.email ada@acme.example"
            raise refusal(CONFLICT, "MS169", message, hint) from problem


def _refuse_way_in(repository: Repository, base: str, folder: str) -> None:
    for path in (*ownership.parents(folder), folder) if folder else ():
        entry = repository.entry(base, path)
        if entry is not None and entry.mode != _FOLDER:
            raise WriteFailed(CONFLICT, [_odd(entry, path)])


def _refuse_odd_entries(present: Mapping[str, Entry], ours: Collection[str], place: str) -> None:
    odd = {path for path, entry in present.items() if entry.mode in (LINK, SUBMODULE)}
    found = ownership.below(ours, odd)
    if found:
        raise WriteFailed(CONFLICT, [_odd(present[path], f"{place}/{path}") for path in found])


def _odd(entry: Entry, path: str) -> Diagnostic:
    if entry.mode == SUBMODULE:
        hint = "publish to another folder, or run this inside the submodule"
        return error("MS166", f"{path} is a submodule, whose files are another repository's", None, "", hint)
    if entry.mode == LINK:
        hint = "replace the symlink by a folder, or publish to another one"
        return error(
            "MS171", f"{path} is a symlink in the repository, and a rendered file should go there", None, "", hint
        )
    return error(
        "MS151", f"{path} is a file, and a folder of ours should go there", None, "", "publish to another folder"
    )


def _refuse_ignored(repository: Repository, paths: Iterable[str]) -> None:
    if repository.top is None:
        return
    stdin = os.fsencode("".join(f"{path}\0" for path in paths))
    try:
        printed = git(repository.top, "check-ignore", "-z", "-v", "--no-index", "--stdin", stdin=stdin)
    except GitFailed:
        # It fails where nothing is ignored, and where a symlink is on the way: that stops whoever has it checked out.
        return
    fields = iter(os.fsdecode(printed).split("\0"))
    for source, number, pattern, path in zip(fields, fields, fields, fields):
        if not pattern.startswith("!"):
            message = f"{path} is ignored by Git: {source}:{number} says {pattern}"
            hint = f"add !{path} to .gitignore, or publish to another folder"
            raise refusal(CONFLICT, "MS167", message, hint)
