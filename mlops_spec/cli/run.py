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
"""


@options.command("run", EXAMPLES)
@click.argument("pipeline", metavar="PIPELINE", shell_complete=options.complete_pipeline)
@click.option("--param", "parameters", multiple=True, metavar="NAME=VALUE", help="Give a parameter another value.")
@click.option("--from", "again", metavar="STEP", help="Run this step, and all that wait for it, also where unchanged.")
@click.option(
    "--env", type=click.Choice(["local"]), default="local", show_default=True, help="The environment: this machine."
)
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
    """
    from mlops_spec.cli.console import Console
    from mlops_spec.cli.locate import locate
    from mlops_spec.cli.running import run_pipeline

    return run_pipeline(Console(form, color), locate(spec), pipeline, parameters, again, jobs, dry_run)
