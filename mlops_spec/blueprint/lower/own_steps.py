"""The steps whose program is the runtime's: trigger, begin, gate, register, end, and what brings and gathers files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from mlops_spec.address import parse
from mlops_spec.blueprint import contract
from mlops_spec.blueprint.lower.compute import compute, volumes
from mlops_spec.blueprint.lower.step import Lowering
from mlops_spec.blueprint.lower.wires import DATASET
from mlops_spec.blueprint.types import Input, Output, Result, Step, Variable, Workload
from mlops_spec.language.text import Name
from mlops_spec.model.pipelines import Retraining
from mlops_spec.model.pipelines import Step as Said


def decision(lowering: Lowering) -> Step:
    """Return the step that decides whether a run starts: event systems keep no state for hours.

    It holds cooldown and budget in the tracking server, and starts nothing for data whose arrival (the second argument)
    lies before the start of another run of the pipeline. A schedule and a person are always obeyed.
    """
    spec, orchestrator = lowering.pipeline, lowering.orchestrator
    configuration = contract.present({"retraining": held(spec.retraining)})
    told = (lowering.say(spec.address, parameter=contract.STARTED_BY), orchestrator.times()[1])
    return _alone(lowering, contract.TRIGGER, (contract.START,), configuration, (), told)


def held(said: Retraining | None) -> dict[str, int] | None:
    """Return what holds retrainings back, as programs are told of it."""
    if said is None:
        return None
    within = said.within.seconds if said.within else None
    return contract.present({"cooldown": said.cooldown.seconds, "at_most": said.at_most, "within": within})


def begin(lowering: Lowering, *, asked: bool) -> Step:
    """Return the step that creates the tracking run and says when the run was due; ``asked``: events may start it."""
    spec, (scheduled, now) = lowering.pipeline, lowering.orchestrator.times()
    configuration = {
        "experiment": lowering.experiment(),
        "parameters": sorted(spec.parameters),
        "timezone": spec.schedule.timezone if spec.schedule else "UTC",
    }
    parameters = (
        lowering.variable(
            contract.variable("PARAMETER", key),
            lowering.say(spec.address, parameter=Name(key)),
            f"{spec.address}.parameters.{key}",
        )
        for key in sorted(spec.parameters)
    )
    who = (lowering.say(spec.address, parameter=contract.STARTED_BY),) if asked else ()
    env = (
        *parameters,
        *(lowering.variable("MLOPS_STARTED_BY", word, spec.address) for word in who),
        lowering.variable("MLOPS_SCHEDULED_AT", scheduled, spec.address),
        lowering.variable("MLOPS_STARTED_AT", now, spec.address),
    )
    return _alone(lowering, contract.BEGIN, contract.BEGUN, contract.present(configuration), env)


def end(lowering: Lowering) -> Step:
    """Return the step that ends the tracking run.

    It finds the run as ``begin`` does: a ``begin`` that failed has left no id, and may have created the run.
    """
    orchestrator = lowering.orchestrator
    configuration = {"experiment": lowering.experiment(), "outcomes": dict(orchestrator.outcomes)}
    return _alone(lowering, contract.END, (), contract.present(configuration), (), (orchestrator.outcome(),))


def _alone(
    lowering: Lowering,
    name: Name,
    left: Iterable[Name],
    configuration: Mapping[str, object],
    env: tuple[Variable, ...],
    told: tuple[str, ...] = (),
) -> Step:
    """Return a step that no edge leads to, and which leaves results; they are wired like any value."""
    address = lowering.pipeline.address
    results = tuple(Result(address=address, name=key, path=lowering.orchestrator.result_path(key)) for key in left)
    where = (lowering.variable(contract.variable("RESULT", r.name), r.path, r.address) for r in results)
    env = (*lowering.environment(None, address), *where, *env)
    workload = _program(lowering, name, address, env, contract.program(name, configuration), told)
    return Step(
        address=address, name=name, workload=workload, init=(), annotations=(), after=(), takes=lowering.taken(),
        inputs=(), outputs=(), results=results, retries=None, timeout=None, when=None, items=(), repeatable=False,
    )  # fmt: skip


def gate(lowering: Lowering, said: Said, after: tuple[Name, ...]) -> Step:
    """Return the step that lets a run pass where its metrics satisfy what is required."""
    gate = said.gate
    assert gate is not None
    configuration: dict[str, object] = {"require": {key: str(condition) for key, condition in gate.require.items()}}
    if gate.against:
        configuration["against"] = {
            "model": str(lowering.context.names.of(f"models.{gate.against.model}")),
            "alias": gate.against.alias,
            "absent": gate.against.absent,
            "require": {key: str(condition) for key, condition in gate.against.require.items()},
        }
    return _judging(lowering, said, after, ("metrics", gate.metrics), configuration)


def register(lowering: Lowering, said: Said, after: tuple[Name, ...]) -> Step:
    """Return the step that makes a version of a model."""
    register = said.register
    assert register is not None
    model = lowering.context.spec.models.get(register.model)
    _, step, _, name = parse(register.from_)
    output = lowering.pipeline.steps[step].outputs[name]
    configuration: dict[str, object] = {
        "name": str(lowering.context.names.of(f"models.{register.model}")),
        "alias": register.alias,
        "flavor": output.flavor or (model.flavor if model else None),
    }
    kept = (lowering.kept(Name("model"), step, name),)
    return _judging(lowering, said, after, ("model", register.from_), contract.present(configuration), kept)


def _judging(
    lowering: Lowering,
    said: Said,
    after: tuple[Name, ...],
    artifact: tuple[str, str],
    configuration: Mapping[str, object],
    told: tuple[str, ...] = (),
) -> Step:
    """Return a gate or a register: it has one artifact as its input, and knows the registry."""
    name, source = artifact
    program = "gate" if said.gate else "register"
    at = f"{said.address}.{program}"
    registry = lowering.context.ports.registry
    given = registry.variables().env if registry else ()
    found = lowering.variable(contract.variable("INPUT", name), lowering.orchestrator.input_path(Name(name)), at)
    env = {v.name: v for v in (*lowering.environment(said, said.address), found, *map(lowering.escaped, given))}
    command = contract.program(program, configuration)
    workload = _program(lowering, said.name, said.address, tuple(env.values()), command, told)
    return lowering.finish(said, workload, after, (lowering.artifact(name, parse(source), at),), contract.RUNTIME)


def fetch(lowering: Lowering, said: Said, after: tuple[Name, ...]) -> Step:
    """Return the step that brings pinned data to another one, where a pod can have no containers before its own."""
    wanted = lowering.fetched(said)
    outputs = tuple(_left(lowering, f"{said.address}.inputs.{name}", name, DATASET) for name, _ in wanted)
    workload = lowering.fetch(
        said, [{"output": name} for name, _ in wanted], tuple(_where(lowering, output) for output in outputs)
    )
    versions = {lowering.context.spec.datasets[dataset].version for _, dataset in wanted}
    pinned = not versions & {None, "per-run"}
    return _added(lowering, said, lowering.fetching(said), workload, after, (), outputs, repeatable=pinned)


def gather(lowering: Lowering, said: Said, output: str, after: tuple[Name, ...]) -> Step:
    """Return the step that lists what each item of another one has left, where that alone knows the URIs."""
    address = f"{said.address}.outputs.{output}"
    inputs, uris = lowering.each(said, output, address, output)
    left = _left(lowering, address, output, Name("file"))
    command = contract.program(contract.GATHER, {"output": output})
    env = (*lowering.store_access(), *lowering.environment(None, address), _where(lowering, left))
    workload = _program(lowering, contract.GATHER, address, env, command, uris)
    return _added(lowering, said, lowering.gathering(said.name, output), workload, after, inputs, (left,))


def _left(lowering: Lowering, address: str, name: str, kind: Name) -> Output:
    path = lowering.orchestrator.output_path(Name(name))
    return Output(
        address=address, name=Name(name), path=path, type=kind, flavor=None, taken=True, uri=None, location=None
    )


def _where(lowering: Lowering, output: Output) -> Variable:
    """Return the variable by which a program knows where to leave an output."""
    return lowering.variable(contract.variable("OUTPUT", output.name), output.path, output.address)


def _added(
    lowering: Lowering,
    said: Said,
    name: Name,
    workload: Workload,
    after: tuple[Name, ...],
    inputs: tuple[Input, ...],
    outputs: tuple[Output, ...],
    *,
    repeatable: bool = False,
) -> Step:
    return Step(
        address=said.address, name=name, workload=workload, init=(), annotations=(), after=after,
        takes=lowering.taken(), inputs=inputs, outputs=outputs, results=(), retries=lowering.retries(said),
        timeout=None, when=None, items=(), repeatable=repeatable,
    )  # fmt: skip


def _program(
    lowering: Lowering,
    name: str,
    address: str,
    env: Iterable[Variable],
    command: tuple[str, ...],
    told: tuple[str, ...] = (),
) -> Workload:
    """Return a program of the runtime's as a step; ``told`` are arguments in the orchestrator's words already."""
    words = (*(lowering.orchestrator.literal(word) for word in command), *told)
    return Workload(
        address=address, name=Name(name), image=lowering.context.runtime or "", command=words, env=tuple(env),
        compute=compute(None, address), volumes=volumes(None, address),
    )  # fmt: skip
