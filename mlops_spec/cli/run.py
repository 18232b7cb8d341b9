"""``mlops-spec run``."""

from __future__ import annotations

import click

from mlops_spec.cli import options

EXAMPLES = """
  mlops-spec run train                       run a pipeline here; what is unchanged is not run again
  mlops-spec run train --param max_depth=8   with another value of one of its parameters
  mlops-spec run train --from fit            run fit, and all that waits for it, again
  mlops-spec run train --dry-run             show what would run, and why
  mlops-spec run train --format json         what happens, as lines of JSON
  mlops-spec run train --tracking-uri https://mlflow.acme.example --artifacts-uri s3://acme-ml/churn/artifacts
"""


@options.command("run", EXAMPLES)
@click.argument("pipeline", metavar="PIPELINE", shell_complete=options.complete_pipeline)
@click.option("--param", "parameters", multiple=True, metavar="NAME=VALUE", help="Give a parameter another value.")
@click.option("--from", "again", metavar="STEP", help="Run this step, and all that wait for it, also where unchanged.")
@click.option(
    "--env", type=click.Choice(["local"]), default="local", show_default=True, help="The environment: this machine."
)
@click.option("--tracking-uri", "tracking", metavar="URI", help="Record, and register, at this MLflow server.")
@click.option("--artifacts-uri", "artifacts", metavar="URI", help="Keep what it registers here: s3://… or gs://….")
@click.option("--jobs", type=click.IntRange(min=1), help="How many steps run at once. Default: as many as processors.")
@click.option("--dry-run", is_flag=True, help="Show what would run and what would be made, and do nothing.")
@options.spec
@options.result_format
@options.color
def command(
    pipeline: str,
    parameters: tuple[str, ...],
    again: str | None,
    env: str,
    tracking: str | None,
    artifacts: str | None,
    jobs: int | None,
    dry_run: bool,
    spec: str | None,
    form: str,
    color: str,
) -> int:
    """Run a pipeline on this machine, for real: no cluster and no server is needed.

    Each step is a process in a virtual environment with the requirements of its image. Runs are recorded, and models
    registered, by MLflow in .mlops-spec/ beside the spec, which also keeps what steps leave: a step of which nothing
    has changed is not run again. The environment is `local`; environments.local.overrides say what is other here.

    With --tracking-uri and --artifacts-uri the run is recorded at a team's server, and what it registers lies where a
    cluster can read it: `mlops-spec lock` pins the version. They are opened as ever: MLFLOW_TRACKING_TOKEN, AWS_*.
    """
    if (tracking is None) != (artifacts is None):
        raise click.UsageError(
            "a version that others know must lie where they can read it: "
            "give --tracking-uri and --artifacts-uri, or neither"
        )
    if artifacts is not None and artifacts.partition("://")[0] not in ("s3", "gs"):
        raise click.UsageError("--artifacts-uri is s3://… or gs://…, without what opens it")
    from mlops_spec.cli.console import Console
    from mlops_spec.cli.locate import locate
    from mlops_spec.cli.running import Elsewhere, run_pipeline

    elsewhere = Elsewhere(tracking, artifacts.rstrip("/")) if tracking and artifacts else None
    return run_pipeline(Console(form, color), locate(spec), pipeline, parameters, again, jobs, dry_run, elsewhere)
