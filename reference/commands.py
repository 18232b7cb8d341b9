"""The command line: every command with its arguments, options and examples."""

from __future__ import annotations

from collections.abc import Iterator
from inspect import cleandoc

import click

from mlops_spec.cli.group import commands
from reference.markdown import code, definition, fenced, heading, page, prose

_PROGRAM = "mlops-spec"


def pages() -> Iterator[tuple[str, str]]:
    """Yield the page of all commands."""
    context = click.Context(commands, info_name=_PROGRAM, **commands.context_settings)
    parts = (part for command, inner in _below(commands, context) for part in _command(command, inner))
    yield (
        "commands.md",
        page("Commands", prose(commands.help or "") + "\n", *_end(commands), *_options(context), *parts),
    )


def _below(group: click.Group, context: click.Context) -> Iterator[tuple[click.Command, click.Context]]:
    """Yield every command of a group, and theirs."""
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        inner = click.Context(command, info_name=name, parent=context)
        yield command, inner
        if isinstance(command, click.Group):
            yield from _below(command, inner)


def _command(command: click.Command, context: click.Context) -> Iterator[str]:
    name = context.command_path.removeprefix(f"{_PROGRAM} ")
    yield heading(2, code(name), name.replace(" ", "-"))
    usage = " ".join((context.command_path, *command.collect_usage_pieces(context)))
    yield fenced(usage, "text")
    yield prose(cleandoc(command.help or "")) + "\n"
    yield from _options(context)
    yield from _end(command)


def _options(context: click.Context) -> Iterator[str]:
    """Write what each option does; arguments are told of in the text of their command."""
    for parameter in context.command.get_params(context):
        record = parameter.get_help_record(context)
        if record is not None and isinstance(parameter, click.Option):
            yield definition(code(record[0]), prose(record[1]))


def _end(command: click.Command) -> Iterator[str]:
    """Write what ends a command's help: its examples, the exit codes."""
    for block in cleandoc(command.epilog or "").split("\b\n"):
        title, _, lines = block.strip().partition(":\n")
        if lines:
            yield f"{title}:\n"
            yield fenced(cleandoc(lines), "text")
