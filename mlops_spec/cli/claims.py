"""What each of several specs has for itself alone: where its tree is committed, its project's name, its namespaces."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from mlops_spec.address import Path, text
from mlops_spec.cli.compiling import Done
from mlops_spec.cli.locate import Located
from mlops_spec.diagnostic import Diagnostic, Place, Related, Severity, failed
from mlops_spec.language import environment, layers, schema
from mlops_spec.language.defaults import fill
from mlops_spec.language.values import substitute
from mlops_spec.source.files import Folder
from mlops_spec.source.tree import Map, find, mark

_NAME, _PATH = ("project", "name"), ("platform", "delivery", "path")
_NEEDED = ("apiVersion", "project", "variables", "environments")


class Claim(NamedTuple):
    """One thing that no other spec may have, by its ``key``: ``told`` is what is said of two, ``hint`` the way out."""

    code: str
    severity: Severity
    key: tuple[str, ...]
    told: str
    hint: str
    address: Path
    place: Place | None


class Claims(NamedTuple):
    """All that a spec has for itself, what weighs most first; places are from the current folder."""

    spec: str
    claims: tuple[Claim, ...]

    @property
    def places(self) -> list[Place | None]:
        return [claim.place for claim in self.claims]


def of(done: Done) -> Claims | None:
    """Return what a spec claims that was compiled; None where it has errors."""
    trees = {name: compiled.resolved for name, compiled in done.compilation.environments.items()}
    return _claims(done.located, trees) if trees and not done.exit_code else None


def uncompiled(located: Located) -> Claims | None:
    """Return what a spec claims, but for what overrides say of it; None where that cannot be told."""
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
    return _claims(located, dict.fromkeys(names, fill(valued)))


def clashes(specs: Sequence[Claims]) -> Iterator[tuple[Claims, Diagnostic]]:
    """Yield each spec that claims what an earlier one does, and what is said of it: of two specs, what weighs most."""
    owners: dict[tuple[str, ...], tuple[Claims, Claim]] = {}
    for spec in specs:
        told = set()
        for claim in spec.claims:
            other, theirs = owners.setdefault((claim.code, *claim.key), (spec, claim))
            if other is not spec and other.spec not in told:
                told.add(other.spec)
                related = (Related("the other one", theirs.place),) if theirs.place else ()
                message = f"{other.spec} and {spec.spec} are both {claim.told}"
                where = claim.place, text(claim.address)
                yield spec, Diagnostic(claim.severity, claim.code, message, *where, claim.hint, related)


def _claims(located: Located, trees: Mapping[str, Map]) -> Claims:
    first = next(iter(trees.values()))
    project = str(find(first, _NAME))
    found = [
        *(_folder(tree, project) for tree in trees.values() if find(tree, _PATH)),
        *(_project(project, name) for name in trees),
        *(_namespace(tree, project, name) for name, tree in trees.items()),
    ]
    places = [mark(first, claim.address) for claim in found]
    placed = [each._replace(place=located.place(m.value) if m else None) for each, m in zip(found, places)]
    return Claims(located.shown(located.name), tuple(placed))


def _folder(tree: Map, project: str) -> Claim:
    delivery = find(tree, _PATH[:2])
    branch, path = str(delivery["branch"]), posixpath.normpath(delivery["path"])
    key = (str(find(tree, ("project", "repository")) or ""), branch, path)
    told = f"committed to {path} of the branch {branch}"
    hint = f"give each a folder, such as `platform: {{delivery: {{path: {path}/{project}}}}}`"
    return Claim("MS603", Severity.ERROR, key, told, hint, _PATH, None)


def _project(project: str, name: str) -> Claim:
    hint = "give each a name: Applications, namespaces, experiments and tags are told apart by it"
    return Claim("MS605", Severity.ERROR, (project, name), f"the project {project} in {name}", hint, _NAME, None)


def _namespace(tree: Map, project: str, name: str) -> Claim:
    path = ("environments", name, "namespace")
    cluster = find(tree, ("environments", name, "cluster")) or environment.CLUSTER
    implied = environment.implied_namespace(project, name)
    said = find(tree, path)
    namespace = str(said or implied)
    hint = f"give each its own, such as `environments: {{{name}: {{namespace: {implied}}}}}`"
    at = path if said else _NAME
    return Claim("MS606", Severity.WARNING, (str(cluster), namespace), f"in the namespace {namespace}", hint, at, None)
