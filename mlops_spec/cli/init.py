"""``mlops-spec init``."""

from __future__ import annotations

import click

from mlops_spec.cli import options
from mlops_spec.cli.starting import STARTERS

EXAMPLES = """
  mlops-spec init                            ask, then write ./mlops.yaml
  mlops-spec init churn --template batch
  mlops-spec init churn --yes --store s3://acme-ml/churn --image registry.acme.example/growth/churn \\
      --repository https://git.acme.example/growth/churn.git
"""
_KINDS = "; ".join(f"{name}: {what}" for name, what in STARTERS.items())


@options.command("init", EXAMPLES)
@click.argument("folder", default=".", metavar="[FOLDER]", type=click.Path())
@click.option("--template", type=click.Choice(list(STARTERS)), help=f"What to begin with. {_KINDS}.")
@click.option("--name", metavar="NAME", help="What the system is called. Default: as its folder.")
@click.option("--repository", metavar="URL", help="The Git repository that it is in. Default: the remote `origin`.")
@click.option("--image", metavar="IMAGE", help="The image that trains, without tag and digest.")
@click.option("--store", metavar="URI", help="The folder of an object store that its data are in.")
@click.option("--yes", is_flag=True, help="Ask nothing: what no option says has its default.")
@options.result_format
@options.color
def command(
    folder: str,
    template: str | None,
    name: str | None,
    repository: str | None,
    image: str | None,
    store: str | None,
    yes: bool,
    form: str,
    color: str,
) -> int:
    """Write a first mlops.yaml into FOLDER (default: here), with a comment at what is yours to decide.

    On a terminal, what no option says is asked. Nothing that is there already is overwritten; .gitignore gets a line
    for the folder in which mlops-spec remembers what it rendered.
    """
    from mlops_spec.cli.asking import Answers
    from mlops_spec.cli.console import Console
    from mlops_spec.cli.starting import start

    answers = Answers(template, name, repository, image, store)
    return start(Console(form, color), folder, answers, asking=not yes)
