"""``mlops-spec completion``."""

from __future__ import annotations

import click

from mlops_spec.cli import options

EXAMPLES = """
  mlops-spec completion bash >> ~/.bashrc
  mlops-spec completion zsh >> ~/.zshrc      after the line with compinit
  mlops-spec completion fish > ~/.config/fish/completions/mlops-spec.fish
"""
SHELLS = ("bash", "zsh", "fish")


@options.command("completion", EXAMPLES)
@click.argument("shell", type=click.Choice(SHELLS))
def command(shell: str) -> int:
    """Print the script that makes SHELL complete commands, options, environments and addresses.

    The script asks mlops-spec itself each time, so it need not be printed anew when mlops-spec changes.
    """
    from mlops_spec.cli import exits
    from mlops_spec.cli.shell import script

    click.echo(script(shell))
    return exits.FINE
