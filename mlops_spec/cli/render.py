"""``mlops-spec render``."""

from __future__ import annotations

import click

from mlops_spec.cli import options

EXAMPLES = """
  mlops-spec render --out deploy             write deploy/<environment>/<component>/<kind>-<name>.yaml
  mlops-spec render --out deploy --check     exit 1 with a diff where deploy/ is stale
  mlops-spec render 'teams/*' --out deploy   write each spec of teams/ to deploy/teams/<its folder>
  mlops-spec render --out - --env dev | kubectl diff -f -
"""


@options.command("render", EXAMPLES)
@options.paths
@click.option("--out", required=True, metavar="DIR", help="The folder to write to; `-` prints one YAML stream.")
@options.since
@options.environments
@click.option("--check", is_flag=True, help="Write nothing; exit 1 with a diff where the folder is stale.")
@options.allow_prune
@options.crds
@options.result_format
@options.color
def command(
    paths: tuple[str, ...],
    out: str,
    since: str | None,
    environments: tuple[str, ...],
    check: bool,
    allow_prune: bool,
    crds: str | None,
    form: str,
    color: str,
) -> int:
    """Write the manifests of the spec at PATH (default: mlops.yaml here) into a folder.

    The folder holds the new tree or the old one, never a mixture. Files in it that mlops-spec did not write are kept.
    Where someone edited one that it wrote, nothing is written, and the file is named.

    PATH is a file, a folder with a mlops.yaml, or a glob of either, where ** is any number of folders. Each of several
    specs is written to a folder below DIR, named as its own is here; one that cannot be written holds up no other.
    """
    from mlops_spec.cli.compiling import compile_located, refuse_unknown
    from mlops_spec.cli.console import Console
    from mlops_spec.cli.rendering import check_folder, print_stream, report_compile, write_folder
    from mlops_spec.cli.selecting import select

    if out == "-" and check:
        raise click.UsageError("--check compares a folder: name one with --out")
    selection, console = select(paths), Console(form, color)
    if selection.many or since is not None:
        from mlops_spec.cli.rendering_all import Asked, render_all

        if out == "-":
            raise click.UsageError("`--out -` prints one spec, and all of it: name one PATH, or a folder with --out")
        return render_all(console, selection, since, Asked(out, environments, check, allow_prune, crds))
    (located,) = selection.specs
    done = compile_located(located, environments, crds)
    refuse_unknown(done, environments)
    if code := report_compile(console, done):
        return code
    if out == "-":
        return print_stream(console, done, environments)
    if check:
        return check_folder(console, done, environments, out)
    return write_folder(console, done, environments, out, allow_prune)
