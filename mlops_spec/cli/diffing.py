"""Two revisions of a spec, compiled and compared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from mlops_spec.cli import exits
from mlops_spec.cli.committed import committed
from mlops_spec.cli.comparing import HERE, compare, of_commit
from mlops_spec.cli.compiling import Done, compile_located, refuse_unknown
from mlops_spec.cli.console import Console, moved
from mlops_spec.cli.locate import Located
from mlops_spec.cli.rendering import report_compile, writing
from mlops_spec.cli.revisions import commit, pair_of
from mlops_spec.compiler import Kin
from mlops_spec.report import changes as report
from mlops_spec.source.files import Files, Folder
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
    """Compile a revision of a spec; ``whole`` has all files of the commit, where they are known."""
    if revision == HERE:
        here = Folder(located.root)
        yield compile_located(located, only, files=here, kin=kin), here
        return
    with committed(located, repository, commit(repository, revision), whole) as (there, files):
        yield compile_located(there, only, files=files, kin=kin), files


def _report(console: Console, located: Located, revision: str, done: Done) -> int:
    """Print the problems of one side, at the places where that revision has them; return its exit code."""
    if revision == HERE:
        return report_compile(console, done)
    problems = [d for d in done.compilation.diagnostics if done.exit_code]
    console.problems(moved(d, lambda place: of_commit(revision, located, place)) for d in problems)
    return done.exit_code
