"""``lint`` of several specs."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from mlops_spec.cli import exits, many
from mlops_spec.cli.compiling import Done, compile_located
from mlops_spec.cli.console import Console
from mlops_spec.cli.fixing import tell
from mlops_spec.cli.locate import Located
from mlops_spec.cli.mending import mend
from mlops_spec.cli.rendering import writing
from mlops_spec.lint.run import Choice
from mlops_spec.report.json import problem
from mlops_spec.source.files import Files, Folder
from mlops_spec.write.difference import unified
from mlops_spec.write.file import put


class Asked(NamedTuple):
    """What is checked of each spec."""

    environments: Sequence[str]
    crds: str | None
    rules: Choice

    def compiled(self, located: Located, files: Files | None = None) -> Done:
        """Compile a spec."""
        return compile_located(located, self.environments, self.crds, self.rules, files)


def lint_all(console: Console, chosen: many.Chosen, asked: Asked, dry_run: bool = False) -> int:
    """Print the problems of all specs."""
    told = many.claimed(many.work(chosen.specs, lambda located: many.of(asked.compiled(located)), console.form), chosen)
    many.report(console, told, err=False)
    repairs = {d.repair for each in told for d in each.diagnostics if d.repair is not None}
    if repairs:
        console.note(f"{len(repairs)} of them can be repaired: mlops-spec lint --fix")
    return many.summary(console, told, chosen)


def fix_all(console: Console, chosen: many.Chosen, asked: Asked, dry_run: bool) -> int:
    """Write what can be repaired, spec after spec, for they may share a layer; with ``dry_run`` print it as a diff."""
    diffs: dict[str, None] = {}

    def one(located: Located) -> many.Told:
        done, repaired, contents = mend(partial(asked.compiled, located), Folder(located.root))
        for file, content in sorted(contents.items()):
            if dry_run:
                diffs[unified(located.shown(file), *content)] = None
            else:
                with writing():
                    put(Path(located.shown(file)), content.after, content.before)
        return many.of(done, repaired=repaired)

    told = many.claimed(many.work(chosen.specs, one, console.form, alone=True), chosen)
    repaired = [*dict.fromkeys(d for each in told for d in each.repaired)]
    if dry_run:
        diff = "".join(diffs)
        data = {"repaired": [problem(d) for d in repaired], "written": False, "diff": diff}
        console.result(diff.removesuffix("\n"), data)
        tell(console, repaired)
        return exits.FINDINGS if repaired else exits.FINE
    tell(console, repaired)
    many.report(console, told, err=False, mended=True)
    return many.summary(console, told, chosen)
