"""``mlops-spec lock``."""

from __future__ import annotations

import re

import click

from mlops_spec.cli import options

EXAMPLES = """
  mlops-spec lock image train sha256:…            what CI has built and pushed
  mlops-spec lock image train sha256:… --base     what it is built upon
  mlops-spec lock image runtime sha256:…          the image of platform.runtime
"""
IMAGE = """
  mlops-spec lock image train sha256:4be1…9f0a1b
  mlops-spec lock image train sha256:4be1…9f0a1b --dry-run    print the diff of the lock, and write nothing
"""
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}\Z")


@click.group("lock", epilog="\b\nExamples:" + EXAMPLES)
def command() -> None:
    """Pin what can only be known from outside, as lines of mlops.lock.yaml beside the spec.

    Each command edits the line that it is about; all else in the file stays as it is, comments too.
    """


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
