"""``mlops-spec diff``."""

from __future__ import annotations

import click

from mlops_spec.cli import options

EXAMPLES = """
  mlops-spec diff                            what is not committed yet, against HEAD
  mlops-spec diff main                       what is here, against main
  mlops-spec diff main...HEAD                what a pull request changes, since it left main
  mlops-spec diff v1.4 v1.5 --env prod       what a release changes in prod
  mlops-spec diff main...HEAD --format markdown > comment.md
  mlops-spec diff main...HEAD --spec 'teams/*'
                                             what it changes in any spec of teams/
  mlops-spec diff --live --env prod --context prod-cluster
                                             what applying it would change in a cluster
"""
FORMATS = ("text", "json", "markdown")


@options.command("diff", EXAMPLES)
@click.argument("revisions", nargs=-1, metavar="[REVISION [REVISION]]")
@options.specs
@options.environments
@click.option("--live", is_flag=True, help="Compare with what a cluster has; nothing is written there.")
@options.cluster
@click.option("--exit-code", is_flag=True, help="Exit 1 where what is rendered differs.")
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    default="text",
    show_default=True,
    help="How to print the result; markdown is for the comment on a pull request.",
)
@options.color
def command(
    revisions: tuple[str, ...],
    specs: tuple[str, ...],
    environments: tuple[str, ...],
    live: bool,
    context: str | None,
    kubeconfig: str | None,
    field_manager: str | None,
    exit_code: bool,
    form: str,
    color: str,
) -> int:
    """Say what a change of the spec will do: how what it renders differs from what it rendered at a REVISION.

    With no REVISION HEAD is compared with the files here, with one that REVISION, with two (or A..B) one with the
    other; A...B begins where B left A. Nothing is checked out, and nothing of the spec is run. What differs in layout,
    order or quoting alone is no change. Each change names the line of the spec that caused it.

    Of several specs there is one report, of those that came and went too; where no file of one differs, it is not
    compiled.

    With --live the files here are compared with what a cluster has: its API server is asked what a server-side apply
    would make of each object (a dry run, checked strictly), and says what it would not take.
    """
    from mlops_spec.cli.console import Console
    from mlops_spec.cli.diffing import show
    from mlops_spec.cli.locate import locate
    from mlops_spec.cli.selecting import is_glob

    console = Console("json" if form == "json" else "text", color)
    several = len(specs) > 1 or any(map(is_glob, specs))
    if live:
        from mlops_spec.cli import live_diffing

        if revisions:
            raise click.UsageError("--live compares the files here with a cluster: it takes no revision")
        if several:
            raise click.UsageError("--live compares one spec with a cluster: say one")
        given = live_diffing.Given(environments, kubeconfig, context, field_manager or live_diffing.ARGOCD)
        return live_diffing.show(console, locate(specs[0] if specs else None), given, form, exit_code)
    if context or kubeconfig or field_manager:
        raise click.UsageError("--context, --kubeconfig and --field-manager are of a cluster: say --live too")
    if several:
        from mlops_spec.cli.diffing_all import show_all

        return show_all(console, specs, revisions, environments, form, exit_code)
    return show(console, locate(specs[0] if specs else None), revisions, environments, form, exit_code)
