"""The lock with what it lacks, or with what has moved: asked of the registries, and written whole or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from mlops_spec.address import meant, text
from mlops_spec.cli import exits, locked_text
from mlops_spec.cli.checking import check_pins
from mlops_spec.cli.compiling import Done, compile_located, refuse_unknown
from mlops_spec.cli.console import Console
from mlops_spec.cli.locate import Located
from mlops_spec.cli.registries import Question, Registries
from mlops_spec.cli.rendering import report_compile
from mlops_spec.cli.stop import Stopped, stopped
from mlops_spec.cli.vendoring import ALL, Vendored, check_layers, vendor
from mlops_spec.diagnostic import Diagnostic, error, failed, ordered, warning
from mlops_spec.language import needs
from mlops_spec.language.layers import LOCK
from mlops_spec.language.needs import Need
from mlops_spec.language.schema import check as check_schema
from mlops_spec.source.files import Folder
from mlops_spec.source.tree import Map, find, mark
from mlops_spec.source.yaml import read
from mlops_spec.write.difference import unified


class Given(NamedTuple):
    """What was asked for on the command line."""

    environments: Sequence[str]
    upgrades: Sequence[str]
    registry: str | None
    destination: str | None
    check: bool
    dry_run: bool


def lock_spec(console: Console, located: Located, given: Given) -> int:
    """Pin what the spec needs, or with ``check`` say what is missing or no longer so."""
    raw = Folder(located.root).read(LOCK, None)[0]
    brought = Vendored.nothing(located, raw) if given.check else vendor(located, raw, given.upgrades)
    done = compile_located(located, given.environments, files=brought.files)
    refuse_unknown(done, given.environments)
    compiled = done.compilation.environments
    if not compiled or any(each.spec is None for each in compiled.values()):
        return report_compile(console, done)
    lock = done.compilation.loaded.lock if done.compilation.loaded else Map()
    found = [needs.needs(each.resolved, lock, name) for name, each in compiled.items()]
    wanted, problems = needs.once(need for each, _ in found for need in each)
    problems += [problem for _, each in found for problem in each]
    registries = Registries(compiled, given.registry, given.destination, locked=given.check)
    if given.check:
        registries.unreachable |= check_layers(located, problems)
        problems += check_pins(done, lock, wanted, registries)
        return _end(console, done, problems, registries) or _fine(console)
    upgraded = _upgraded(wanted, given, lock, done)
    asked = [need for need in wanted if need.path in upgraded or needs.pinned(lock, need) is None]
    answers = registries.ask(map(Question.by, asked))
    problems += registries.problems
    pinned = {need: answers[q] for need in asked if answers.get(q := Question.by(need)) is not None}
    absent = [need for need in asked if answers.get(Question.by(need), "") is None]
    problems += [_absent(need, need.path in upgraded) for need in absent]
    if code := _end(console, done, problems, registries):
        return code
    standing = {need: answer for need, answer in pinned.items() if _stands(need, wanted, pinned, lock)}
    after = _edited(brought.lock, standing, located)
    if not given.dry_run:
        brought.write(located)
        if after != raw and after is not None:
            locked_text.write(located, after, raw)
    return _say(console, located, lock, standing, brought, raw, after, given.dry_run)


def _end(console: Console, done: Done, problems: Iterable[Diagnostic], registries: Registries) -> int:
    """Print the problems, and return the code to end with, if that is now."""
    told = ordered(problems)
    console.problems(told, done.located, done._replace(compilation=done.compilation._replace(diagnostics=told)).texts)
    if registries.unreachable:
        return exits.IO
    return exits.FINDINGS if failed(told) else exits.FINE


def _fine(console: Console) -> int:
    console.result(f"{LOCK} has what the spec needs, and the registries have what it pins", {"up_to_date": True})
    return exits.FINE


def _upgraded(wanted: Sequence[Need], given: Given, lock: Map, done: Done) -> set[Any]:
    """Return the lines to move. Raises Stopped for a name that has none, and where a rollout is under way."""
    lines: set[Any] = set()
    named = done.compilation.loaded.lock.get("layers") or () if done.compilation.loaded else ()
    for name in given.upgrades:
        if name in named or (name == ALL and named):
            continue
        kind, _, bare = name.rpartition(".")
        if bare == "*" and kind in ("models", "images"):
            lines |= {need.path for need in wanted if _is_free(need, kind, lock)}
            continue
        mine = [need for need in wanted if need.name == bare and not need.is_of_a_test]
        mine = [need for need in mine if kind in ("", "models" if need.environment else "images")]
        if not mine:
            _refuse_unmovable(name, bare, wanted, done)
        if len({bool(need.environment) for need in mine}) > 1:
            hint = f"say models.{bare} or images.{bare}"
            raise stopped(exits.USAGE, "MS193", f"`{name}` is a model and an image", hint)
        lines |= {need.path for need in mine}
        for need in mine:
            if need.is_live and find(lock, (*need.path, "rollout")) is not None:
                raise _under_way(need, lock, done)
    return lines


def _is_free(need: Need, kind: str, lock: Map) -> bool:
    """Tell whether a line is of a kind and may move now: a rollout keeps its version until it has ended."""
    if need.is_of_a_test or bool(need.environment) != (kind == "models"):
        return False
    return not need.is_live or find(lock, (*need.path, "rollout")) is None


def _under_way(need: Need, lock: Map, done: Done) -> Stopped:
    where = mark(lock, (*need.path, "rollout"))
    place = done.located.place(where.key) if where else None
    hint = f"end it first: `mlops-spec rollout advance {need.name} --env {need.environment}`, or `abort`"
    message = f"a rollout of {need.name} is under way in {need.environment}: its version cannot move now"
    return Stopped(exits.CONFLICT, [error("MS116", message, place, text(need.path), hint)])


def _refuse_unmovable(name: str, bare: str, wanted: Sequence[Need], done: Done) -> None:
    models = {key for each in done.compilation.environments.values() for key in find(each.resolved, ("models",)) or ()}
    if bare in models:
        message = f"no version of {bare} is taken from the registry in these environments"
        hint = "a version comes there by a promotion, or `models.*.version` names it"
        raise Stopped(exits.USAGE, [error("MS116", message, None, f"models.{bare}", hint)])
    raise stopped(
        exits.USAGE,
        "MS193",
        f"there is no model or image `{name}` to upgrade",
        meant(bare, {need.name for need in wanted}),
    )


def _absent(need: Need, upgraded: bool) -> Diagnostic:
    kind = error if need.firm or upgraded else warning
    if need.environment:
        subject = (
            f"the registry has no {need.of}{need.said}"
            if str(need.said).startswith("@")
            else (f"the registry has no version {need.said} of {need.of}")
        )
        hint = "it stays unlocked until one is registered" if kind is warning else "name one that there is"
    else:
        subject = f"there is no image {need.of}:{need.said}"
        hint = "it stays unlocked until it is built and pushed" if kind is warning else "name a tag that there is"
    found = kind("MS113", subject, need.place, need.address, hint)
    return found._replace(environments=(need.environment,)) if need.environment else found


def _stands(need: Need, wanted: Sequence[Need], pinned: Mapping[Need, Any], lock: Map) -> bool:
    """Tell whether a line may be written: beside a live version only, and the variants of a test all or none."""
    known = {each.path for each in pinned}
    if need.environment and not need.is_live and need.path[:4] not in known and find(lock, need.path[:4]) is None:
        return False
    others = [each for each in wanted if need.is_of_a_test and each.path[:5] == need.path[:5]]
    return all(each.path in known or needs.pinned(lock, each) is not None for each in others)


def _edited(raw: bytes | None, pinned: Mapping[Need, Any], located: Located) -> bytes | None:
    """Return the lock with the answers. Raises Stopped where an edit would change more than its line."""
    with locked_text.editing(located):
        written = needs.put_all((raw or b"").decode(), pinned)
    source, problems = read(written.encode(), LOCK)
    problems += check_schema(source.data, "lock") if source and written else []
    if failed(problems):  # what a registry answers is no lock: a URI or a run of another form
        raise Stopped(exits.FINDINGS, [problem._replace(place=None) for problem in problems])
    return written.encode() if pinned else raw


def _say(
    console: Console,
    located: Located,
    lock: Map,
    pinned: Mapping[Need, Any],
    brought: Vendored,
    raw: bytes | None,
    after: bytes | None,
    dry_run: bool,
) -> int:
    file = located.shown(LOCK)
    diff = "".join([*brought.diffs(located), unified(file, raw, after) if raw != after else ""])
    moved = [need for need, answer in pinned.items() if needs.pinned(lock, need) != answer]
    lines = [f"{file}: the layer {each.address} is {each.copy.path}" for each in brought.moved]
    lines += [f"{file}: {_told(need, pinned[need], lock)}" for need in moved]
    data: list[dict[str, Any]] = [
        {"address": text(("layers", each.address)), "said": each.address, "pinned": each.copy._asdict()}
        for each in brought.moved
    ]
    data += [{"address": text(need.path), "said": need.said, "pinned": pinned[need]} for need in moved]
    console.result(
        diff.removesuffix("\n") if dry_run else "\n".join(lines),
        {"file": file, "written": bool(diff) and not dry_run, "lines": data, "diff": diff},
    )
    if not diff:
        console.note(f"{file} has all that can be pinned; nothing is written")
    else:
        count = f"{len(lines)} line{'s'[: len(lines) != 1]}"
        console.note(f"{count}; nothing is written" if dry_run else "commit it; `mlops-spec publish` renders it")
    return exits.FINE


def _told(need: Need, answer: Any, lock: Map) -> str:
    return " ".join(_words(need, answer, lock))


def _words(need: Need, answer: Any, lock: Map) -> Iterator[str]:
    before = needs.pinned(lock, need)
    if not need.environment:
        yield f"{need.title} is {answer} ({need.of}:{need.said})"
        return
    yield f"{need.title} is version {answer['version']}"
    if str(need.said).startswith("@"):
        yield f"({need.said})"
    if before is not None:
        yield f"after {before['version']}"
        if need.gradual and need.is_live and before["version"] != answer["version"]:
            yield "and begins a rollout at step 1"
