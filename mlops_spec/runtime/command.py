"""``mlops-spec-runtime PROGRAM``: reads what a program is told, runs it, and says what it did."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from mlops_spec.runtime.child import stopping
from mlops_spec.runtime.configuration import Invalid, read
from mlops_spec.runtime.program import FAILED, UNSUITED, Failed, Program
from mlops_spec.runtime.tracking import failures

PROGRAMS = {
    "trigger": "Decide whether a run that an event has started goes on.",
    "begin": "Create the tracking run, and say when it was due.",
    "fetch": "Bring pinned revisions of datasets to where a step finds them.",
    "step": "Bring a command its inputs, run it, and keep its outputs.",
    "gather": "List what each item of a foreach has left.",
    "gate": "Stop a run whose metrics do not satisfy what is required.",
    "submit": "Tell an orchestrator of a pipeline and of its schedule.",
    "poll": "Look at how a pipeline's runs went, and at what asks for a new one.",
    "score": "Score the rows of a dataset with a model, and keep the scores.",
    "collect": "Keep what servers of models are asked and answer.",
    "launch": "Start a scoring on Dataflow, and wait until it is done.",
    "register": "Make a version of a model in the registry.",
    "sync": "Bring the tracking server and the registry to what the spec says they hold.",
    "end": "End the tracking run as the pipeline's run went.",
}
"""What is told by JSON, or YAML, in the order in which it is called."""
WRAPPING = ("step",)
"""Programs that leave stdout to the command that they run, and say what they did on stderr."""


@click.group(no_args_is_help=True)
@click.version_option(package_name="mlops-spec")
def main() -> None:
    """Run one of the programs that rendered pipelines and jobs call.

    CONFIGURATION is JSON (for sync, YAML) as schemas/runtime/PROGRAM.schema.json describes it; VALUEs are what is
    known at run time only. Each prints one line of JSON that says what was done: on stdout, but step on stderr. Exit
    codes: 0 done, 1 refused (a gate that is closed) or failed, 2 usage, 3 a configuration that the schema does not
    allow, 128 and more stopped by a signal; step ends as its command does.
    """


def _told(name: str) -> Callable[..., None]:
    def call(told: tuple[str, ...], config: Path | None) -> None:
        if config is None and not told:
            raise click.UsageError("Missing the configuration: give it as JSON, or by --config FILE.")
        values = told if config is not None else told[1:]
        program: Program = import_module(f"mlops_spec.runtime.{name}").run

        def run() -> dict[str, Any]:
            text = config.read_text(encoding="utf-8") if config else told[0]
            return program(read(name, text), values, dict(os.environ))

        _run(name, run)

    return call


@main.command("install", short_help="Copy the runtime into a folder that another image shares.")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
def _install(folder: Path) -> None:
    """Copy the runtime into DIR, so that DIR/bin/mlops-spec-runtime step can wrap the commands of any image.

    An init container runs it, with DIR on a volume that is mounted at the same path in both. It needs no Python in the
    image, but glibc.
    """
    from mlops_spec.runtime.install import install

    _run("install", lambda: install(folder))


def _run(name: str, run: Callable[[], dict[str, Any]]) -> None:
    """Run a program, say what it did, and exit unless it did it."""
    try:
        with stopping():
            said = run()
    except Invalid as problem:
        sys.exit(_say(name, {"error": str(problem)}, UNSUITED))
    except Failed as problem:
        sys.exit(_say(name, {"error": str(problem), **problem.said}, problem.code))
    except failures() as problem:
        sys.exit(_say(name, {"error": str(problem)}, FAILED))
    _say(name, said, 0)


def _say(name: str, said: dict[str, Any], code: int) -> int:
    line = json.dumps({"program": name, **said}, ensure_ascii=False, allow_nan=False)
    click.echo(line.encode(errors="backslashreplace"), err=name in WRAPPING)
    return code


for _name, _summary in PROGRAMS.items():
    _values = "[VALUE]... -- COMMAND..." if _name in WRAPPING else "[VALUE]..."
    main.add_command(
        click.Command(
            _name,
            # What follows the configuration is taken as it is, whatever it starts with.
            context_settings={"allow_interspersed_args": False},
            callback=_told(_name),
            params=[
                click.Option(
                    ["--config"], type=click.Path(path_type=Path), help="Read the configuration from this file."
                ),
                click.Argument(["told"], metavar=f"[CONFIGURATION] {_values}", nargs=-1, type=click.UNPROCESSED),
            ],
            help=_summary,
        )
    )
