"""``mlops-spec rollout``."""

from __future__ import annotations

from collections.abc import Callable

import click

from mlops_spec.cli import options

EXAMPLES = """
  mlops-spec rollout status                  which rollouts are under way, and at which step
  mlops-spec rollout advance --env prod      the next step; behind the last one the new version has taken over
  mlops-spec rollout abort churn --env prod  all requests to the version before
"""
ADVANCE = """
  mlops-spec rollout advance --env prod
  mlops-spec rollout advance churn --env prod --dry-run    print the diff of the lock, and write nothing
"""
ABORT = """
  mlops-spec rollout abort --env prod
  mlops-spec rollout abort churn --env prod --dry-run      print the diff of the lock, and write nothing
"""
STATUS = """
  mlops-spec rollout status
  mlops-spec rollout status churn --env prod --format json
"""

_model = click.argument("model", required=False, metavar="[MODEL]", shell_complete=options.complete_model)
_environment = click.option(
    "--env",
    "environment",
    required=True,
    metavar="NAME",
    shell_complete=options.complete_environment,
    help="The environment in which the rollout is under way.",
)
_dry_run = click.option("--dry-run", is_flag=True, help="Print the diff of the lock, and write nothing.")


@click.group("rollout", epilog="\b\nExamples:" + EXAMPLES)
def command() -> None:
    """Walk a new version of a model from its first requests to all of them, or back.

    A rollout is a line of mlops.lock.yaml, `rollout: {step: 0, from: {version: …, …}}`, beside the new version. Each
    step is an edit of that line, which you commit and `publish` renders; nothing else is changed here.
    """


def _subcommand(name: str, what: str, examples: str) -> Callable[[options.Decorated], click.Command]:
    return command.command(name, cls=options.Command, short_help=what, epilog="\b\nExamples:" + examples)


@_subcommand("status", "Show which rollouts are under way, and at which step.", STATUS)
@_model
@options.environments
@options.spec
@options.result_format
@options.color
def status(model: str | None, environments: tuple[str, ...], spec: str | None, form: str, color: str) -> int:
    """Show which rollouts are under way, at which step, and how many requests the new version gets now and next."""
    from mlops_spec.cli.console import Console
    from mlops_spec.cli.locate import locate
    from mlops_spec.cli.walking import show_status

    return show_status(Console(form, color), locate(spec), environments, model)


@_subcommand("advance", "Move a rollout to its next step.", ADVANCE)
@_model
@_environment
@options.spec
@_dry_run
@options.result_format
@options.color
def advance(model: str | None, environment: str, spec: str | None, dry_run: bool, form: str, color: str) -> int:
    """Move the rollout of MODEL to its next step; behind the last one, the new version has taken over.

    MODEL may be left out where only one rollout is under way. Where the spec has errors in the environment nothing is
    moved, since the step could not be rendered.
    """
    from mlops_spec.cli.console import Console
    from mlops_spec.cli.locate import locate
    from mlops_spec.cli.walking import walk_on

    return walk_on(Console(form, color), locate(spec), environment, model, dry_run)


@_subcommand("abort", "End a rollout with the version before.", ABORT)
@_model
@_environment
@options.spec
@_dry_run
@options.result_format
@options.color
def abort(model: str | None, environment: str, spec: str | None, dry_run: bool, form: str, color: str) -> int:
    """End the rollout of MODEL: the version before is the live one again.

    MODEL may be left out where only one rollout is under way. Errors of the spec hold nothing up; only the lock must
    be right.
    """
    from mlops_spec.cli.console import Console
    from mlops_spec.cli.locate import locate
    from mlops_spec.cli.walking import walk_back

    return walk_back(Console(form, color), locate(spec), environment, model, dry_run)
