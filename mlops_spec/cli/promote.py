"""``mlops-spec promote``."""

from __future__ import annotations

from typing import Any

import click

from mlops_spec.cli import options

EXAMPLES = """
  mlops-spec promote churn --to prod             prod gets the version that it promotes from
  mlops-spec promote churn --to prod --dry-run   what that will do; nothing is written
  mlops-spec promote churn --to prod --commit    as a commit on the branch that is checked out
  mlops-spec promote churn --to prod --branch promote-churn
                                                 as a commit on a branch of its own
  mlops-spec promote churn --to prod --pull-request
                                                 as a pull request, which tells what that will do
"""


@options.command("promote", EXAMPLES)
@click.argument("model", shell_complete=options.complete_model)
@click.option(
    "--to",
    "to",
    required=True,
    metavar="NAME",
    shell_complete=options.complete_environment,
    help="The environment that gets the version.",
)
@options.spec
@options.moving
@options.result_format
@options.color
def command(model: str, to: str, spec: str | None, form: str, color: str, **where: Any) -> int:
    """Give an environment the version of MODEL that stands in the one it promotes from.

    That is an edit of the lock, shown with what it will do to what runs. Where the environment has a canary, it begins
    at its first step, and the version before stays beside the new one. Refused while a rollout is under way in either
    environment, and while a test of the model is running.

    A pull request is made of what the remote has, whatever is here: of its branch --base, by Git's own credentials and
    the forge's own program, gh or glab. Run again, it follows that branch; what somebody else committed to it stays.
    """
    from mlops_spec.cli.console import Console
    from mlops_spec.cli.locate import locate
    from mlops_spec.cli.moving import promote

    return promote(Console(form, color), locate(spec), model, to, options.how(**where))
