"""``mlops-spec lock``."""

from __future__ import annotations

import re

import click

from mlops_spec.cli import exits, options

EXAMPLES = """
  mlops-spec lock                                 pin what the spec needs and the lock lacks
  mlops-spec lock --upgrade churn --env staging   the version that its alias names now
  mlops-spec lock --upgrade 'models.*'            of all models, but those whose rollout is under way
  mlops-spec lock --upgrade images.train --dry-run
  mlops-spec lock --upgrade layers                what the addresses in `extends` name now
  mlops-spec lock --check                         in CI: is it whole, and do the registries still have it
  mlops-spec lock image train sha256:…            what CI has built and pushed
"""
IMAGE = """
  mlops-spec lock image train sha256:4be1…9f0a1b
  mlops-spec lock image train sha256:4be1…9f0a1b --dry-run    print the diff of the lock, and write nothing
"""
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}\Z")


@click.group("lock", cls=options.Group, invoke_without_command=True, epilog="\b\nExamples:" + EXAMPLES)
@options.environments
@click.option(
    "--upgrade",
    "upgrades",
    multiple=True,
    metavar="NAME",
    shell_complete=options.complete_pinned,
    help="Move this model, image or layer (`layers`: all) to what its name means now; may be given several times.",
)
@click.option("--check", is_flag=True, help="Exit 1 where the lock lacks something, or the registries differ from it.")
@click.option("--dry-run", is_flag=True, help="Print the diff of the lock, and write nothing.")
@click.option("--registry-uri", "registry", metavar="URI", help="The model registry's address. Default: the spec's.")
@click.option(
    "--artifacts-destination",
    "destination",
    metavar="URI",
    envvar="MLFLOW_ARTIFACTS_DESTINATION",
    help="Where an MLflow server that hands artifacts through keeps them: what it is started with.",
)
@options.spec
@options.result_format
@options.color
@click.pass_context
def command(
    ctx: click.Context,
    environments: tuple[str, ...],
    upgrades: tuple[str, ...],
    check: bool,
    dry_run: bool,
    registry: str | None,
    destination: str | None,
    spec: str | None,
    form: str,
    color: str,
) -> int:
    """Pin what can only be known from outside, as lines of mlops.lock.yaml beside the spec.

    Versions of models come from the MLflow registry, digests of images from theirs, and layers that `extends` names by
    address as copies, from Git or a registry. What is pinned stays as it is, but
    for --upgrade; an environment that promotes from another takes no version by an alias. Only lines that change are
    written, comments stay, and where a registry cannot be asked nothing is written.
    """
    if ctx.invoked_subcommand is not None:
        return exits.FINE
    if check and (upgrades or dry_run):
        raise click.UsageError("--check writes nothing: leave --upgrade and --dry-run out")
    from mlops_spec.cli.console import Console
    from mlops_spec.cli.locate import locate
    from mlops_spec.cli.locking import Given, lock_spec

    given = Given(environments, upgrades, registry, destination, check, dry_run)
    return lock_spec(Console(form, color), locate(spec), given)


def _digest(ctx: click.Context, param: click.Parameter, value: str) -> str:
    if not _DIGEST.match(value):
        raise click.BadParameter("a digest is sha256: and 64 digits of 0-9 and a-f")
    return value


@command.command(
    "image",
    cls=options.Command,
    short_help="Pin the digest of an image.",
    epilog="\b\nExamples:" + IMAGE,
)
@click.argument("name", metavar="NAME", shell_complete=options.complete_image)
@click.argument("digest", metavar="DIGEST", callback=_digest)
@click.option("--base", is_flag=True, help="Pin the image that NAME is built upon.")
@options.spec
@click.option("--dry-run", is_flag=True, help="Print the diff of the lock, and write nothing.")
@options.result_format
@options.color
def image(name: str, digest: str, base: bool, spec: str | None, dry_run: bool, form: str, color: str) -> int:
    """Pin the DIGEST of the image NAME of the spec, or with --base that of the image that it is built upon.

    Nothing is asked of a registry: the digest is what its push has printed. Errors of the spec hold nothing up; only
    the lock must be right.
    """
    from mlops_spec.cli.console import Console
    from mlops_spec.cli.locate import locate
    from mlops_spec.cli.pinning import pin_image

    return pin_image(Console(form, color), locate(spec), name, digest, base, dry_run)
