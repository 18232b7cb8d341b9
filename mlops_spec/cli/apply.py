"""``mlops-spec apply``."""

from __future__ import annotations

import click

from mlops_spec.cli import options

EXAMPLES = """
  mlops-spec apply mlflow                    show what would change, ask, and change it
  mlops-spec apply mlflow --env prod --yes
"""
MLFLOW = """
  mlops-spec apply mlflow --env dev
  mlops-spec apply mlflow --env dev --tracking-uri http://localhost:5000    by a port-forward
  mlops-spec apply mlflow --yes --delete     delete what was applied once, and is no longer in the spec
"""


@click.group("apply", epilog="\b\nExamples:" + EXAMPLES)
def command() -> None:
    """Bring a live server to what a spec says it holds. `plan` shows the same, and changes nothing."""


@command.command(
    "mlflow",
    cls=options.Command,
    short_help="Make the experiments and registered models of a spec.",
    epilog="\b\nExamples:" + MLFLOW,
)
@options.environments
@options.spec
@options.servers
@click.option("--delete", is_flag=True, help="Delete what was applied once, and is no longer in the spec.")
@click.option("--yes", is_flag=True, help="Ask nothing. Needed where nobody can be asked.")
@options.result_format
@options.color
def mlflow(
    environments: tuple[str, ...],
    spec: str | None,
    tracking_uri: str | None,
    registry_uri: str | None,
    delete: bool,
    yes: bool,
    form: str,
    color: str,
) -> int:
    """Bring the experiments and registered models of an MLflow server to what a spec says.

    What belongs to another project is refused, and tags that others have set stay. Experiments are deleted as MLflow
    does it, so that they can be restored; models that have versions are never deleted. What could not be done is
    named, and a second run goes on with it; several at a time are safe. The Job in the cluster does the same after
    each delivery, and moves the aliases.
    """
    from mlops_spec.cli.console import Console
    from mlops_spec.cli.locate import locate
    from mlops_spec.cli.planning import Given, apply_plan

    given = Given(environments, tracking_uri, registry_uri, delete)
    return apply_plan(Console(form, color), locate(spec), given, asking=not yes)
