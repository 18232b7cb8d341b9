"""``mlops-spec plan``."""

from __future__ import annotations

import click

from mlops_spec.cli import options

EXAMPLES = """
  mlops-spec plan mlflow                     what apply would change, environment by environment
  mlops-spec plan mlflow --env prod --exit-code
"""
MLFLOW = """
  mlops-spec plan mlflow
  mlops-spec plan mlflow --env dev --tracking-uri http://localhost:5000    by a port-forward
  mlops-spec plan mlflow --exit-code                                       exit 1 where the server differs
"""


@click.group("plan", epilog="\b\nExamples:" + EXAMPLES)
def command() -> None:
    """Show what `apply` would change on a live server, and change nothing."""


@command.command(
    "mlflow",
    cls=options.Command,
    short_help="Show what apply would change on an MLflow server.",
    epilog="\b\nExamples:" + MLFLOW,
)
@options.environments
@options.spec
@options.servers
@click.option("--delete", is_flag=True, help="Show what would be deleted, too.")
@click.option("--exit-code", is_flag=True, help="Exit 1 where the server is not as the spec says.")
@options.result_format
@options.color
def mlflow(
    environments: tuple[str, ...],
    spec: str | None,
    tracking_uri: str | None,
    registry_uri: str | None,
    delete: bool,
    exit_code: bool,
    form: str,
    color: str,
) -> int:
    """Compare the experiments and registered models of a spec with an MLflow server.

    Credentials are those that MLflow itself reads: MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and _PASSWORD.
    Aliases are not compared: they follow what is delivered and healthy, which the Job in the cluster knows.
    """
    from mlops_spec.cli.console import Console
    from mlops_spec.cli.locate import locate
    from mlops_spec.cli.planning import Given, show_plan

    given = Given(environments, tracking_uri, registry_uri, delete)
    return show_plan(Console(form, color), locate(spec), given, exit_code)
