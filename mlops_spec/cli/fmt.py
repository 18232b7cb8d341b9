"""``mlops-spec fmt``."""

from __future__ import annotations

import click

from mlops_spec.cli import options

EXAMPLES = """
  mlops-spec fmt                             put ./mlops.yaml and the files it names into the style
  mlops-spec fmt examples/churn --check      write nothing; exit 1 with a diff where a file is not in it
"""


@options.command("fmt", EXAMPLES)
@options.path
@click.option("--check", is_flag=True, help="Write nothing; exit 1 with a diff where a file is not in the style.")
@options.result_format
@options.color
def command(path: str | None, check: bool, form: str, color: str) -> int:
    """Put the files of the spec at PATH (default: mlops.yaml here) into one style: includes, layers and the lock too.

    Sections and known keys come in the reference's order, names stay in yours; two spaces a level; quotes around words
    go where they are not needed. Comments stay with their keys, and what the files say stays as it is.
    """
    from mlops_spec.cli.console import Console
    from mlops_spec.cli.formatting import check_style, write_style
    from mlops_spec.cli.locate import locate

    act = check_style if check else write_style
    return act(Console(form, color), locate(path))
