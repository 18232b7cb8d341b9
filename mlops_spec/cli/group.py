"""The commands by name, each loaded when it is asked for: ``--help`` and ``--version`` need none of them."""

from __future__ import annotations

import importlib

import click

from mlops_spec import __version__

COMMANDS = {
    "init": "Begin a spec from one of three starters.",
    "lint": "Check a spec: everything that render would, and the rules.",
    "fmt": "Put the files of a spec into one style.",
    "render": "Write the manifests of a spec into a folder.",
    "publish": "Commit the manifests to the branches that are delivered.",
    "diff": "Say what a change of the spec will do, and which line causes it.",
    "status": "Show how what a spec renders does in a cluster.",
    "lock": "Pin what can only be known from outside: versions of models, digests of images.",
    "promote": "Give an environment the version of a model that stands in the one before it.",
    "rollback": "Give an environment the version of a model that it had before.",
    "plan": "Show what apply would change on a live server.",
    "apply": "Bring a live server to what a spec says it holds.",
    "import": "Write what a live server holds as a spec.",
    "rollout": "Walk a new version of a model to all of its requests, or back.",
    "run": "Run a pipeline on this machine.",
    "show": "Show what a spec has, and where each value comes from.",
    "explain": "Explain a line of a manifest, a field of the spec, or the code of a problem.",
    "schema": "Print the JSON Schema of specs, for editors.",
    "completion": "Print what makes a shell complete commands and names.",
}
"""A new command is a line here, and a module of its name in this folder with a ``command``."""

ASKED_BY_A_SHELL = "_MLOPS_SPEC_COMPLETE"
"""The variable by which a completion script asks what may come next, instead of running a command."""

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
EXAMPLES = """\b
Examples:
  mlops-spec init                                   write a first mlops.yaml
  mlops-spec lint                                   check ./mlops.yaml
  mlops-spec fmt --check                            exit 1 where a file is not in the style
  mlops-spec render --out deploy                    write its manifests below deploy/
  mlops-spec publish                                commit them where they are delivered from
  mlops-spec run train                              run the pipeline train here
  mlops-spec show --resolved --env prod models      what prod's models are, and who says so
  mlops-spec explain deploy/prod/pipelines/workflowtemplate-train.yaml:17

\b
Exit codes:
  0  fine, or warnings alone               4  a template is at fault
  1  errors, or a folder that is stale     5  a file system or server refuses
  2  wrong use of the command              6  a conflict, or the state of the repository
  3  a file that cannot be read as data   70  a bug in mlops-spec
"""


class Commands(click.Group):
    """A group that imports a command's module when the command is run, or its own help is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"mlops_spec.cli.{name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            from mlops_spec.address import meant

            ctx.fail(f"there is no command {name}; {meant(name, COMMANDS)}")
        return super().resolve_command(ctx, args)


@click.group(
    cls=Commands,
    context_settings=CONTEXT,
    epilog=EXAMPLES,
    help="Compile one YAML spec of an ML system into the manifests that real systems run.",
)
@click.version_option(__version__, prog_name="mlops-spec")
@click.option("--debug", is_flag=True, help="Print the trace of a bug in mlops-spec; may stand after a command too.")
def commands(debug: bool) -> None:
    """Take the options of all commands. ``process.run`` has seen to ``--debug`` before they are read."""
