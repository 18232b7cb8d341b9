"""``mlops-spec import``."""  # noqa: N999

from __future__ import annotations

import click

from mlops_spec.cli import options

EXAMPLES = """
  mlops-spec import mlflow --tracking-uri http://localhost:5000
"""
MLFLOW = """
  mlops-spec import mlflow --tracking-uri http://localhost:5000                      print a spec
  mlops-spec import mlflow --tracking-uri http://localhost:5000 --write mlops.yaml   write it, or add to it
  mlops-spec import mlflow --tracking-uri http://localhost:5000 --experiment 'churn*' --model churn
"""


@click.group("import", epilog="\b\nExamples:" + EXAMPLES)
def command() -> None:
    """Write what a live server holds as a spec, and change nothing on it."""


@command.command(
    "mlflow",
    cls=options.Command,
    short_help="Write experiments and registered models of an MLflow server as a spec.",
    epilog="\b\nExamples:" + MLFLOW,
)
@click.option("--tracking-uri", metavar="URI", required=True, help="The tracking server's address.")
@click.option("--registry-uri", metavar="URI", help="The registry's address. Default: the tracking server's.")
@click.option("--experiment", "experiments", metavar="GLOB", multiple=True, help="Only experiments of such a name.")
@click.option("--model", "models", metavar="GLOB", multiple=True, help="Only registered models of such a name.")
@click.option("--project", metavar="NAME", help="The project of a new spec. Default: as its folder.")
@click.option("--write", metavar="PATH", type=click.Path(), help="Write this spec, or add to it what it lacks.")
@options.result_format
@options.color
def mlflow(
    tracking_uri: str,
    registry_uri: str | None,
    experiments: tuple[str, ...],
    models: tuple[str, ...],
    project: str | None,
    write: str | None,
    form: str,
    color: str,
) -> int:
    """Write experiments and registered models of an MLflow server as a spec, or add them to one.

    Of names with underscores, `moved` keeps those of the server. What no spec can say is left out, and named in a
    comment. With --experiment or --model alone, the other kind is left out; each may be given several times. What a
    model's alias names is for `mlops-spec lock` to pin. `apply mlflow` then takes what is nobody's so far.
    """
    from mlops_spec.cli.console import Console
    from mlops_spec.cli.importing import Asked, import_mlflow

    asked = Asked(tracking_uri, registry_uri or tracking_uri, experiments, models, project, write)
    return import_mlflow(Console(form, color), asked)
