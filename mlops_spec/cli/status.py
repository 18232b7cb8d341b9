"""``mlops-spec status``."""

from __future__ import annotations

import click

from mlops_spec.cli import options

EXAMPLES = """
  mlops-spec status --env prod                    what of prod runs, in the cluster of the current context
  mlops-spec status --env prod --context prod-cluster --argocd-context tools
  mlops-spec status --all                         each object, also those with which all is well
  mlops-spec status --format json | jq .well      for a program
"""


@options.command("status", EXAMPLES)
@options.environments
@options.spec
@options.cluster
@click.option(
    "--argocd-context",
    metavar="NAME",
    help="The context that leads to Argo CD, where it runs in another cluster than the environment.",
)
@click.option("--all", "everything", is_flag=True, help="List also the objects with which all is well.")
@options.result_format
@options.color
def command(
    environments: tuple[str, ...],
    spec: str | None,
    context: str | None,
    kubeconfig: str | None,
    field_manager: str | None,
    argocd_context: str | None,
    everything: bool,
    form: str,
    color: str,
) -> int:
    """Show how what a spec renders does in a cluster, and change nothing there.

    Of each object: whether it is there, whether an apply would change it, and whether it is ready, by its own status.
    Of each model, which version is live and which one the lock says; where Argo CD delivers, what it says of its
    Application. Exit code 1 where anything is absent, differs, or is not ready.
    """
    from mlops_spec.cli.clusters import ARGOCD, Given
    from mlops_spec.cli.console import Console
    from mlops_spec.cli.locate import locate
    from mlops_spec.cli.standing import show

    given = Given(environments, kubeconfig, context, field_manager or ARGOCD, argocd_context)
    return show(Console(form, color), locate(spec), given, everything=everything)
