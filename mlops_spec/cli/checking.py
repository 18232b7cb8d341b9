"""A lock held to its spec and to the registries: what it lacks, what they no longer have, and what has moved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mlops_spec.address import text
from mlops_spec.cli.compiling import Done
from mlops_spec.cli.registries import Question, Registries
from mlops_spec.diagnostic import Diagnostic, Related, error, warning
from mlops_spec.language import needs
from mlops_spec.language.needs import Need, Pin
from mlops_spec.source.tree import Map, find, mark

_FIELDS = ("run", "uri", "digest", "requirements")
_LACKING = "run `mlops-spec lock`, and commit what it writes"


def check_pins(done: Done, lock: Map, wanted: Sequence[Need], registries: Registries) -> list[Diagnostic]:
    """Return what a lock lacks, pins that the registries lack, and pins that differ from what they have."""
    compiled = done.compilation.environments
    problems = [_lacking(need) for need in wanted if needs.pinned(lock, need) is None]
    versions = {_of_version(pin): pin for pin in needs.pins(lock, compiled)}
    images = {_by_digest(*image): image for image in _images(done, lock, wanted)}
    tags = {Question.by(need): need for need in wanted if not need.environment and needs.pinned(lock, need) is not None}
    answers = registries.ask([*versions, *images, *tags])
    problems += registries.problems
    for question, pin in versions.items():
        if question in answers:
            problems += _compared(pin, answers[question])
    for question, (path, of, digest, _) in images.items():
        if question in answers and answers[question] != digest:
            message = f"the registry no longer has {of}@{digest}, which the lock pins"
            problems.append(error("MS115", message, question.place, text(path), f"pin another one: {_upgrade(path)}"))
    problems += [found for question, need in tags.items() if (found := _moved(need, lock, answers, question))]
    return problems


def _lacking(need: Need) -> Diagnostic:
    found = error("MS115", f"the lock has nothing for {need.title}", need.place, need.address, _LACKING)
    return found._replace(environments=(need.environment,)) if need.environment else found


def _of_version(pin: Pin) -> Question:
    return Question(pin.of, pin.version["version"], str(pin.path[1]), text(pin.path), pin.place)


def _images(done: Done, lock: Map, wanted: Sequence[Need]) -> Iterator[tuple[tuple[str, ...], str, str, Any]]:
    """Yield each digest that the lock has of an image of the spec: its line, repository, itself, and place."""
    of: dict[tuple[Any, ...], str] = {need.path: need.of for need in wanted if not need.environment}
    for compiled in done.compilation.environments.values():
        for name, image in (find(compiled.resolved, ("images",)) or Map()).items():
            of.setdefault(("images", name), str(image["repository"]))
        runtime = find(compiled.resolved, ("platform", "runtime", "image"))
        if runtime is not None:
            of.setdefault(("images", needs.RUNTIME), str(runtime))
    for path, repository in of.items():
        digest = find(lock, (*path, "digest"))
        if digest is not None:
            where = mark(lock, (*path, "digest"))
            yield path, repository, str(digest), where.key if where else None


def _by_digest(path: tuple[str, ...], of: str, digest: str, place: Any) -> Question:
    return Question(of, digest, "", text(path), place)


def _compared(pin: Pin, found: Mapping[str, Any] | None) -> Iterator[Diagnostic]:
    environment, number = str(pin.path[1]), pin.version["version"]
    if found is None:
        message = f"the registry no longer has version {number} of {pin.of}, which the lock pins for {environment}"
        yield error("MS115", message, pin.place, text(pin.path), f"pin another one: {_upgrade(pin.path)}")
        return
    other = [key for key in _FIELDS if key in pin.version and pin.version[key] != found.get(key)]
    if other:
        message = f"version {number} of {pin.of} has another {' and '.join(other)} in the registry than in the lock"
        hint = "a version never changes: find out which is true, and register what shall serve as one of its own"
        yield error("MS115", message, pin.place, text(pin.path), hint)


def _moved(need: Need, lock: Map, answers: Mapping[Question, Any], question: Question) -> Diagnostic | None:
    """Return that a tag names something else by now: to be expected of a base, and of what CI builds."""
    if question not in answers:
        return None
    pinned, found = needs.pinned(lock, need), answers[question]
    if found == pinned:
        return None
    kind = error if need.firm and len(need.path) == 2 else warning
    where = mark(lock, (*need.path, "digest"))
    related = (Related("the lock pins this digest", where.value),) if where else ()
    now = f"names {found} by now" if found else "is gone from the registry"
    message = f"the tag {need.of}:{need.said} {now}, and the lock has another digest of it"
    return kind("MS115", message, need.place, need.address, _upgrade(need.path), *related)


def _upgrade(path: Sequence[Any]) -> str:
    kind, name = ("models", path[3]) if path[0] == "environments" else ("images", path[1])
    return f"`mlops-spec lock --upgrade {kind}.{name}`"
