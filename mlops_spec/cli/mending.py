"""The repairs of a spec, as far as each mends its problem and brings no other: which texts come of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from mlops_spec.cli.compiling import Done
from mlops_spec.diagnostic import Diagnostic
from mlops_spec.diagnostic_codes import LEFT_OUT
from mlops_spec.language import layers
from mlops_spec.lint.editing import Edit, edited, edits
from mlops_spec.source.edit import Refused
from mlops_spec.source.files import Edited, Files

_MOST_ROUNDS = 10
"""A repair may uncover another one; two that undo each other must end."""

Compile = Callable[[Files], Done]


class Content(NamedTuple):
    """A file's bytes, and those with its repairs."""

    before: bytes
    after: bytes


class Mended(NamedTuple):
    """A spec with repairs: its compile, which problems they mended, and the files that they change."""

    done: Done
    repaired: tuple[Diagnostic, ...]
    contents: Mapping[str, Content]


def mend(compile_files: Compile, files: Files) -> Mended:
    """Make all repairs that can be made; none where an environment was not linted, for its faults are still unknown."""
    found = Mended(compile_files(files), (), {})
    given_up: set[object] = set()
    for _ in range(_MOST_ROUNDS):
        wanted = [each for each in _wanted(found.done, files) if _what(each[0]) not in given_up]
        if not wanted:
            break
        given_up.update(_what(edit) for edit, _ in wanted)
        found = _with(found, wanted, compile_files, files)
    return found


def _wanted(done: Done, files: Files) -> list[tuple[Edit, Diagnostic]]:
    compilation = done.compilation
    loaded, environments = compilation.loaded, compilation.environments.values()
    if loaded is None or not all(environment.context for environment in environments):
        return []
    kept = {copy.path for copy in layers.copies(loaded.lock).values()}
    sources = {file: source for file, source in loaded.sources.items() if file not in kept}
    return list(edits(compilation.diagnostics, sources).items())


def _with(before: Mended, wanted: Sequence[tuple[Edit, Diagnostic]], compile_files: Compile, files: Files) -> Mended:
    """Return ``before`` with the wanted repairs, without those of which another problem comes."""
    contents, made = _edited(before.contents, wanted, files)
    if not made:
        return before
    done = compile_files(Edited(files, {file: content.after for file, content in contents.items()}))
    if _is_better(before.done, done, made):
        return Mended(done, (*before.repaired, *made), contents)
    if len(wanted) == 1:
        return before
    half = len(wanted) // 2
    return _with(_with(before, wanted[:half], compile_files, files), wanted[half:], compile_files, files)


def _edited(
    contents: Mapping[str, Content], wanted: Iterable[tuple[Edit, Diagnostic]], files: Files
) -> tuple[dict[str, Content], list[Diagnostic]]:
    """Return the files with edits, and which problems have one that the text of the file allows."""
    changed, made = dict(contents), []
    for each, problem in wanted:
        raw = files.read(each.file, None)[0] or b""
        content = changed.get(each.file, Content(raw, raw))
        try:
            changed[each.file] = content._replace(after=edited(content.after.decode(), each).encode())
        except Refused:
            continue
        made.append(problem)
    return changed, made


def _is_better(before: Done, after: Done, mended: Iterable[Diagnostic]) -> bool:
    """Tell whether problems are gone, and there are no others."""
    left = set(map(_which, after.compilation.diagnostics))
    known = set(map(_which, before.compilation.diagnostics))
    others = {which for which in left - known if which[0] not in LEFT_OUT}
    return not others and not left & set(map(_which, mended))


def _which(problem: Diagnostic) -> tuple[str, str]:
    """Tell a problem from others wherever it stands: lines move."""
    return problem.code, problem.address


def _what(edit: Edit) -> object:
    return edit.file, edit.path, edit.repair.key, edit.repair.value
