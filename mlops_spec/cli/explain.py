"""``mlops-spec explain``."""

from __future__ import annotations

import re

import click

from mlops_spec.cli import options

EXAMPLES = """
  mlops-spec explain deploy/prod/pipelines/workflowtemplate-train.yaml:17
                                             which template line and which line of the spec made it
  mlops-spec explain pipelines.train.timeout
                                             what the field means, and what it is here
  mlops-spec explain "models.*.serving.replicas"
  mlops-spec explain MS120                   what a problem means, and the way out
"""
_CODE = re.compile(r"MS[0-9]+\Z", re.IGNORECASE)
_LINE = re.compile(r"(?P<file>.+?):(?P<line>[0-9]+)(?::[0-9]+)?\Z")


@options.command("explain", EXAMPLES)
@click.argument("target", shell_complete=options.complete_address)
@options.spec
@options.result_format
@options.color
def command(target: str, spec: str | None, form: str, color: str) -> int:
    """Explain TARGET: a line of a rendered file (FILE:LINE), an address of the spec, or the code of a problem."""
    from mlops_spec.cli.console import Console

    console = Console(form, color)
    if _CODE.match(target):
        from mlops_spec.cli.pages import explain_code

        return explain_code(console, target.upper())
    line = _LINE.match(target)
    if line is not None:
        from mlops_spec.cli.rendered_line import explain_line

        return explain_line(console, line["file"], int(line["line"]), spec)
    from mlops_spec.cli.field import explain_field

    return explain_field(console, target, spec)
