"""What each of several specs claims for itself: its project's name, and the folder that its tree is committed to."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from mlops_spec.address import Path, text
from mlops_spec.cli.compiling import Done
from mlops_spec.cli.locate import Located
from mlops_spec.diagnostic import Diagnostic, Place, Related, error, failed
from mlops_spec.language import environment, layers, schema
from mlops_spec.language.defaults import fill
from mlops_spec.language.values import substitute
from mlops_spec.source.files import Folder
from mlops_spec.source.tree import Map, find, mark

_NAME, _PATH = ("project", "name"), ("platform", "delivery", "path")
_NEEDED = ("apiVersion", "project", "variables", "environments")


class Claim(NamedTuple):
    """What a spec claims, and where it says so; places are from the current folder.

    ``folders`` are paths with their repository and branch.
    """

    located: Located
    project: str
    environments: frozenset[str]
    folders: frozenset[tuple[str, str, str]]
    named: Place | None
    delivered: Place | None

    @property
    def places(self) -> tuple[Place | None, ...]:
        return (self.named, self.delivered)

    @property
    def spec(self) -> str:
        return self.located.shown(self.located.name)


def of(done: Done) -> Claim | None:
    """Return what a spec claims that was compiled; None where it has errors."""
    trees = {name: compiled.resolved for name, compiled in done.compilation.environments.items()}
    return None if done.exit_code else _claim(done.located, trees)


def uncompiled(located: Located) -> Claim | None:
    """Return what a spec claims in no environment's overrides; None where that cannot be told."""
    loaded, _ = layers.load(Folder(located.root), located.name)
    names = environment.names(loaded.layers)[0] if loaded else ()
    if loaded is None or not names:
        return None
    whole = environment.common(loaded.layers).tree
    tree = Map({key: whole[key] for key in _NEEDED if key in whole}, whole.marks)
    if find(whole, _PATH[:2]) is not None:
        tree["platform"] = Map({"delivery": find(whole, _PATH[:2])}, whole["platform"].marks)
    valued, problems = substitute(tree, names[0], loaded.lock)
    if failed([*problems, *schema.check(valued, "spec")]):
        return None
    return _claim(located, dict.fromkeys(names, fill(valued)))


def _claim(located: Located, trees: Mapping[str, Map]) -> Claim | None:
    first = next(iter(trees.values()), None)
    if first is None:
        return None
    repository = str(find(first, ("project", "repository")) or "")
    delivered = [find(tree, _PATH[:2]) for tree in trees.values()]
    folders = {(repository, str(each["branch"]), posixpath.normpath(each["path"])) for each in delivered if each}
    places = [located.place(where.value) if where else None for where in (mark(first, _NAME), mark(first, _PATH))]
    return Claim(located, str(find(first, _NAME)), frozenset(trees), frozenset(folders), *places)


def clashes(claims: Sequence[Claim]) -> Iterator[tuple[Claim, Diagnostic]]:
    """Yield each claim of what an earlier one claims already, and what is said of it."""
    by_folder: dict[tuple[str, str, str], Claim] = {}
    by_name: dict[tuple[str, str], Claim] = {}
    for claim in claims:
        taken = next((folder for folder in sorted(claim.folders) if folder in by_folder), None)
        if taken is not None:
            other, (_, branch, path) = by_folder[taken], taken
            message = f"{other.spec} and {claim.spec} are both committed to {path} of the branch {branch}"
            hint = f"give each a folder, such as `platform: {{delivery: {{path: {path}/{claim.project}}}}}`"
            yield claim, _problem("MS603", message, hint, _PATH, claim.delivered, other.delivered)
        names = [(claim.project, each) for each in sorted(claim.environments)]
        name = next((each for each in names if each in by_name), None)
        if name is not None:
            other = by_name[name]
            message = f"{other.spec} and {claim.spec} are both the project {claim.project} in {name[1]}"
            hint = "give each a name: Applications, namespaces, experiments and tags are told apart by it"
            yield claim, _problem("MS605", message, hint, _NAME, claim.named, other.named)
        for folder in claim.folders:
            by_folder.setdefault(folder, claim)
        for each in names:
            by_name.setdefault(each, claim)


def _problem(code: str, message: str, hint: str, at: Path, place: Place | None, other: Place | None) -> Diagnostic:
    related = (Related("the other one", other),) if other else ()
    return error(code, message, place, text(at), hint, *related)
