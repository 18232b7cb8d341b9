"""Several specs of one repository, each on its own, and one report of them all."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from signal import Signals
from typing import Any, NamedTuple

from mlops_spec.address import meant
from mlops_spec.cli import bar, claims, exits, workers
from mlops_spec.cli.claims import Claims
from mlops_spec.cli.compiling import Done
from mlops_spec.cli.console import Console, shown
from mlops_spec.cli.locate import Located
from mlops_spec.cli.rendering import Outcome
from mlops_spec.cli.selecting import Selection
from mlops_spec.cli.stop import Stopped, stopped
from mlops_spec.diagnostic import Diagnostic, Severity, error, failed, order
from mlops_spec.language import environment, layers
from mlops_spec.report.of_specs import Specs
from mlops_spec.source.files import Files, Folder


class Told(NamedTuple):
    """What became of one spec. Places are from the current folder; ``lines`` are those of them, by file and number."""

    spec: str
    exit_code: int
    diagnostics: tuple[Diagnostic, ...]
    lines: Mapping[str, Mapping[int, str]]
    outcome: Outcome | None = None
    repaired: tuple[Diagnostic, ...] = ()
    claims: Claims | None = None


class Chosen(NamedTuple):
    """The specs to work on, the others, and of how many of those it is known why not: what is said of them."""

    specs: list[Located]
    others: tuple[Located, ...]
    left: tuple[str, ...]


def choose(selection: Selection, revision: str | None, environments: Sequence[str], crds: str | None) -> Chosen:
    """Leave out the specs that nobody touched since ``revision``, and those that have none of the ``environments``.

    Raises Stopped where no spec has one of them.
    """
    specs, left = [*selection.specs], []
    if environments:
        known = environments_of(((located, Folder(located.root)) for located in specs), environments)
        specs = [each for each, names in known.items() if names is None or not {*names}.isdisjoint(environments)]
        if len(specs) < len(known):
            left.append(f"{len(known) - len(specs)} without {' and '.join(environments)}")
    if revision is not None:
        from mlops_spec.cli.touched import since

        touched = since(specs, revision, crds)
        if len(touched) < len(specs):
            left.append(f"{len(specs) - len(touched)} untouched since {revision}")
        specs = touched
    kept = {*specs}
    return Chosen(specs, tuple(each for each in selection.specs if each not in kept), tuple(left))


def environments_of(
    specs: Iterable[tuple[Located, Files]], wanted: Sequence[str]
) -> dict[Located, tuple[str, ...] | None]:
    """Return the environments of each spec; None where it cannot be read, which is told when it is compiled.

    Raises Stopped where none has one of those that are ``wanted``.
    """
    found: dict[Located, tuple[str, ...] | None] = {}
    for located, files in specs:
        loaded, _ = layers.load(files, located.name)
        found[located] = environment.names(loaded.layers)[0] if loaded is not None else None
    everywhere = dict.fromkeys(name for names in found.values() for name in (wanted if names is None else names))
    for name in wanted:
        if name not in everywhere:
            message = f"no environment is named {name} in any of {len(found)} specs"
            raise stopped(exits.USAGE, "MS191", message, meant(name, everywhere, "environment"))
    return found


def known(done: Done, environments: Sequence[str]) -> list[str]:
    """Return which of ``environments`` a spec has."""
    loaded = done.compilation.loaded
    names = environment.names(loaded.layers)[0] if loaded is not None else ()
    return [name for name in environments if name in names]


def of(done: Done, outcome: Outcome | None = None, repaired: Iterable[Diagnostic] = (), exit_code: int = 0) -> Told:
    """Tell of a compile that ended, and what came of it."""
    located = done.located
    diagnostics = tuple(shown(d, located) for d in done.compilation.diagnostics)
    own = claims.of(done)
    found = [place for d in diagnostics for place in (d.place, *(r.place for r in d.related))]
    places = [place for place in (*found, *(own.places if own else ())) if place is not None]
    texts = {located.shown(file): text.split("\n") for file, text in done.texts.items()}
    lines: dict[str, dict[int, str]] = {}
    for place in places:
        text = texts.get(place.file, [])
        if place.line <= len(text):
            lines.setdefault(place.file, {})[place.line] = text[place.line - 1]
    mended = tuple(shown(d, located) for d in repaired)
    return Told(located.shown(located.name), done.exit_code or exit_code, diagnostics, lines, outcome, mended, own)


def claimed(told: Sequence[Told], chosen: Chosen) -> list[Told]:
    """Add to what became of each spec what it claims that another one does, of all that were selected."""
    found: dict[str, list[Diagnostic]] = {}
    others = [own for located in chosen.others if (own := claims.uncompiled(located)) is not None]
    for own, problem in claims.clashes([*others, *(each.claims for each in told if each.claims is not None)]):
        found.setdefault(own.spec, []).append(problem)
    return [_with(each, found.get(each.spec, [])) for each in told]


def _with(told: Told, problems: Sequence[Diagnostic]) -> Told:
    code = max(told.exit_code, exits.FINDINGS) if failed(problems) else told.exit_code
    return told._replace(diagnostics=(*told.diagnostics, *problems), exit_code=code)


def stopped_at(done: Done, stop: Stopped) -> Told:
    """Tell of a spec that was compiled, and of whose tree something then could not be done."""
    told = of(done)
    return told._replace(exit_code=stop.exit_code, diagnostics=(*told.diagnostics, *stop.diagnostics))


def work(specs: Sequence[Located], one: Callable[[Located], Told], form: str, *, alone: bool = False) -> list[Told]:
    """Return what ``one`` makes of each spec, in their order; ``alone`` keeps it to this process."""
    count = 1 if alone else workers.processes(len(specs))
    # What the first needs to be imported, all have then.
    first = [one(specs[0])] if specs else []
    others = workers.each(specs[1:], one, _ended, count)
    return [*bar.shown((told for part in (first, others) for told in part), len(specs), form)]


def _ended(located: Located, code: int) -> Told:
    spec = located.shown(located.name)
    how = Signals(-code).name if code < 0 else f"exit code {code}"
    hint = "run again; should it be for want of memory, `taskset -c 0 mlops-spec …` works in one process"
    problem = error("MS602", f"the process that worked on {spec} was ended from outside ({how})", None, "", hint)
    return Told(spec, exits.IO, (problem,), {})


def report(console: Console, told: Sequence[Told], *, err: bool, mended: bool = False) -> None:
    """Print the problems of all specs: each once, with the specs in which it arises."""
    specs: dict[Diagnostic, list[str]] = {}
    lines: dict[str, dict[int, str]] = {}
    for each in told:
        for d in each.diagnostics:
            specs.setdefault(d, []).append(each.spec)
        for file, numbered in each.lines.items():
            lines.setdefault(file, {}).update(numbered)
    texts = {file: _text(numbered) for file, numbered in lines.items()}
    repaired = dict.fromkeys(d for each in told for d in each.repaired) if mended else None
    console.problems(
        sorted(specs, key=order), None, texts, err=err, repaired=repaired, specs=Specs(specs, [*map(as_data, told)])
    )


def _text(numbered: Mapping[int, str]) -> str:
    """Return a text that has the known lines where they stand, and nothing else."""
    return "\n".join(numbered.get(number, "") for number in range(1, max(numbered) + 1))


def summary(console: Console, told: Sequence[Told], chosen: Chosen) -> int:
    """Say how many specs ended how, for people; return the worst exit code."""
    words = [_word(each) for each in told]
    counts = ", ".join(f"{words.count(word)} {word}" for word in dict.fromkeys(sorted(words, key=_ORDER.index)))
    left = f"; left out: {', '.join(chosen.left)}" if chosen.left else ""
    console.note(f"{counted(told)}{f': {counts}' if counts else ''}{left}")
    return max((each.exit_code for each in told), default=exits.FINE)


def counted(told: Sequence[Any]) -> str:
    """Say how many specs there are."""
    return "1 spec" if len(told) == 1 else f"{len(told)} specs"


_ORDER = ("fine", "written", "unchanged", "up to date", "stale", "with warnings", "with errors")


def _word(told: Told) -> str:
    if told.outcome is not None:
        return told.outcome.state
    severities = {d.severity for d in told.diagnostics}
    if Severity.ERROR in severities:
        return "with errors"
    return "with warnings" if severities else "fine"


def as_data(told: Told) -> dict[str, Any]:
    """Return how a spec ended, as data."""
    severities = [d.severity for d in told.diagnostics]
    return {
        "spec": told.spec,
        "exit_code": told.exit_code,
        "errors": severities.count(Severity.ERROR),
        "warnings": severities.count(Severity.WARNING),
    }


def folders(specs: Sequence[Located], out: str) -> dict[Located, str]:
    """Return which folder each spec is rendered to: of ``out`` the one that the spec's own folder is here.

    Raises Stopped where two would share one.
    """
    found: dict[Located, str] = {}
    owners: dict[str, str] = {}
    for located in specs:
        spec = located.shown(located.name)
        within = os.path.dirname(spec) if located.name == "mlops.yaml" else os.path.splitext(spec)[0]
        if within.startswith(("..", "/")):
            hint = "run it from a folder that all of them are in"
            raise stopped(exits.USAGE, "MS601", f"{spec} is not below the current folder, which --out mirrors", hint)
        found[located] = os.path.join(out, within) if within else out
        owners.setdefault(os.path.normpath(within or "."), spec)
    for located in specs:
        _refuse_shared(located, found[located], os.path.relpath(found[located], out), owners)
    return found


def _refuse_shared(located: Located, folder: str, within: str, owners: Mapping[str, str]) -> None:
    spec, above = located.shown(located.name), within
    while True:
        owner = owners.get(above)
        if owner is not None and owner != spec:
            same = "the same folder" if above == within else f"a folder within that of {owner}"
            message = f"{owner} and {spec} would be written to {same}, {folder}"
            hint = f"render {owner} by itself, to another folder"
            raise stopped(exits.CONFLICT, "MS601", message, hint)
        if above == ".":
            return
        above = os.path.dirname(above) or "."
