"""What several commands take, said once; and how a command that was stopped says why."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from mlops_spec.cli.stop import Stopped

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from mlops_spec.cli.moving import How

Decorated = Callable[..., Any]

RESULT_FORMATS = ("text", "json")
FORGES = ("github", "gitlab")


class Command(click.Command):
    """A command that prints why it was stopped in the format that it was asked for."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run it; the result is its exit code."""
        try:
            return super().invoke(ctx)
        except Stopped as stop:
            return _told(stop, ctx, err=self.name != "lint")


class Group(click.Group):
    """A command with commands below it, which does something by itself as well."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run it, or the one below it; the result is its exit code."""
        try:
            return super().invoke(ctx)
        except Stopped as stop:
            return _told(stop, ctx, err=True)


def _told(stop: Stopped, ctx: click.Context, *, err: bool) -> int:
    from mlops_spec.cli.console import Console

    form = ctx.params.get("form", "text")
    Console(form, ctx.params.get("color", "auto")).problems(stop.diagnostics, err=err)
    return stop.exit_code


def command(name: str, examples: str) -> Callable[[Decorated], click.Command]:
    """Declare a command; its function's docstring is its help, and ``examples`` end it."""
    return click.command(name, cls=Command, epilog="\b\nExamples:" + examples)


def path(function: Decorated) -> Decorated:
    """Take PATH."""
    # A path's type has the shell complete files; whether there is one is for ``locate`` to say.
    return click.argument("path", required=False, metavar="[PATH]", type=click.Path())(function)


def paths(function: Decorated) -> Decorated:
    """Take PATHs: specs, their folders, and globs."""
    return click.argument("paths", nargs=-1, metavar="[PATH]...", type=click.Path())(function)


def since(function: Decorated) -> Decorated:
    """Take ``--since``."""
    help_text = "Only specs of which a file differs from where HEAD left REVISION: layers, lock, templates and all."
    return click.option("--since", metavar="REVISION", help=help_text)(function)


def complete_environment(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Answer a shell with the environments of the spec that the line is about."""
    from mlops_spec.cli.completing import environments

    return environments(ctx, incomplete)


def complete_address(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Answer a shell with addresses in the spec that the line is about, or with files where it wants a path."""
    from click.shell_completion import CompletionItem

    from mlops_spec.cli.completing import addresses

    found = addresses(ctx, incomplete)
    return found or [CompletionItem(incomplete, type="file")]


def complete_model(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Answer a shell with the models of the spec that the line is about."""
    from mlops_spec.cli.completing import named

    return named(ctx, incomplete, "models")


def complete_pipeline(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Answer a shell with the pipelines of the spec that the line is about."""
    from mlops_spec.cli.completing import named

    return named(ctx, incomplete, "pipelines")


def complete_image(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Answer a shell with the images of the spec that the line is about."""
    from mlops_spec.cli.completing import named

    return named(ctx, incomplete, "images")


def complete_pinned(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Answer a shell with the models and images of the spec that the line is about."""
    return [*complete_model(ctx, param, incomplete), *complete_image(ctx, param, incomplete)]


def environments(function: Decorated) -> Decorated:
    """Take ``--env``, as often as wanted."""
    help_text = "Only this environment; may be given several times. Default: all."
    return click.option(
        "--env",
        "environments",
        multiple=True,
        metavar="NAME",
        shell_complete=complete_environment,
        help=help_text,
    )(function)


def spec(function: Decorated) -> Decorated:
    """Take ``--spec``, where an argument is something else."""
    help_text = "The spec, or its folder. Default: mlops.yaml here."
    return click.option("--spec", metavar="PATH", type=click.Path(), help=help_text)(function)


def specs(function: Decorated) -> Decorated:
    """Take ``--spec``, as often as wanted, and globs."""
    help_text = "The spec, its folder, or a glob of either; may be given several times. Default: mlops.yaml here."
    kind = click.Path()
    return click.option("--spec", "specs", multiple=True, metavar="PATH", type=kind, help=help_text)(function)


def servers(function: Decorated) -> Decorated:
    """Take ``--tracking-uri`` and ``--registry-uri``, for addresses that are others than the spec's from here."""
    for name, what in (
        ("registry", "The registry's address. Default: the spec's, or the tracking server's."),
        ("tracking", "The tracking server's address, such as that of a port-forward. Default: the spec's."),
    ):
        function = click.option(f"--{name}-uri", metavar="URI", help=what)(function)
    return function


def cluster(function: Decorated) -> Decorated:
    """Take which cluster is asked, and as whom: ``--context``, ``--kubeconfig``, ``--field-manager``."""
    for name, metavar, what in (
        (
            "field-manager",
            "NAME",
            "Ask what an apply under this name would do. Default: argocd-controller, Argo CD's own.",
        ),
        ("kubeconfig", "FILE", "The kubeconfig. Default: KUBECONFIG, ~/.kube/config, or the pod's own account."),
        ("context", "NAME", "The context of the kubeconfig that leads to the cluster. Default: its current one."),
    ):
        function = click.option(f"--{name}", metavar=metavar, help=what)(function)
    return function


def crds(function: Decorated) -> Decorated:
    """Take ``--crds``."""
    help_text = "Check custom objects also by the CustomResourceDefinitions in this folder."
    kind = click.Path(exists=True, file_okay=False)
    return click.option("--crds", type=kind, metavar="DIR", help=help_text)(function)


def result_format(function: Decorated) -> Decorated:
    """Take ``--format`` of a command whose result is not its problems."""
    help_text = "How to print the result and the problems."
    choice = click.Choice(RESULT_FORMATS)
    return click.option("--format", "form", type=choice, default="text", show_default=True, help=help_text)(function)


def color(function: Decorated) -> Decorated:
    """Take ``--color``."""
    choice = click.Choice(("auto", "always", "never"))
    help_text = "Color problems; auto: on a terminal, unless NO_COLOR is set."
    return click.option("--color", type=choice, default="auto", show_default=True, help=help_text)(function)


def moving(function: Decorated) -> Decorated:
    """Take where an edit of the lock goes, for ``how``."""
    for option in (
        click.option("--remote", metavar="NAME", help="The remote to push to. Default: the one that is followed here."),
        click.option("--base", metavar="NAME", help="The branch it goes into. Default: the remote's main branch."),
        click.option(
            "--forge", type=click.Choice(FORGES), help="Which forge the remote is, where its host tells none."
        ),
        click.option("--pull-request", is_flag=True, help="Push it, and open or update a pull request, by gh or glab."),
        click.option(
            "--branch",
            metavar="NAME",
            help="Commit it to this branch, a new one from HEAD; or how that of --pull-request is called.",
        ),
        click.option("--commit", is_flag=True, help="Commit it to the branch that is checked out."),
        click.option("--dry-run", is_flag=True, help="Say what it will do, and write nothing."),
    ):
        function = option(function)
    return function


def how(
    dry_run: bool,
    commit: bool,
    branch: str | None,
    pull_request: bool,
    remote: str | None,
    base: str | None,
    forge: str | None,
) -> How:
    """Return where an edit goes. Raises a usage error where two places are said."""
    from mlops_spec.cli.moving import How
    from mlops_spec.cli.proposing import Way

    if commit and branch is not None:
        raise click.UsageError("--commit is the branch that is checked out, and --branch another one: say one of them")
    if commit and pull_request:
        raise click.UsageError("--commit is the branch that is checked out, and --pull-request another one: say one")
    if not pull_request and (remote or base or forge):
        raise click.UsageError("--remote, --base and --forge are about a pull request: say --pull-request")
    return How(dry_run, "HEAD" if commit else branch, Way(remote, base, forge) if pull_request else None)


def allow_prune(function: Decorated) -> Decorated:
    """Take ``--allow-prune``."""
    help_text = "Delete what is no longer rendered also where that is much at once: over 20 %, and over 10 files."
    return click.option("--allow-prune", is_flag=True, help=help_text)(function)
