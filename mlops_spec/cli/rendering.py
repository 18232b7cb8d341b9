"""A compiled tree into a folder or a stream, and what is said about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import click

from mlops_spec.blueprint.lower.environment import PROJECT
from mlops_spec.cli import exits
from mlops_spec.cli.compiling import Done
from mlops_spec.cli.console import Console
from mlops_spec.cli.stop import Stopped
from mlops_spec.render.readme import README
from mlops_spec.render.tree import KUSTOMIZATION, is_object
from mlops_spec.source.tree import find
from mlops_spec.write import directory
from mlops_spec.write.failure import WriteFailed
from mlops_spec.write.repository import Repository

STATE = ".mlops-spec"
WRITTEN, UNCHANGED, STALE, UP_TO_DATE = "written", "unchanged", "stale", "up to date"
_ABOUT_OBJECTS = (KUSTOMIZATION, README)


def report_compile(console: Console, done: Done) -> int:
    """Print the problems of a compile, among them what it withheld; return its exit code."""
    console.problems(done.compilation.diagnostics, done.located, done.texts)
    return done.exit_code


def tree_of(done: Done, environments: Sequence[str]) -> dict[str, str]:
    """Return what is to be written: everything, or of the ``environments`` what is theirs alone."""
    tree = done.compilation.tree
    return {p: text for p, text in tree.items() if not environments or not p.startswith(f"{PROJECT}/")}


def project(done: Done) -> str | None:
    """Return the name of the project that was compiled; None where there is no environment of it."""
    compiled = next(iter(done.compilation.environments.values()), None)
    return str(find(compiled.resolved, ("project", "name"))) if compiled else None


@contextmanager
def writing() -> Iterator[None]:
    """Say why nothing was written as a command does."""
    try:
        yield
    except WriteFailed as failure:
        raise Stopped(failure.exit_code, failure.diagnostics) from failure


def print_stream(console: Console, done: Done, environments: Sequence[str]) -> int:
    """Print every object as one YAML stream."""
    tree = tree_of(done, environments)
    objects = [path for path in sorted(tree) if is_object(path, done.compilation.files)]
    for path in sorted(set(tree) - set(objects)):
        if not path.endswith(_ABOUT_OBJECTS):
            console.note(f"not in the stream, since it is no object: {path}")
    click.echo("".join(f"---\n{tree[path]}" for path in objects), nl=False)
    return exits.FINE


def check_folder(console: Console, done: Done, environments: Sequence[str], out: str) -> int:
    """Print how the folder differs from what would be written."""
    found = checked(done, environments, out)
    console.result(found.text, found.data)
    console.note(found.note if found.state == UP_TO_DATE else f"{found.note}; run `mlops-spec render --out {out}`")
    return exits.FINE if found.state == UP_TO_DATE else exits.FINDINGS


def write_folder(console: Console, done: Done, environments: Sequence[str], out: str, allow_prune: bool) -> int:
    """Make the folder hold the tree."""
    found = written(done, environments, out, allow_prune)
    console.result(found.text, found.data)
    return exits.FINE


class Outcome(NamedTuple):
    """What became of a folder, in one word: its ``text`` and ``data`` are the result, the ``note`` is beside it."""

    state: str
    text: str
    data: Mapping[str, Any]
    note: str = ""


def checked(done: Done, environments: Sequence[str], out: str, prefix: str = "") -> Outcome:
    """Say how the folder differs from what would be written; ``prefix`` is before each path in the diff.

    Raises Stopped where it cannot be read.
    """
    with writing():
        tree = tree_of(done, environments)
        changes = directory.compare(
            Path(out), tree, project=project(done), environments=environments or None, prefix=prefix
        )
    data = {"up_to_date": changes.up_to_date, **changes._asdict()}
    if changes.up_to_date:
        return Outcome(UP_TO_DATE, "", data, f"{out} is up to date")
    counts = [(changes.missing, "missing"), (changes.stale, "changed"), (changes.surplus, "surplus")]
    told = ", ".join(f"{len(paths)} {word}" for paths, word in counts if paths)
    return Outcome(STALE, changes.diff.removesuffix("\n"), data, f"{out} is stale: {told}")


def written(done: Done, environments: Sequence[str], out: str, allow_prune: bool) -> Outcome:
    """Make the folder hold the tree. Raises Stopped where it cannot, and then it is as it was."""
    tree, target = tree_of(done, environments), Path(out)
    with writing():
        changed = directory.write(
            target,
            tree,
            state=target.resolve().parent / STATE,
            project=project(done),
            head=head(target),
            allow_prune=allow_prune,
            environments=environments or None,
        )
    files = [path for path in changed.written if path in tree]
    counts = {"written": len(files), "unchanged": len(tree) - len(files), "deleted": len(changed.deleted)}
    text = f"{out}: " + ", ".join(f"{count} {word}" for word, count in counts.items())
    withheld = [{"environment": name, "address": w.address, "reason": w.reason} for name, w in done.withheld()]
    data = {**changed._asdict(), "unchanged": counts["unchanged"], "withheld": withheld}
    return Outcome(WRITTEN if changed.written or changed.deleted else UNCHANGED, text, data)


def head(out: Path) -> Callable[[str], bytes | None] | None:
    """Return what tells the bytes that Git's HEAD has below ``out``. Git runs when it is first asked, and never
    where there is no repository."""
    folder = out.resolve()
    if not any((above / ".git").exists() for above in (folder, *folder.parents)):
        return None
    found: Callable[[str], bytes | None] | None = None

    def read(path: str) -> bytes | None:
        nonlocal found
        if found is None:
            repository = Repository.find(folder)
            found = repository.head(folder) if repository else lambda _: None
        return found(path)

    return read
