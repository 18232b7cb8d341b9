"""``step``: runs a command where the orchestrator moves no artifacts: brings its inputs, and keeps its outputs.

The command's streams are its own: what we did is said on stderr, when the command has ended.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mlops_spec.runtime import child, revision, store
from mlops_spec.runtime.fetch import record
from mlops_spec.runtime.program import USAGE, Configuration, Failed
from mlops_spec.runtime.whole import remove, replacing

COMMAND = "--"


def run(configuration: Configuration, values: Sequence[str], environment: Mapping[str, str]) -> dict[str, Any]:
    """Run the command behind ``--``; before it come one value for each input, then one for each output.

    Raises Failed, with the command's own exit code where it is not 0.
    """
    inputs, outputs = configuration["inputs"], configuration["outputs"]
    brought, kept, command = _given(values, len(inputs), len(outputs))
    for wanted in inputs:
        remove(Path(wanted["to"]))
    for output in outputs:  # what an earlier try left is no output of this one
        path = Path(output["from"])
        remove(path)
        path.parent.mkdir(parents=True, exist_ok=True)
    found = [_brought(wanted, value, environment) for wanted, value in zip(inputs, brought)]
    record(found, environment)
    said = {"inputs": found}
    code = child.run(command, environment)
    if code != 0:
        raise Failed(f"the command ended with {code}", code=code, command=command[0], **said)
    return {**said, "outputs": _kept([Path(output["from"]) for output in outputs], kept, environment, said)}


def _given(values: Sequence[str], inputs: int, outputs: int) -> tuple[Sequence[str], Sequence[str], Sequence[str]]:
    """Return the values of inputs and outputs, and the command. Raises Failed."""
    count = inputs + outputs
    if len(values) < count + 2 or values[count] != COMMAND:
        message = f"{inputs} inputs and {outputs} outputs need as many values, then {COMMAND} and a command"
        raise Failed(message, code=USAGE)
    return values[:inputs], values[inputs:count], values[count + 1 :]


def _brought(wanted: Mapping[str, Any], value: str, environment: Mapping[str, str]) -> dict[str, Any]:
    if not wanted.get("content"):
        return revision.bring(wanted, value, environment)
    path = Path(wanted["to"])
    with replacing(path) as made:
        made.write_text(value, encoding="utf-8", errors="surrogateescape", newline="")  # byte by byte as it was given
    return {"to": str(path), "files": 1, "bytes": path.stat().st_size}


def _kept(
    paths: Sequence[Path], uris: Sequence[str], environment: Mapping[str, str], said: Mapping[str, Any]
) -> list[dict[str, str]]:
    """Keep all outputs, once all are there. Raises Failed."""
    missing = [str(path) for path in paths if not path.is_file() and not (path.is_dir() and any(path.rglob("*")))]
    if missing:
        raise Failed(f"the command left nothing at {', '.join(missing)}", missing=missing, **said)
    found: list[dict[str, str]] = []
    for path, uri in zip(paths, uris):
        try:
            store.keep(path, uri, environment)
        except Failed as problem:
            raise Failed(f"{path} cannot be kept: {problem}", code=problem.code, **said, outputs=found) from None
        found.append({"from": str(path), "uri": uri})
    return found
