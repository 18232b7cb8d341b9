"""``mlops-spec lint``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mlops_spec import report
from mlops_spec.cli import options

if TYPE_CHECKING:
    from mlops_spec.source.files import Files

EXAMPLES = """
  mlops-spec lint                            check ./mlops.yaml for every environment
  mlops-spec lint examples/churn --env prod
  mlops-spec lint 'teams/*' platform         every spec there; the glob in quotes, so that it means the same everywhere
  mlops-spec lint '**' --since main          those of the repository that differ from where this branch left main
  mlops-spec lint --ignore MS205             all rules but one
  mlops-spec lint --fix                      repair what can be, and print what is left
  mlops-spec lint --fix --dry-run            show the repairs as a diff, and write nothing; exit 1 where there are any
  mlops-spec lint --format github            as annotations on the lines of a pull request
  mlops-spec lint --format gitlab            as a Code Quality report
  mlops-spec explain MS204                   what a code means, and the way out
"""


@options.command("lint", EXAMPLES)
@options.paths
@options.since
@options.environments
@click.option(
    "--select", multiple=True, metavar="CODES", help="Run only these rules: codes such as MS204, or their beginnings."
)
@click.option(
    "--ignore", multiple=True, metavar="CODES", help="Run all rules but these. What is not a rule is always checked."
)
@click.option("--fix", is_flag=True, help="Repair what rules can mend by themselves; comments and layout stay.")
@click.option("--dry-run", is_flag=True, help="With --fix: print the diff of the repairs, and write nothing.")
@options.crds
@click.option(
    "--format",
    "form",
    type=click.Choice(report.FORMATS),
    default="text",
    show_default=True,
    help="How to print the problems.",
)
@options.color
def command(
    paths: tuple[str, ...],
    since: str | None,
    environments: tuple[str, ...],
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    fix: bool,
    dry_run: bool,
    crds: str | None,
    form: str,
    color: str,
) -> int:
    """Check the spec at PATH (default: mlops.yaml here): all that render would do, and the rules.

    PATH is a file, a folder with a mlops.yaml, or a glob of either, where ** is any number of folders; of several specs
    there is one report, and the worst of their exit codes.

    Nothing is written without --fix, and no cluster or server is asked. Ends with 0 where there are warnings at most,
    with 1 for errors, with 3 where a file cannot be read as data.
    """
    from mlops_spec.cli.compiling import Done, compile_located, refuse_unknown
    from mlops_spec.cli.console import Console
    from mlops_spec.cli.selecting import select as find
    from mlops_spec.lint.run import Choice

    if dry_run and not fix:
        raise click.UsageError("--dry-run is for --fix: without it nothing is written")
    try:
        rules = Choice(_codes(select), _codes(ignore))
    except ValueError as problem:
        raise click.UsageError(_always(*_codes(select), *_codes(ignore)) or str(problem)) from None
    selection, console = find(paths), Console(form, color)
    if selection.many or since is not None:
        from mlops_spec.cli import linting, many

        chosen = many.choose(selection, since, environments, crds)
        asked = linting.Asked(environments, crds, rules)
        return (linting.fix_all if fix else linting.lint_all)(console, chosen, asked, dry_run)
    (located,) = selection.specs

    def compiled(files: Files | None = None) -> Done:
        done = compile_located(located, environments, crds, rules, files)
        refuse_unknown(done, environments)
        return done

    if fix:
        from mlops_spec.cli import fixing

        return (fixing.show_fixes if dry_run else fixing.fix)(console, located, compiled)
    done = compiled()
    diagnostics = done.compilation.diagnostics
    console.problems(diagnostics, located, done.texts, err=False)
    repairs = sum(d.repair is not None for d in diagnostics)
    if repairs:
        console.note(f"{repairs} of them can be repaired: mlops-spec lint --fix")
    return done.exit_code


def _always(*given: str) -> str | None:
    """Say which of ``given`` is the code of a problem that no option switches off."""
    from mlops_spec.cli.pages import titles
    from mlops_spec.lint.rules import RULES

    rules = [rule.code for rule in RULES]
    fixed = next((code for code in given if code in titles() and code not in rules), None)
    return fixed and f"{fixed} is not a rule, it is always checked; rules: {', '.join(rules)}"


def _codes(given: tuple[str, ...]) -> tuple[str, ...]:
    """Split ``MS204,MS205``."""
    return tuple(code.strip().upper() for word in given for code in word.split(",") if code.strip())
