"""What a spec needs of registries: each line that its lock is to have, and the question whose answer stands there.

An environment that promotes from another takes no version by an alias: its live one is moved by a promotion. The
versions of a shadow and of a running test are its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from mlops_spec.address import Path, parse, text
from mlops_spec.diagnostic import Diagnostic, Place, error, warning
from mlops_spec.language import pin, rollout
from mlops_spec.language.image import built_upon
from mlops_spec.language.lock import versioned
from mlops_spec.source.tree import Map, find, mark, select
from mlops_spec.source.yaml import read

RUNTIME = "runtime"


class Need(NamedTuple):
    """A line of the lock at ``path``: the version that ``said`` names of the model ``of``, or a tag of an image's
    digest. ``firm``: without it the spec is wrong, and not only early. ``place`` is where the spec says it.
    """

    path: Path
    of: str
    said: str | int
    address: str
    place: Place | None
    environment: str = ""
    firm: bool = False
    gradual: bool = False

    @property
    def name(self) -> str:
        """What `--upgrade` calls it."""
        return str(self.path[3] if self.environment else self.path[1])

    @property
    def is_live(self) -> bool:
        """Tell whether this is the live version of a model."""
        return bool(self.environment) and len(self.path) == 4

    @property
    def is_of_a_test(self) -> bool:
        """Tell whether this is a variant of a running test, which keeps what it compares."""
        return len(self.path) == 6

    @property
    def title(self) -> str:
        """How people call the line."""
        return f"{self.environment} {text(self.path[3:])}" if self.environment else text(self.path)


def needs(tree: Map, lock: Map, environment: str) -> tuple[list[Need], list[Diagnostic]]:
    """Return what ``environment`` needs, and what nobody can be asked for; ``tree`` is valid, its defaults filled."""
    problems: list[Diagnostic] = []
    return [*_images(tree, lock, problems), *_models(tree, lock, environment, problems)], problems


def once(found: Iterable[Need]) -> tuple[list[Need], list[Diagnostic]]:
    """Return each line once, in order; an image that is another one in another environment is a problem."""
    kept: dict[Path, Need] = {}
    problems = []
    for need in found:
        known = kept.setdefault(need.path, need)
        if (known.of, known.said) != (need.of, need.said):
            message = (
                f"{need.address} is {need.of}:{need.said} in one environment and {known.of}:{known.said} in another"
            )
            hint = "give them names of their own: the lock has one digest for all environments"
            problems.append(error("MS112", message, need.place, need.address, hint))
    return sorted(kept.values(), key=lambda need: (bool(need.environment), *map(str, need.path))), problems


def pinned(lock: Map, need: Need) -> Any:
    """Return what the lock has at a line: a version, whole, or a digest; None where it has nothing."""
    return rollout.live(lock, need.path) if need.environment else find(lock, (*need.path, "digest"))


def gated(tree: Map, model: str) -> Iterator[str]:
    """Yield the pipelines that register a model behind gates, by the names that they have and had."""
    for name, pipeline in (find(tree, ("pipelines",)) or Map()).items():
        steps = pipeline["steps"].values()
        if any("gate" in step for step in steps) and any(find(step, ("register", "model")) == model for step in steps):
            yield name
            moves = [(parse(line["from"]), parse(line["to"])) for line in tree.get("moved") or ()]
            yield from (str(old[-1]) for old, new in moves if new == ("pipelines", name))


def put_all(written: str, answers: Mapping[Need, Any]) -> str:
    """Return the text of a lock with answers, a live version before what stands beside it, as ``put`` does."""
    for section, depth in (("images", 1), ("environments", 3)):
        mine = {need: answer for need, answer in answers.items() if need.path[0] == section}
        if mine and find(_read(written), (section,)) is None:
            # One edit in place of many, each of which reads the whole text.
            written = pin.add(written, (section,), _tree(mine), depth=depth)
        else:
            for need, answer in mine.items():
                written = put(written, need, answer)
    return written


def _tree(answers: Mapping[Need, Any]) -> dict[str, Any]:
    """Return a section of a lock that has these answers alone."""
    root: dict[str, Any] = {}
    for need, answer in answers.items():
        at = root
        for key in need.path[1:]:
            at = at.setdefault(str(key), {})
        at.update(answer if need.environment else {"digest": answer})
    return root


def _read(written: str) -> Map:
    source, _ = read(written.encode(), "") if written else (None, [])
    return source.data if source else Map()


def put(written: str, need: Need, answer: Any) -> str:
    """Return the text of a lock with an answer at its line: what was not there, or differs.

    Raises ``edit.Refused`` as edits do.
    """
    lock = _read(written)
    if need.environment:
        before = rollout.live(lock, need.path)
        gradually = need.gradual and before is not None and before["version"] != answer["version"]
        return rollout.take(written, lock, need.path, answer, gradually=gradually)
    return pin.image(written, lock, need.name, answer, base=len(need.path) == 3)


class Pin(NamedTuple):
    """A version that a lock has, whole, of the model ``of``: the live one, or one beside it."""

    path: Path
    of: str
    version: Map
    place: Place | None


def pins(lock: Map, environments: Iterable[str]) -> Iterator[Pin]:
    """Yield every version that a lock has for these environments."""
    for environment in environments:
        for path, model, where in select(lock, ("environments", environment, "models", "*")):
            place = where.key if where else None
            yield Pin(path, path[3], model, place)
            for below in (("shadow",), ("rollout", "from"), ("variants", "*")):
                for deeper, version, mark_ in select(model, below, path):
                    yield Pin(deeper, path[3], version, mark_.key if mark_ else place)


def _images(tree: Map, lock: Map, problems: list[Diagnostic]) -> Iterator[Need]:
    for name, image in (find(tree, ("images",)) or Map()).items():
        path: Path = ("images", name)
        built = find(image, ("build",))
        if image.get("tag"):
            place = image.marks["tag"].value
            address = f"images.{name}.tag"
            yield Need(path, image["repository"], image["tag"], address, place, firm=not built)
        elif find(lock, (*path, "digest")) is None:
            what = (
                "`mlops-spec lock image` pins what its build pushes"
                if built
                else "add `tag`, or `mlops-spec lock image`"
            )
            problems.append(
                _unsaid(f"nothing says which digest of images.{name} is meant: it has no tag", tree, path, what)
            )
        if built:
            yield from _base(tree, name, built)
    image = find(tree, ("platform", "runtime", "image"))
    if image is not None and find(lock, ("images", RUNTIME, "digest")) is None:
        hint = f"run `mlops-spec lock image {RUNTIME} DIGEST`, by what its push has printed"
        message = "no tag of the runtime image is said, for its digest alone counts"
        problems.append(_unsaid(message, tree, ("platform", "runtime", "image"), hint))


def _base(tree: Map, name: str, built: Map) -> Iterator[Need]:
    base = built_upon(built.get("base"), built["python"])
    if "@" in base:
        return
    path = ("images", name, "build", "base")
    where = mark(tree, path if "base" in built else path[:-1])
    repository, colon, tag = base.rpartition(":")
    if not colon or "/" in tag:
        repository, tag = base, "latest"
    place = (where.value if "base" in built else where.key) if where else None
    yield Need(("images", name, "base"), repository, tag, f"images.{name}.build.base", place, firm=True)


def _models(tree: Map, lock: Map, environment: str, problems: list[Diagnostic]) -> Iterator[Need]:
    source = find(tree, ("environments", environment, "promotes_from"))
    for name, model in versioned(tree):
        path: Path = ("environments", environment, "models", name)
        said = model.get("version")
        here, needed = find(lock, path) is not None, f"models.{name}.version"
        canary = find(model, ("serving", "rollout", "strategy")) == "canary"
        if said is None and not here and source is None:
            hint = "add `version`: an alias such as `@challenger`, or a number"
            problems.append(
                _unsaid(f"nothing says which version of models.{name} is meant", tree, ("models", name), hint)
            )
        elif said is not None and (source is None or not str(said).startswith("@")):
            place = model.marks["version"].value
            yield Need(path, name, said, needed, place, environment, firm=not str(said).startswith("@"), gradual=canary)
        elif not here:
            message = f"models.{name} comes to {environment} by a promotion from {source}, and the lock has none yet"
            hint = f"promote it once {source} has tried it; or name a number in the overrides of {environment}"
            problems.append(_unsaid(message, tree, ("models", name), hint))
        if here or (said is not None and source is None):
            yield from _beside(tree, model, name, path, environment)


def _beside(tree: Map, model: Map, name: str, path: Path, environment: str) -> Iterator[Need]:
    """Yield what stands beside a live version, once there is one."""
    shadow = find(model, ("serving", "shadow"))
    if shadow:
        place, address = shadow.marks["version"].value, f"models.{name}.serving.shadow.version"
        yield Need((*path, "shadow"), name, shadow["version"], address, place, environment)
    if find(model, ("ab_test", "state")) == "running":
        for variant, entry in model["ab_test"]["variants"].items():
            place, address = entry.marks["version"].value, f"models.{name}.ab_test.variants.{variant}.version"
            yield Need((*path, "variants", variant), name, entry["version"], address, place, environment)


def _unsaid(message: str, tree: Map, path: Path, hint: str) -> Diagnostic:
    where = mark(tree, path)
    return warning("MS112", message, where.key if where else None, text(path), hint)
