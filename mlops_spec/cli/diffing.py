"""Two revisions of a spec, compiled and compared."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from mlops_spec.cli import exits
from mlops_spec.cli.comparing import HERE, Pair, compare, of_commit
from mlops_spec.cli.compiling import Done, compile_located, refuse_unknown
from mlops_spec.cli.console import Console, moved
from mlops_spec.cli.locate import Located
from mlops_spec.cli.rendering import report_compile, writing
from mlops_spec.cli.stop import stopped
from mlops_spec.compiler import Kin
from mlops_spec.language import layers
from mlops_spec.language.environment import common
from mlops_spec.report import changes as report
from mlops_spec.source.files import Files, Folder, Memory
from mlops_spec.source.tree import find
from mlops_spec.write.process import GitFailed, line
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
    pair = _pair(repository, revisions)
    with _compiled(located, repository, pair.after, environments) as (new, files):
        refuse_unknown(new, environments)
        if code := _report(console, located, pair.after, new):
            return code
        kin = Kin(new.compilation, files, new.located.root)
        with _compiled(located, repository, pair.before, environments, kin) as (old, files_of_old):
            if files_of_old.has(located.name) and (code := _report(console, located, pair.before, old)):
                return code
            compared = compare(old, new, pair, located, environments)
    console.result(report.render(form, compared), report.as_data(compared))
    return exits.FINDINGS if exit_code and compared.objects else exits.FINE


def _repository(located: Located) -> Repository:
    with writing():
        return Repository.require(located.root)


def _pair(repository: Repository, given: Sequence[str]) -> Pair:
    words = list(given)
    if len(words) == 1 and "..." in words[0]:
        one, _, other = words[0].partition("...")
        return Pair(_merge_base(repository, one or "HEAD", other or "HEAD"), other or "HEAD")
    if len(words) == 1 and ".." in words[0]:
        one, _, other = words[0].partition("..")
        return Pair(one or "HEAD", other or "HEAD")
    if len(words) > 2:
        raise stopped(exits.USAGE, "MS179", f"two revisions are compared, and these are {len(words)}", "name two")
    return Pair(words[0] if words else "HEAD", words[1] if len(words) == 2 else HERE)


def _merge_base(repository: Repository, one: str, other: str) -> str:
    try:
        found = line(repository.folder, "merge-base", _commit(repository, one), _commit(repository, other))
    except GitFailed:
        hint = "fetch more of its history, such as by `git fetch --unshallow`, or name the two with two dots"
        message = f"no commit is known here that both {one} and {other} come from"
        raise stopped(exits.CONFLICT, "MS179", message, hint) from None
    return found[:10]


def _commit(repository: Repository, revision: str) -> str:
    found = repository.commit(revision)
    if found is None:
        hint = "fetch it, such as by `git fetch origin main`, or name another one"
        raise stopped(exits.CONFLICT, "MS179", f"Git knows no commit {revision} here", hint)
    return found


@contextmanager
def _compiled(
    located: Located, repository: Repository, revision: str, only: Sequence[str], kin: Kin | None = None
) -> Iterator[tuple[Done, Files]]:
    """Compile a revision of a spec; of a commit, its own templates lie in a folder that is gone afterwards."""
    if revision == HERE:
        here = Folder(located.root)
        yield compile_located(located, only, files=here, kin=kin), here
        return
    below = os.path.relpath(located.root, os.path.realpath(repository.folder))
    commit = Revision(repository, _commit(repository, revision), below)
    files = Memory(commit, lambda: commit.above, below)
    with TemporaryDirectory(prefix="mlops-spec-") as scratch:
        root = Path(scratch, below)  # as deep as in the repository, which a path may lead up in
        loaded, _ = layers.load(files, located.name)
        folder = find(common(loaded.layers), ("templates",)) if loaded else None
        if isinstance(folder, str):
            commit.check_out(folder, root)
        yield compile_located(Located(root, located.name), only, files=files, kin=kin), files


def _report(console: Console, located: Located, revision: str, done: Done) -> int:
    """Print the problems of one side, at the places where that revision has them; return its exit code."""
    if revision == HERE:
        return report_compile(console, done)
    problems = [d for d in done.compilation.diagnostics if done.exit_code]
    console.problems(moved(d, lambda place: of_commit(revision, located, place)) for d in problems)
    return done.exit_code
