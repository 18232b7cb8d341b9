"""``mlops-spec rollback``."""

from __future__ import annotations

from typing import Any

import click

from mlops_spec.cli import options

EXAMPLES = """
  mlops-spec rollback churn --env prod           the version that prod had before
  mlops-spec rollback churn --env prod --to 6    the version 6, as any commit's lock had it
  mlops-spec rollback churn --env prod --commit  as a commit on the branch that is checked out
  mlops-spec rollback churn --env prod --pull-request
"""


@options.command("rollback", EXAMPLES)
@click.argument("model", shell_complete=options.complete_model)
@click.option(
    "--env",
    "environment",
    required=True,
    metavar="NAME",
    shell_complete=options.complete_environment,
    help="The environment that goes back.",
)
@click.option("--to", "to", type=int, metavar="VERSION", help="The version to go back to. Default: the one before.")
@options.spec
@options.moving
@options.result_format
@options.color
def command(
    model: str,
    environment: str,
    to: int | None,
    spec: str | None,
    form: str,
    color: str,
    **where: Any,
) -> int:
    """Give an environment the version of MODEL that it had before, at once and for all requests.

    The versions that were live stand in the lock's history, each whole, so nothing is asked of a registry. A rollout
    that is under way is ended with the version before.
    """
    from mlops_spec.cli.console import Console
    from mlops_spec.cli.locate import locate
    from mlops_spec.cli.moving import roll_back

    return roll_back(Console(form, color), locate(spec), model, environment, to, options.how(**where))
