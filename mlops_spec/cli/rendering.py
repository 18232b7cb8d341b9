"""A compiled tree into a folder or a stream, and what is said about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from mlops_spec.blueprint.lower.environment import PROJECT
from mlops_spec.cli import exits
from mlops_spec.cli.compiling import Done
from mlops_spec.cli.console import Console
from mlops_spec.cli.stop import Stopped
from mlops_spec.render.readme import README
from mlops_spec.render.tree import KUSTOMIZATION, is_object
from mlops_spec.write import directory
from mlops_spec.write.failure import WriteFailed
from mlops_spec.write.repository import Repository

STATE = ".mlops-spec"
_ABOUT_OBJECTS = (KUSTOMIZATION, README)


def report_compile(console: Console, done: Done) -> int:
    """Print the problems of a compile, among them what it withheld; return its exit code."""
    console.problems(done.compilation.diagnostics, done.located, done.texts)
    return done.exit_code


def tree_of(done: Done, environments: Sequence[str]) -> dict[str, str]:
    """Return what is to be written: everything, or of the ``environments`` what is theirs alone."""
    tree = done.compilation.tree
    return {p: text for p, text in tree.items() if not environments or not p.startswith(f"{PROJECT}/")}


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
    with writing():
        changes = directory.compare(Path(out), tree_of(done, environments), environments=environments or None)
    data = {"up_to_date": changes.up_to_date, **changes._asdict()}
    console.result(changes.diff.removesuffix("\n"), data)
    if changes.up_to_date:
        console.note(f"{out} is up to date")
        return exits.FINE
    counts = [(changes.missing, "missing"), (changes.stale, "changed"), (changes.surplus, "surplus")]
    told = ", ".join(f"{len(paths)} {word}" for paths, word in counts if paths)
    console.note(f"{out} is stale: {told}; run `mlops-spec render --out {out}`")
    return exits.FINDINGS


def write_folder(console: Console, done: Done, environments: Sequence[str], out: str, allow_prune: bool) -> int:
    """Make the folder hold the tree."""
    tree, target = tree_of(done, environments), Path(out)
    with writing():
        written = directory.write(
            target,
            tree,
            state=target.resolve().parent / STATE,
            head=head(target),
            allow_prune=allow_prune,
            environments=environments or None,
        )
    files = [path for path in written.written if path in tree]
    counts = {"written": len(files), "unchanged": len(tree) - len(files), "deleted": len(written.deleted)}
    text = f"{out}: " + ", ".join(f"{count} {word}" for word, count in counts.items())
    withheld = [{"environment": name, "address": w.address, "reason": w.reason} for name, w in done.withheld()]
    console.result(text, {**written._asdict(), "unchanged": counts["unchanged"], "withheld": withheld})
    return exits.FINE


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
