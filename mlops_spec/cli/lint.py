"""``mlops-spec lint``."""

from __future__ import annotations

import click

from mlops_spec import report
from mlops_spec.cli import options

EXAMPLES = """
  mlops-spec lint                            check ./mlops.yaml for every environment
  mlops-spec lint examples/churn --env prod
  mlops-spec lint --ignore MS2 --format github  errors alone, as annotations of a pull request
  mlops-spec explain MS204                   what a code means, and the way out
"""


@options.command("lint", EXAMPLES)
@options.path
@options.environments
@click.option("--select", multiple=True, metavar="CODES", help="Of the rules, only these: codes or their beginnings.")
@click.option("--ignore", multiple=True, metavar="CODES", help="Of the rules, not these.")
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
    path: str | None,
    environments: tuple[str, ...],
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    crds: str | None,
    form: str,
    color: str,
) -> int:
    """Check the spec at PATH (default: mlops.yaml here): all that render would do, and the rules.

    Nothing is written. Ends with 0 where there are warnings at most, 1 for errors, 3 where a file cannot be read as
    data.
    """
    from mlops_spec.cli.compiling import compile_located, refuse_unknown
    from mlops_spec.cli.console import Console
    from mlops_spec.cli.locate import locate
    from mlops_spec.lint.run import Choice

    try:
        rules = Choice(_codes(select), _codes(ignore))
    except ValueError as problem:
        raise click.UsageError(str(problem)) from None
    done = compile_located(locate(path), environments, crds, rules)
    refuse_unknown(done, environments)
    Console(form, color).problems(done.compilation.diagnostics, done.located, done.texts, err=False)
    return done.exit_code


def _codes(given: tuple[str, ...]) -> tuple[str, ...]:
    """Split ``MS204,MS205``."""
    return tuple(code.strip().upper() for word in given for code in word.split(",") if code.strip())
