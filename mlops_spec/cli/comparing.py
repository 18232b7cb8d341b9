"""Two compiles of a spec, and how what they render differs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from mlops_spec.changes.causes import Cause
from mlops_spec.changes.tree import Object, Rendered, differences
from mlops_spec.cli import traced
from mlops_spec.cli.compiling import Done
from mlops_spec.cli.locate import Located
from mlops_spec.cli.rendering import project, tree_of
from mlops_spec.diagnostic import Place
from mlops_spec.report.changes import Compared
from mlops_spec.source.tree import Map

HERE = ""
"""The revision that stands for the files as they are on disk."""


class Pair(NamedTuple):
    """What is compared: two revisions, of which ``HERE`` are the files on disk."""

    before: str
    after: str


def compare(old: Done, new: Done, pair: Pair, located: Located, environments: Sequence[str]) -> Compared:
    """Return how what two compiles render differs; the places of causes are as they are from the current folder."""
    found = differences(_rendered(old, environments), _rendered(new, environments))
    names = dict.fromkeys((*new.compilation.environments, *old.compilation.environments))
    protected = tuple(name for name, each in new.compilation.environments.items() if each.protected)
    shown = placed(found, located, pair)
    return Compared(pair.before, pair.after, tuple(names), protected, shown, project=project(old) or project(new))


def of_commit(revision: str, located: Located, place: Place) -> Place:
    """Say a place as Git says it, with the revision before the file."""
    return place._replace(file=f"{revision}:{located.shown(place.file)}")


def placed(found: Sequence[Object], located: Located, pair: Pair) -> tuple[Object, ...]:
    """Say the places of causes as they are from the current folder, those that are gone as the commit has them."""

    def moved_cause(cause: Cause) -> Cause:
        if cause.place is None:
            return cause
        of_before = cause.gone and pair.before != HERE
        place = of_commit(pair.before, located, cause.place) if of_before else located.place(cause.place)
        return cause._replace(place=place)

    def all_of(causes: Sequence[Cause]) -> tuple[Cause, ...]:
        return tuple(map(moved_cause, causes))

    return tuple(
        each._replace(
            causes=all_of(each.causes), fields=tuple(f._replace(causes=all_of(f.causes)) for f in each.fields)
        )
        for each in found
    )


def _rendered(done: Done, environments: Sequence[str]) -> Rendered:
    compilation = done.compilation

    def template(path: str) -> str | None:
        file = compilation.files.get(path)
        return file.template if file else None

    return Rendered(
        tree_of(done, environments),
        template,
        lambda path: traced.lines(compilation, path),
        {name: compiled.resolved for name, compiled in compilation.environments.items()},
        compilation.loaded.lock if compilation.loaded else Map(),
    )
