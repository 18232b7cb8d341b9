"""Two revisions of a spec, compiled and compared."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from mlops_spec.cli import exits
from mlops_spec.cli.comparing import HERE, compare, of_commit
from mlops_spec.cli.compiling import Done, compile_located, refuse_unknown
from mlops_spec.cli.console import Console, moved
from mlops_spec.cli.locate import Located
from mlops_spec.cli.rendering import report_compile, writing
from mlops_spec.cli.revisions import commit, pair_of
from mlops_spec.compiler import Kin
from mlops_spec.language import layers
from mlops_spec.language.environment import common
from mlops_spec.report import changes as report
from mlops_spec.source.files import Files, Folder, Memory
from mlops_spec.source.tree import find
from mlops_spec.write.repository import Repository
from mlops_spec.write.revision import Revision


def show(
    console: Console,
    located: Located,
    revisions: Sequence[str],
    environments: Sequence[str],
    form: str,
    exit_code: bool,
) -> int:
    """Print how what the spec renders differs between two revisions of it; ``exit_code`` tells of it so too."""
    repository = _repository(located)
    pair = pair_of(repository, revisions)
    with compiled(located, repository, pair.after, environments) as (new, files):
        refuse_unknown(new, environments)
        if code := _report(console, located, pair.after, new):
            return code
        kin = Kin(new.compilation, files, new.located.root)
        with compiled(located, repository, pair.before, environments, kin) as (old, files_of_old):
            if files_of_old.has(located.name) and (code := _report(console, located, pair.before, old)):
                return code
            compared = compare(old, new, pair, located, environments)
    console.result(report.render(form, compared), report.as_data(compared))
    return exits.FINDINGS if exit_code and compared.objects else exits.FINE


def _repository(located: Located) -> Repository:
    with writing():
        return Repository.require(located.root)


@contextmanager
def compiled(
    located: Located,
    repository: Repository,
    revision: str,
    only: Sequence[str],
    kin: Kin | None = None,
    whole: Revision | None = None,
) -> Iterator[tuple[Done, Files]]:
    """Compile a revision of a spec; of a commit, its own templates lie in a folder that is gone afterwards.

    ``whole`` has all files of the commit, where they are known.
    """
    if revision == HERE:
        here = Folder(located.root)
        yield compile_located(located, only, files=here, kin=kin), here
        return
    below = os.path.relpath(located.root, os.path.realpath(repository.folder))
    there = Revision(repository, commit(repository, revision), below, whole)
    files = Memory(there, lambda: there.above, below)
    with TemporaryDirectory(prefix="mlops-spec-") as scratch:
        root = Path(scratch, below)  # as deep as in the repository, which a path may lead up in
        loaded, _ = layers.load(files, located.name)
        folder = find(common(loaded.layers), ("templates",)) if loaded else None
        if isinstance(folder, str):
            there.check_out(folder, root)
        yield compile_located(Located(root, located.name), only, files=files, kin=kin), files


def _report(console: Console, located: Located, revision: str, done: Done) -> int:
    """Print the problems of one side, at the places where that revision has them; return its exit code."""
    if revision == HERE:
        return report_compile(console, done)
    problems = [d for d in done.compilation.diagnostics if done.exit_code]
    console.problems(moved(d, lambda place: of_commit(revision, located, place)) for d in problems)
    return done.exit_code
