"""``lint --fix``: the repairs of a spec, written or shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from mlops_spec.cli import exits
from mlops_spec.cli.compiling import Done
from mlops_spec.cli.console import Console, shown
from mlops_spec.cli.locate import Located
from mlops_spec.cli.mending import mend
from mlops_spec.cli.rendering import writing
from mlops_spec.diagnostic import Diagnostic
from mlops_spec.report.json import problem
from mlops_spec.source.files import Files, Folder
from mlops_spec.source.inline import yaml_value
from mlops_spec.write.difference import unified
from mlops_spec.write.file import put

Compile = Callable[[Files], Done]


def fix(console: Console, located: Located, compile_files: Compile) -> int:
    """Write what can be repaired, each file whole or not at all, and print the problems that are left."""
    done, repaired, contents = mend(compile_files, Folder(located.root))
    with writing():
        for file, content in contents.items():
            put(Path(located.shown(file)), content.after, content.before)
    tell(console, [shown(d, located) for d in repaired])
    console.problems(done.compilation.diagnostics, located, done.texts, err=False, repaired=repaired)
    return done.exit_code


def show_fixes(console: Console, located: Located, compile_files: Compile) -> int:
    """Print as a diff what would be repaired, and change nothing."""
    _, repaired, contents = mend(compile_files, Folder(located.root))
    diff = "".join(unified(located.shown(file), *content) for file, content in sorted(contents.items()))
    found = [problem(shown(d, located)) for d in repaired]
    console.result(diff.removesuffix("\n"), {"repaired": found, "written": False, "diff": diff})
    tell(console, [shown(d, located) for d in repaired])
    return exits.FINDINGS if repaired else exits.FINE


def tell(console: Console, repaired: Iterable[Diagnostic]) -> None:
    """Say what repairs have mended; places are from the current folder."""
    lines = [f"{d.place}: {d.code} {d.message}: {_what(d)}" for d in repaired]
    for line in lines or ["nothing can be repaired"]:
        console.note(line)


def _what(mended: Diagnostic) -> str:
    """Say what a repair has done."""
    repair = mended.repair
    assert repair is not None
    if repair.value is None:
        return f"took `{mended.address.rpartition('.')[2]}` out"
    written = yaml_value(list(repair.value) if isinstance(repair.value, tuple) else repair.value)
    return f"added `{repair.key}: {written}`" if repair.key else f"wrote `{written}`"
