"""``mlops-spec lint``."""

from __future__ import annotations

import click

from mlops_spec import report
from mlops_spec.cli import options

EXAMPLES = """
  mlops-spec lint                            check ./mlops.yaml for every environment
  mlops-spec lint examples/churn --env prod
  mlops-spec lint --ignore MS205             all rules but one
  mlops-spec lint --format github            as annotations on the lines of a pull request
  mlops-spec explain MS204                   what a code means, and the way out
"""


@options.command("lint", EXAMPLES)
@options.path
@options.environments
@click.option(
    "--select", multiple=True, metavar="CODES", help="Run only these rules: codes such as MS204, or their beginnings."
)
@click.option(
    "--ignore", multiple=True, metavar="CODES", help="Run all rules but these. What is not a rule is always checked."
)
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

    Nothing is written, and no cluster or server is asked. Ends with 0 where there are warnings at most, with 1 for
    errors, with 3 where a file cannot be read as data.
    """
    from mlops_spec.cli.compiling import compile_located, refuse_unknown
    from mlops_spec.cli.console import Console
    from mlops_spec.cli.locate import locate
    from mlops_spec.lint.run import Choice

    try:
        rules = Choice(_codes(select), _codes(ignore))
    except ValueError as problem:
        raise click.UsageError(_always(*_codes(select), *_codes(ignore)) or str(problem)) from None
    done = compile_located(locate(path), environments, crds, rules)
    refuse_unknown(done, environments)
    Console(form, color).problems(done.compilation.diagnostics, done.located, done.texts, err=False)
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
