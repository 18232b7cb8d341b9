"""``mlops-spec publish``."""

from __future__ import annotations

import click

from mlops_spec.cli import options

EXAMPLES = """
  mlops-spec publish                         to platform.delivery.branch, and to <branch>-<environment>
                                             for each protected environment
  mlops-spec publish --branch preview --env dev
"""


@options.command("publish", EXAMPLES)
@options.path
@click.option("--branch", metavar="NAME", help="The branch to commit to. Default: the spec's platform.delivery.branch.")
@options.environments
@options.allow_prune
@options.result_format
@options.color
def command(
    path: str | None, branch: str | None, environments: tuple[str, ...], allow_prune: bool, form: str, color: str
) -> int:
    """Commit the manifests of the spec at PATH (default: mlops.yaml here) to the repository that it is in.

    One commit holds the project and every environment that is not protected; each protected environment has a commit on
    a branch of its own. All branches move or none; files that are not committed stay as they are. Nothing is pushed.
    """
    from mlops_spec.cli.compiling import compile_located, refuse_unknown
    from mlops_spec.cli.console import Console
    from mlops_spec.cli.locate import locate
    from mlops_spec.cli.publishing import publish
    from mlops_spec.cli.rendering import report_compile

    console = Console(form, color)
    done = compile_located(locate(path), environments)
    refuse_unknown(done, environments)
    if code := report_compile(console, done):
        return code
    return publish(console, done, environments, branch, allow_prune)
