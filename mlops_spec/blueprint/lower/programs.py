"""Programs of ours that read what they are told from a file: the file, and the container that reads it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from mlops_spec.blueprint import contract
from mlops_spec.blueprint.lower.compute import compute, scratch
from mlops_spec.blueprint.lower.context import Context
from mlops_spec.blueprint.lower.mounts import mounted
from mlops_spec.blueprint.types import Config, DesiredState, Variable, Workload
from mlops_spec.language.text import Block, Name
from mlops_spec.model.compute import ComputeProfile


def config(
    context: Context, address: str, name: Name, component: str, program: Name, configuration: Mapping[str, Any]
) -> Config:
    """Return what a program is told: a document that ``schemas/runtime/<program>.schema.json`` describes."""
    text = json.dumps(configuration, indent=2, ensure_ascii=False) + "\n"
    return Config(**context.resource(address, name, component, 0), file=_file(program), text=Block(text))


def workload(
    context: Context,
    program: Name,
    address: str,
    told: Config | DesiredState,
    env: Iterable[Variable],
    profile: ComputeProfile | None = None,
) -> Workload:
    """Return the container in which a program runs, with its file; text in ``env`` stands for itself."""
    return Workload(
        address=address,
        name=program,
        image=context.runtime or "",
        command=(contract.RUNTIME, program, "--config", f"{contract.CONFIG}/{told.file}"),
        env=tuple(map(_literal, env)),
        compute=compute(profile, address),
        volumes=(*scratch(profile, address), mounted(address, "config", contract.CONFIG, told.name)),
    )


def _file(program: Name) -> Name:
    return Name(f"{program}.json")


def _literal(variable: Variable) -> Variable:
    if variable.value is None:
        return variable
    return Variable(**{**variable.__dict__, "value": contract.literal(variable.value)})
