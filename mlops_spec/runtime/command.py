"""``mlops-spec-runtime PROGRAM``: reads what a program is told, runs it, and says what it did."""

from __future__ import annotations

import json
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from mlops_spec.runtime.configuration import Invalid, read
from mlops_spec.runtime.program import Failed, Program
from mlops_spec.runtime.tracking import failures

PROGRAMS = ("begin", "gate", "register", "trigger")
FAILED, USAGE, UNSUITED = 1, 2, 3


@click.command()
@click.argument("name", metavar="PROGRAM", type=click.Choice(PROGRAMS))
@click.argument("told", metavar="[CONFIGURATION] [VALUE]...", nargs=-1)
@click.option("--config", type=click.Path(path_type=Path), help="Read the configuration from this file.")
@click.version_option(package_name="mlops-spec")
def main(name: str, told: tuple[str, ...], config: Path | None) -> None:
    """Run one of the programs that rendered pipelines and jobs call.

    PROGRAM is begin, gate, register or trigger. CONFIGURATION is JSON as schemas/runtime/PROGRAM.schema.json describes
    it; VALUEs are what is known at run time only. Prints one line of JSON that says what was done. Exit codes: 0 done,
    1 refused (a gate that is closed) or failed, 2 usage, 3 a configuration that the schema does not allow.
    """
    if config is None and not told:
        raise click.UsageError("Missing the configuration: give it as JSON, or by --config FILE.")
    values = told if config is not None else told[1:]
    program: Program = import_module(f"mlops_spec.runtime.{name}").run
    try:
        said = program(read(name, config.read_text(encoding="utf-8") if config else told[0]), values, os.environ)
    except Invalid as problem:
        sys.exit(_say(name, {"error": str(problem)}, UNSUITED))
    except failures() as problem:
        sys.exit(_say(name, {"error": str(problem)}, FAILED))
    except Failed as problem:
        sys.exit(_say(name, {"error": str(problem), **problem.said}, FAILED))
    _say(name, said, 0)


def _say(name: str, said: dict[str, Any], code: int) -> int:
    click.echo(json.dumps({"program": name, **said}, ensure_ascii=False, allow_nan=False))
    return code
