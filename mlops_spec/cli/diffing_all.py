"""``diff`` of several specs: those of which no file differs are not compiled."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from mlops_spec.cli import bar, exits, many
from mlops_spec.cli.comparing import HERE, Pair, compare, of_commit
from mlops_spec.cli.compiling import Done
from mlops_spec.cli.console import Console, moved
from mlops_spec.cli.diffing import compiled
from mlops_spec.cli.locate import SUFFIXES, Located, locate
from mlops_spec.cli.rendering import writing
from mlops_spec.cli.revisions import commit, pair_of
from mlops_spec.cli.selecting import expand, is_glob, matching, no_match, refuse_unprintable, split
from mlops_spec.cli.stop import Stopped
from mlops_spec.cli.touched import is_touched
from mlops_spec.compiler import Compilation, Kin
from mlops_spec.report.changes import several
from mlops_spec.report.changes.several import Named
from mlops_spec.source.files import Files, Folder, Memory
from mlops_spec.write.repository import Repository
from mlops_spec.write.revision import Revision
from mlops_spec.write.standing import Committed, OnDisk, Side

_NOTHING = Compilation(None, {}, {}, {}, ())


class _At(NamedTuple):
    """A revision, as a listing and as files; ``whole`` None are those on disk."""

    revision: str
    side: Side
    whole: Revision | None

    def files(self, located: Located, repository: Repository) -> Files:
        whole = self.whole
        if whole is None:
            return Folder(located.root)
        below = repository.inside(located.root)
        return Memory(whole.within(below), lambda: whole, below)


class _Both(NamedTuple):
    """What is compared, in which repository, and for which environments."""

    repository: Repository
    before: _At
    after: _At
    environments: Sequence[str]

    @property
    def pair(self) -> Pair:
        return Pair(self.before.revision, self.after.revision)


def show_all(
    console: Console,
    words: Sequence[str],
    revisions: Sequence[str],
    environments: Sequence[str],
    form: str,
    exit_code: bool,
) -> int:
    """Print how what the specs render differs between two revisions of them, those that came and went included.

    ``words`` name the specs; ``exit_code`` tells of a difference so too.
    """
    with writing():
        repository = Repository.require(Path.cwd())
    pair = pair_of(repository, revisions)
    both = _Both(repository, _at(repository, pair.before), _at(repository, pair.after), environments)
    specs = _specs(words, both)
    if environments:
        many.environments_of(((each, both.after.files(each, repository)) for each in specs), environments)
    touched = [located for located in specs if _differs(located, both)]
    told: list[many.Told] = []
    found: list[Named] = []
    for ended, compared in bar.shown((_compare(each, both) for each in touched), len(touched), form):
        told.append(ended)
        if compared is not None:
            found.append(compared)
    many.report(console, told, err=True)
    ends = [many.as_data(each) for each in told]
    console.result(several.render(form, found), {**several.data(*pair, found), "specs": ends})
    change = sum(bool(each.compared.objects) for each in found)
    failed = sum(bool(each.exit_code) for each in told)
    same = len(specs) - change - failed
    counts = [f"{n} {word}" for n, word in ((change, "changed"), (same, "unchanged"), (failed, "with errors")) if n]
    console.note(f"{many.counted(specs)}: {', '.join(counts)}")
    worst = max((each.exit_code for each in told), default=exits.FINE)
    return worst or (exits.FINDINGS if exit_code and change else exits.FINE)


def _at(repository: Repository, revision: str) -> _At:
    if revision == HERE:
        return _At(revision, OnDisk(repository), None)
    found = commit(repository, revision)
    return _At(revision, Committed(repository, found), Revision(repository, found, ""))


def _specs(words: Sequence[str], both: _Both) -> list[Located]:
    """Return the specs that there are on either side, in the order of their paths."""
    found: dict[Located, None] = {}
    for word in words:
        those = [spec for at in (both.before, both.after) for spec in _expanded(word, at, both.repository)]
        if not those:
            raise no_match(word)
        for located in those:
            refuse_unprintable(located)
        found |= dict.fromkeys(those)
    return sorted(found, key=lambda located: located.shown(located.name).split("/"))


def _expanded(word: str, at: _At, repository: Repository) -> Iterator[Located]:
    if not is_glob(word):
        yield locate(word)
    elif at.whole is None:
        try:
            yield from expand(word)
        except Stopped:
            return
    else:
        base, segments = split(word)
        below, top = repository.inside(Path(base)), Path(repository.folder).resolve()
        start = "" if below == "." else f"{below}/"
        paths = [path for path in at.side.below(below) if path.endswith(SUFFIXES)]
        for path in matching(segments, (path.removeprefix(start) for path in paths)):
            folder, name = posixpath.split(f"{start}{path}")
            yield Located(top / folder, name)


def _differs(located: Located, both: _Both) -> bool:
    files = both.after.files(located, both.repository)
    if not files.has(located.name):
        return True
    return is_touched(located, files, both.repository, both.after.side, both.before.side)


def _compare(located: Located, both: _Both) -> tuple[many.Told, Named | None]:
    """Compile both sides of a spec; what is on one alone came, or goes."""
    repository, environments, (before, after) = both.repository, both.environments, both.pair
    files = both.after.files(located, repository)
    with compiled(located, repository, after, environments, whole=both.after.whole) as (side, _):
        is_there = files.has(located.name)
        new = side if is_there else Done(located, _NOTHING)
        told = _told(new, located, after)
        if told.exit_code:
            return told, None
        kin = Kin(new.compilation, files, new.located.root) if is_there else None
        with compiled(located, repository, before, environments, kin, both.before.whole) as (other, old_files):
            was_there = old_files.has(located.name)
            old = other if was_there else Done(located, _NOTHING)
            if was_there and old.exit_code:
                return _told(old, located, before), None
            compared = compare(old, new, both.pair, located, environments)
    if not (is_there and was_there):  # no line of a spec that came or went is more the cause than another
        compared = compared._replace(objects=tuple(each._replace(causes=()) for each in compared.objects))
    return told, Named(told.spec, compared)


def _told(done: Done, located: Located, revision: str) -> many.Told:
    """Tell of one side, its problems at the places where that revision has them."""
    if revision == HERE:
        return many.of(done)
    problems = done.compilation.diagnostics if done.exit_code else ()
    placed = tuple(moved(d, lambda place: of_commit(revision, located, place)) for d in problems)
    return many.Told(located.shown(located.name), done.exit_code, placed, {})
