"""What a shell needs to complete our commands: the scripts that ask, and the answers.

What is in a spec is looked up by ``completing``, and only where it is asked for: a tab must not be felt.
"""

from __future__ import annotations

import click
from click.shell_completion import ShellComplete, get_completion_class

from mlops_spec.cli import exits
from mlops_spec.cli.group import ASKED_BY_A_SHELL, commands

_PROGRAM = "mlops-spec"


def script(shell: str) -> str:
    """Return the text that ``shell`` reads to complete our commands."""
    # Not BashComplete.source(), which runs the bash of this machine: the script is the same on each.
    return ShellComplete.source(_of(shell))


def answer(instruction: str) -> int:
    """Print the completions that a script asks for by ``instruction``, such as ``bash_complete``."""
    shell, _, verb = instruction.partition("_")
    if get_completion_class(shell) is None or verb != "complete":
        return exits.USAGE
    try:
        click.echo(_of(shell).complete())
    except click.ClickException:
        return exits.FINE  # no command has what was typed so far, so that nothing can follow it
    return exits.FINE


def _of(shell: str) -> ShellComplete:
    kind = get_completion_class(shell)
    assert kind is not None, shell
    return kind(commands, {}, _PROGRAM, ASKED_BY_A_SHELL)
