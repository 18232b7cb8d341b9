"""``mlops-spec fmt``."""

from __future__ import annotations

import click

from mlops_spec.cli import options

EXAMPLES = """
  mlops-spec fmt                             put ./mlops.yaml and the files it names into the style
  mlops-spec fmt '**' --check                every spec of the repository
  mlops-spec fmt examples/churn --check      write nothing; exit 1 with a diff where a file is not in it
"""


@options.command("fmt", EXAMPLES)
@options.paths
@click.option("--check", is_flag=True, help="Write nothing; exit 1 with a diff where a file is not in the style.")
@options.result_format
@options.color
def command(paths: tuple[str, ...], check: bool, form: str, color: str) -> int:
    """Put the files of the spec at PATH (default: mlops.yaml here) into one style: includes, layers and the lock too.

    PATH is a file, a folder with a mlops.yaml, or a glob of either, where ** is any number of folders.

    Sections and known keys come in the reference's order, names stay in yours; two spaces a level; quotes around words
    go where they are not needed. Comments stay with their keys, and what the files say stays as it is.
    """
    from mlops_spec.cli.console import Console
    from mlops_spec.cli.formatting import check_style, write_style
    from mlops_spec.cli.selecting import select

    act = check_style if check else write_style
    return act(Console(form, color), select(paths).specs)
