"""The whole compiler on one screen: a straight corridor, walked once per environment, in one direction.

::

    text ─load─▶ layers ─merge, select─▶ values ─schema, defaults─▶ Spec ─names─▶ lint ─▶ lower ─▶ Blueprint
         ─emit─▶ Files ─render─▶ Tree ─verify─▶

Pure: files in, trees and diagnostics out. The corridor ends where the first phase with an error ends.
"""

from __future__ import annotations

import gc
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import NamedTuple

from mlops_spec import assets
from mlops_spec.address import parse
from mlops_spec.backends.choice import Chosen, choose, choose_at_hand
from mlops_spec.backends.cluster.kubernetes import Kubernetes
from mlops_spec.blueprint import contract
from mlops_spec.blueprint.lower import lower
from mlops_spec.blueprint.lower.at_hand import at_hand, lower_at_hand
from mlops_spec.blueprint.lower.context import Context
from mlops_spec.blueprint.lower.environment import PROJECT, deliver, describe, project
from mlops_spec.blueprint.ports import File
from mlops_spec.blueprint.types import Blueprint, Delivered, Pipeline
from mlops_spec.diagnostic import Diagnostic, Place, error, failed, in_environment, ordered
from mlops_spec.language import cron, layers, lock, locked
from mlops_spec.language import environment as environments
from mlops_spec.language.defaults import fill
from mlops_spec.language.schema import check as check_schema
from mlops_spec.language.values import substitute
from mlops_spec.lint.rule import View
from mlops_spec.lint.run import Choice, Suppressions, lint
from mlops_spec.lint.written import Written
from mlops_spec.model.build import build
from mlops_spec.model.lock import Lock, LockedModel
from mlops_spec.model.reference import check as check_names
from mlops_spec.model.reference import order
from mlops_spec.model.spec import Spec
from mlops_spec.render import readme
from mlops_spec.render.environment import Templates
from mlops_spec.render.fault import TemplateFault
from mlops_spec.render.hatch import open_hatches
from mlops_spec.render.tree import listed, tree
from mlops_spec.source.files import Files
from mlops_spec.source.refusals import PATH_MISSING
from mlops_spec.source.tree import Map, find, mark, same
from mlops_spec.verify import verify, verify_project


class Compiled(NamedTuple):
    """One environment, as far as its corridor went: the ``resolved`` data, and the ``tree`` of texts by path."""

    name: str
    resolved: Map
    spec: Spec | None = None
    context: Context | None = None
    chosen: Chosen | None = None
    blueprint: Blueprint | None = None
    delivered: Delivered | None = None
    files: dict[str, File] = {}
    tree: dict[str, str] = {}
    patched: dict[str, tuple[int, ...]] = {}
    brought: dict[str, int] = {}

    @property
    def protected(self) -> bool:
        """Tell whether only a reviewed branch may change this environment."""
        return bool(find(self.resolved, ("environments", self.name, "protected")))


class Compilation(NamedTuple):
    """What a spec compiles to. In ``tree`` and ``files`` each path begins with its environment, or ``project``."""

    loaded: layers.Loaded | None
    environments: dict[str, Compiled]
    files: dict[str, File]
    tree: dict[str, str]
    diagnostics: tuple[Diagnostic, ...]
    templates: Templates | None = None


class Kin(NamedTuple):
    """Another revision of a spec that was compiled: the files that it was read from, and where its templates are."""

    compilation: Compilation
    files: Files
    root: Path | None

    def twin(self, name: str, data: Map, pins: Map, files: Files, root: Path | None) -> Compiled | None:
        """Return the environment of that revision that renders to the same, if one surely does."""
        compiled, loaded = self.compilation.environments.get(name), self.compilation.loaded
        if compiled is None or compiled.context is None or loaded is None or not same(compiled.resolved, data):
            return None
        pinned = [("images",), ("layers",), ("environments", name)]
        paths = [entry["path"] for entry in data.get("manifests") or ()]
        equal = (
            all(same(find(loaded.lock, each), find(pins, each)) for each in pinned)
            and all(self.files.read(path, None)[0] == files.read(path, None)[0] for path in paths)
            and ("templates" not in data or _own(self.root, data) == _own(root, data))
        )
        return compiled if equal else None


def _own(root: Path | None, data: Map) -> dict[str, bytes]:
    """Return the templates that the spec brings, by their paths."""
    folder = root / data["templates"] if root else None
    found = sorted(folder.rglob("*.j2")) if folder and folder.is_dir() else []
    return {str(path.relative_to(root or path)): path.read_bytes() for path in found if path.is_file()}


class Options(NamedTuple):
    """``root`` is the folder that ``templates:`` is relative to; ``crds`` holds CRDs to check custom objects by.

    ``cache`` is a trusted folder for compiled templates, which are most of a small compile. What is the same in the
    revision ``kin`` is taken from there, and not looked at again.
    """

    root: Path | None = None
    only: Collection[str] = ()
    crds: Path | None = None
    rules: Choice = Choice()
    cache: Path | None = None
    kin: Kin | None = None


class Here(NamedTuple):
    """This machine, for the environment ``local``: the URI that artifacts are kept below, and where runs are recorded.

    Without ``tracking`` nothing is recorded, and a pipeline that judges or registers is withheld.
    """

    artifacts: str
    tracking: str | None


class AtHand(NamedTuple):
    """What one pipeline is in the environment ``local``; None as far as its corridor did not go."""

    loaded: layers.Loaded | None
    spec: Spec | None
    pipeline: Pipeline | None
    diagnostics: tuple[Diagnostic, ...]


DEFAULT = Options()
_NO_LOCK = {"lockVersion": 1}


def compile_spec(files: Files, spec: str, options: Options = DEFAULT) -> Compilation:
    """Compile the file ``spec`` for every environment, or for those in ``options.only``."""
    with _collector_paused():
        loaded, problems = layers.load(files, spec)
        if loaded is None:
            return Compilation(None, {}, {}, {}, ordered(problems))
        names, found = environments.names(loaded.layers)
        problems += found
        problems += check_schema(loaded.lock, "lock") if loaded.lock else []
        if failed(problems):
            return Compilation(loaded, {}, {}, {}, ordered(problems))
        return _Corridor(loaded, files, options).walk(names, problems)


def compile_at_hand(files: Files, spec: str, pipeline: str, here: Here, options: Options = DEFAULT) -> AtHand:
    """Compile one pipeline of the file ``spec`` for the environment ``local``; there may be none of that name."""
    loaded, problems = layers.load(files, spec)
    if loaded is None:
        return AtHand(None, None, None, ordered(problems))
    problems += environments.names(loaded.layers)[1]
    problems += check_schema(loaded.lock, "lock") if loaded.lock else []
    if failed(problems):
        return AtHand(loaded, None, None, ordered(problems))
    return _Corridor(loaded, files, options).at_hand(pipeline, here, problems)


class _Corridor:
    def __init__(self, loaded: layers.Loaded, files: Files, options: Options) -> None:
        self.loaded, self.files, self.options = loaded, files, options
        self.lock = build(Lock, {**_NO_LOCK, **loaded.lock})
        self.suppressions = Suppressions(loaded.sources.values())
        self.written = Written([layer.data for layer in loaded.layers])
        self.common = environments.common(loaded.layers)
        self.templates: Templates | None = None
        self.folder = "templates"

    def walk(self, names: tuple[str, ...], problems: list[Diagnostic]) -> Compilation:
        wanted = [name for name in names if not self.options.only or name in self.options.only]
        compiled: dict[str, Compiled] = {}
        for name in (*wanted, environments.LOCAL):
            found: list[Diagnostic] = []
            done = self._environment(name, found)
            problems += in_environment(found, name)
            if name != environments.LOCAL:
                compiled[name] = done
        if compiled:
            problems += lock.surplus(next(iter(compiled.values())).resolved, self.loaded.lock, names)
        linted = all(c.context is not None for c in compiled.values())
        everywhere = linted and not self.options.only and not self.options.kin and self.options.rules == Choice()
        problems += self.suppressions.unused(any(c.protected for c in compiled.values()), everywhere=everywhere)
        made, texts = self._whole(compiled, problems)
        told = (d._replace(environments=()) if set(d.environments) >= set(wanted) else d for d in ordered(problems))
        return Compilation(self.loaded, compiled, made, texts, ordered(told), self.templates)

    def at_hand(self, pipeline: str, here: Here, problems: list[Diagnostic]) -> AtHand:
        """Walk the environment ``local`` up to where one pipeline is lowered: nothing of it is printed."""
        done = self._environment(environments.LOCAL, problems)
        spec, data = done.spec, done.resolved
        if spec is None or pipeline not in spec.pipelines:
            return AtHand(self.loaded, spec, None, ordered(problems))
        view = View(spec, environments.LOCAL, False, data, self.loaded.lock, self.written)
        problems[:] = [*self.suppressions.keep([*problems, *lint(view, self.options.rules)])]
        ports = choose_at_hand(spec.pipelines, here.tracking).ports()
        only = at_hand(spec, pipeline, here.artifacts)
        where = describe(spec, environments.LOCAL, None)
        context = Context(only, where, ports, self.loaded.spec, contract.RUNTIME, {}, {}, False)
        lowered = lower_at_hand(context, order(data["pipelines"][pipeline]["steps"]))
        problems += [placed(problem, data) for problem in context.problems]
        return AtHand(self.loaded, spec, None if failed(problems) else lowered, ordered(problems))

    def _environment(self, name: str, problems: list[Diagnostic]) -> Compiled:
        """Data phases: merged, selected, values put in, checked, defaults filled, names resolved."""
        resolved, found = environments.resolve(self.loaded.layers, name, self.common)
        problems += found
        problems += locked.check(self.loaded.layers, resolved.tree, name)
        data, found = substitute(resolved.tree, name, self.loaded.lock)
        problems += found
        if failed(problems):
            return Compiled(name, data)
        problems += check_schema(data)
        if failed(problems):
            return Compiled(name, data)
        data = fill(data)
        problems += cron.check(data)
        problems += check_names(data, resolved.left_out, name)
        problems += _folder_of_templates(data, self.files)
        if failed(problems):
            return Compiled(name, data)
        kin = self.options.kin
        twin = kin.twin(name, data, self.loaded.lock, self.files, self.options.root) if kin else None
        if twin is not None:
            return twin._replace(resolved=data)
        spec = build(Spec, data, "")
        compiled = Compiled(name, data, spec)
        return compiled if name == environments.LOCAL else self._meaning(compiled, spec, problems)

    def _meaning(self, compiled: Compiled, spec: Spec, problems: list[Diagnostic]) -> Compiled:
        """Lint, choose the backends, lower."""
        data, name = compiled.resolved, compiled.name
        problems += lock.check(data, self.loaded.lock, name)
        view = View(spec, name, compiled.protected, data, self.loaded.lock, self.written)
        problems[:] = [*self.suppressions.keep([*problems, *lint(view, self.options.rules)])]
        chosen = choose(data)
        problems += chosen.problems
        ports = chosen.ports()
        where = describe(spec, name, ports.delivery)
        runtime, versions = _runtime(spec, self.lock), _versions(self.lock, name)
        context = Context(spec, where, ports, self.loaded.spec, runtime, versions, _bases(self.lock), _says_ci(data))
        edges = {key: order(pipeline["steps"]) for key, pipeline in (data.get("pipelines") or {}).items()}
        blueprint = lower(context, edges)
        problems += [placed(problem, data) for problem in context.problems]
        compiled = compiled._replace(context=context, chosen=chosen, blueprint=blueprint, delivered=deliver(context))
        return compiled if failed(problems) else self._text(compiled, blueprint, chosen, problems)

    def _text(self, compiled: Compiled, blueprint: Blueprint, chosen: Chosen, problems: list[Diagnostic]) -> Compiled:
        """Emit, render, open the escape hatches, verify."""
        emitted = [*Kubernetes(address="").emit(blueprint)]
        for system in chosen.distinct():
            emitted += system.emit(chosen.assigned(system, blueprint))
        templates = self._templates(compiled.spec)
        texts, made = self._printed(emitted, templates, problems)
        waiting = None in chosen.systems.values()
        opened = open_hatches(texts, compiled.resolved, blueprint, self.files, waiting)
        problems += opened.problems
        listing = [*readme.objects(opened.texts, made, opened.brought)]
        about = readme.of_environment(blueprint, compiled.delivered, self.loaded.spec, listing, chosen.problems)
        self._describe(about, opened.texts, made, templates, problems)
        problems += _within(compiled.name, verify(opened, made, templates, blueprint, self.options.crds))
        return compiled._replace(files=made, tree=opened.texts, patched=opened.patched, brought=opened.brought)

    def _whole(
        self, compiled: dict[str, Compiled], problems: list[Diagnostic]
    ) -> tuple[dict[str, File], dict[str, str]]:
        """Put the environments' trees, and what belongs to none of them, into one."""
        made = {f"{c.name}/{path}": file for c in compiled.values() for path, file in c.files.items()}
        texts = {f"{c.name}/{path}": text for c in compiled.values() for path, text in c.tree.items()}
        first = next((c for c in compiled.values() if c.context is not None), None)
        if failed(problems) or first is None or first.context is None or first.chosen is None:
            return made, texts
        templates = self._templates(first.spec)
        told = len(first.context.problems)
        node = project(
            first.context,
            [c.delivered for c in compiled.values() if c.delivered is not None],
            [c.blueprint for c in compiled.values() if c.blueprint is not None],
        )
        problems += [placed(problem, first.resolved) for problem in first.context.problems[told:]]
        if node is not None:
            emitted = [file for system in first.chosen.distinct() for file in system.emit_project(node)]
            found_texts, found_files = self._printed(emitted, templates, problems)
            listing = [*readme.objects(found_texts, found_files, {})]
            about = readme.of_project(first.context.spec.project.name, node, self.loaded.spec, listing)
            self._describe(about, found_texts, found_files, templates, problems)
            problems += _within(PROJECT, verify_project(found_texts, found_files, templates, self.options.crds))
            made |= {f"{PROJECT}/{path}": file for path, file in found_files.items()}
            texts |= {f"{PROJECT}/{path}": text for path, text in found_texts.items()}
        return made, texts

    def _printed(
        self, emitted: list[File], templates: Templates, problems: list[Diagnostic]
    ) -> tuple[dict[str, str], dict[str, File]]:
        """Print files; a template at fault is a problem, and then there are none."""
        try:
            texts, made, found = tree(emitted, templates)
        except TemplateFault as fault:
            place = Place(f"{self.folder}/{fault.template}", fault.line, 1)
            problems.append(error("MS139", fault.message, place, "", "mend the template"))
            return {}, {}
        problems += found
        return texts, made

    def _describe(
        self,
        about: File,
        texts: dict[str, str],
        made: dict[str, File],
        templates: Templates,
        problems: list[Diagnostic],
    ) -> None:
        """Add what tells Kustomize and Argo CD, and people, of a folder's objects, where there are any."""
        if texts:
            found_texts, found_files = self._printed([*listed(texts, made), about], templates, problems)
            texts |= found_texts
            made |= found_files

    def _templates(self, spec: Spec | None) -> Templates:
        if self.templates is None:
            self.folder = (spec.templates if spec else None) or self.folder
            if self.options.root and spec and spec.templates:
                own = self.options.root / self.folder
                self.templates = Templates([own, assets.TEMPLATES], cache=self.options.cache)
            else:
                self.templates = _templates(assets.TEMPLATES, self.options.cache)
        return self.templates


@cache
def _templates(folder: Path, kept: Path | None) -> Templates:
    """Return the product's own templates, which print many specs: to load them is a third of a small compile."""
    return Templates([folder], cache=kept)


def _folder_of_templates(data: Map, files: Files) -> list[Diagnostic]:
    """Say what forbids the folder of the spec's own templates; a missing one counts as empty."""
    where = mark(data, ("templates",))
    found = files.check(data["templates"], where.value, "folder") if where is not None else []
    return [problem for problem in found if problem.code != PATH_MISSING.code]


def placed(problem: Diagnostic, data: Map) -> Diagnostic:
    """Give a problem that knows its address the place where that stands."""
    where = mark(data, parse(problem.address)) if problem.place is None else None
    return problem if where is None else problem._replace(place=where.key)


def _within(folder: str, problems: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    """Place problems of rendered files within the whole tree."""
    for problem in problems:
        place = problem.place
        yield problem._replace(place=place._replace(file=f"{folder}/{place.file}")) if place else problem


def _says_ci(data: Map) -> bool:
    """Tell whether a layer of the spec itself names the CI system."""
    said = mark(data, ("platform", "ci", "backend"))
    return said is not None and said.layer != "default"


def _runtime(spec: Spec, pins: Lock) -> str | None:
    """Return the runtime's image by digest, None where there is none or it is not locked."""
    image = pins.images.get("runtime")
    return f"{spec.platform.runtime.image}@{image.digest}" if spec.platform.runtime and image and image.digest else None


def _versions(pins: Lock, environment: str) -> Mapping[str, LockedModel]:
    """Return the models of an environment as far as they are locked."""
    entry = pins.environments.get(environment)
    return entry.models if entry else {}


def _bases(pins: Lock) -> Mapping[str, str]:
    """Return the digests of what images are built upon, as far as they are locked."""
    return {name: image.base.digest for name, image in pins.images.items() if image.base}


@contextmanager
def _collector_paused() -> Iterator[None]:
    """A compile makes many small objects and little garbage; collecting would make it grow faster than its input."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            # What was made is still needed: to freeze and thaw it makes it old without looking through it.
            gc.freeze()
            gc.unfreeze()
            gc.enable()
