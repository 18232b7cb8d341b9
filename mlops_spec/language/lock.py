"""Phase 5: what can only be known from outside, as the lock has it. Reading only; ``lock`` writes it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mlops_spec.address import meant
from mlops_spec.diagnostic import Diagnostic, Related, Severity, error, warning
from mlops_spec.source.tree import Map, find, mark

_LOCK = "run `mlops-spec lock`"
_DIGEST = 'digest: "sha256:…"'
_WHOLE = f"version: …, run: …, uri: …, {_DIGEST}"
_PINS = {
    "version": _WHOLE,
    "shadow version": f"shadow: {{{_WHOLE}}}",
    "version of each variant": f"variants: {{<variant>: {{{_WHOLE}}}}}",
}


def check(tree: Map, lock: Map, environment: str) -> list[Diagnostic]:
    """Report what ``environment`` needs and the lock lacks: an error where it is protected, a warning elsewhere."""
    protected = bool(find(tree, ("environments", environment, "protected")))
    severity = Severity.ERROR if protected else Severity.WARNING
    return [d._replace(severity=severity) for d in (*_images(tree, lock), *_models(tree, lock, environment))]


def surplus(tree: Map, lock: Map, environments: tuple[str, ...]) -> list[Diagnostic]:
    """Report lines of the lock that pin what the spec does not have, in any environment."""
    known_images = {*_map(tree, "images"), "runtime"}
    problems = []
    for name in _map(lock, "images"):
        if name not in known_images:
            message = f"the lock pins an image {name} that the spec lacks"
            place = _key(lock, "images", name)
            problems.append(warning("MS132", message, place, f"images.{name}", meant(name, known_images)))
    for environment, entry in _map(lock, "environments").items():
        if environment not in environments:
            hint = meant(environment, environments, "environment")
            place = _key(lock, "environments", environment)
            message = f"the lock pins an environment {environment} that the spec lacks"
            problems.append(warning("MS132", message, place, f"environments.{environment}", hint))
            continue
        for name in _map(entry, "models"):
            if name not in _map(tree, "models"):
                place = _key(lock, "environments", environment, "models", name)
                hint = meant(name, _map(tree, "models"), "model")
                message = f"the lock pins a model {name} that the spec lacks"
                problems.append(warning("MS132", message, place, f"models.{name}", hint))
    return problems


def unlocked_models(tree: Map, lock: Map, environment: str) -> dict[str, str]:
    """Return the models that serve, score or are watched in ``environment``, and of what kind of version each lacks."""
    missing: dict[str, str] = {}
    for name, model in versioned(tree):
        entry = find(lock, ("environments", environment, "models", name))
        if entry is None:
            missing[name] = "version"
        elif find(model, ("serving", "shadow")) and find(entry, ("shadow",)) is None:
            missing[name] = "shadow version"
        elif find(model, ("ab_test", "state")) == "running":
            variants = set(_map(find(model, ("ab_test",)), "variants"))
            if not variants <= set(_map(entry, "variants")):
                missing[name] = "version of each variant"
    return missing


def versioned(tree: Map) -> Iterator[tuple[str, Map]]:
    """Yield the models that need a version: those that serve, score or are watched."""
    watched = {m.get("model") for m in _map(tree, "monitors").values() if isinstance(m, Map)}
    for name, model in _map(tree, "models").items():
        if name in watched or "serving" in model or "batch" in model:
            yield name, model


def _images(tree: Map, lock: Map) -> Iterator[Diagnostic]:
    pinned = _map(lock, "images")
    for name, image in _map(tree, "images").items():
        if name not in pinned:
            way = _LOCK if find(image, ("tag",)) else f"run `mlops-spec lock image {name} DIGEST`"
            yield _image(f"the image {name}", name, tree, lock, ("images", name), way)
    if find(tree, ("platform", "runtime", "image")) is not None and "runtime" not in pinned:
        way = "run `mlops-spec lock image runtime DIGEST`"
        yield _image("the runtime image", "runtime", tree, lock, ("platform", "runtime", "image"), way)


def _models(tree: Map, lock: Map, environment: str) -> Iterator[Diagnostic]:
    for name, what in unlocked_models(tree, lock, environment).items():
        message = f"the model {name} has no {what} in the lock for {environment}"
        line = ("environments", environment, "models", name)
        source = find(tree, ("environments", environment, "promotes_from"))
        way = f"promote the version of {source}" if source and what == "version" else _LOCK
        yield _unlocked("MS131", message, tree, lock, ("models", name), line, _PINS[what], way)


def _image(what: str, name: str, tree: Map, lock: Map, path: tuple[str, ...], way: str) -> Diagnostic:
    message = f"{what} has no digest in the lock"
    return _unlocked("MS130", message, tree, lock, path, ("images", name), _DIGEST, way)


def _unlocked(
    code: str, message: str, tree: Map, lock: Map, path: tuple[str, ...], line: tuple[str, ...], pin: str, way: str
) -> Diagnostic:
    """Report that the lock lacks ``pin`` at its ``line``, and the ``way`` there; related is what stands nearest."""
    found = mark(tree, path)
    # Overrides may change the resource; it is defined in the lowest layer.
    where = [*found.history()][-1] if found else None
    near = mark(lock, line)
    there = "the lock pins this version" if find(lock, line) is not None else "the lock pins these"
    related = (Related(there, near.key),) if near else ()
    entry = f"`{': {'.join(line)}: {{{pin}}}{'}' * (len(line) - 1)}`"
    hint = f"{way}; in mlops.lock.yaml it is {entry}"
    return error(code, message, where.key if where else None, ".".join(path), hint, *related)


def _map(tree: Any, key: str) -> Map:
    found = tree.get(key) if isinstance(tree, Map) else None
    return found if isinstance(found, Map) else Map()


def _key(tree: Map, *path: str) -> Any:
    found = mark(tree, path)
    return found.key if found else None
