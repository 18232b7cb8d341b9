"""``mlops-spec show``."""

from __future__ import annotations

import click

from mlops_spec.cli import options

EXAMPLES = """
  mlops-spec show                                     what there is, in which environment
  mlops-spec show --resolved --env prod               every value, and which file and line says so
  mlops-spec show --resolved --env prod models.churn.serving
"""


@options.command("show", EXAMPLES)
@click.argument("path_and_address", nargs=-1, metavar="[PATH] [ADDRESS]", shell_complete=options.complete_address)
@click.option("--resolved", is_flag=True, help="Every value as it is in one environment, with the layers that set it.")
@click.option(
    "--env",
    "environment",
    metavar="NAME",
    shell_complete=options.complete_environment,
    help="Only this environment. --resolved shows one: needed where there are several.",
)
@options.result_format
@options.color
def command(path_and_address: tuple[str, ...], resolved: bool, environment: str | None, form: str, color: str) -> int:
    """Show the resources of the spec at PATH (default: mlops.yaml here), or those at ADDRESS.

    With --resolved, show values: each with the place that sets it, the places below that it replaces, and where a
    placeholder's value comes from.
    """
    from mlops_spec.cli.console import Console
    from mlops_spec.cli.locate import locate, path_and
    from mlops_spec.cli.showing import show_resolved, show_resources

    path, address = path_and(path_and_address)
    console = Console(form, color)
    if resolved:
        return show_resolved(console, locate(path), environment, address)
    return show_resources(console, locate(path), environment, address)
