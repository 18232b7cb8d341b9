"""Pipelines: which can be rendered, and the steps that lowering adds: begin, gate, register."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from mlops_spec.address import parse
from mlops_spec.blueprint import contract
from mlops_spec.blueprint.lower.artifacts import scheme
from mlops_spec.blueprint.lower.compute import compute, volumes
from mlops_spec.blueprint.lower.context import Context
from mlops_spec.blueprint.lower.events import events
from mlops_spec.blueprint.lower.step import Lowering
from mlops_spec.blueprint.lower.words import text
from mlops_spec.blueprint.names import SCHEDULED
from mlops_spec.blueprint.ports import Refused
from mlops_spec.blueprint.types import Event, Parameter, Pipeline, Result, Schedule, Step, Variable, Workload
from mlops_spec.language.text import Name
from mlops_spec.model.pipelines import Step as Said


def pipelines(context: Context, edges: Mapping[str, Mapping[str, tuple[str, ...]]]) -> tuple[Pipeline, ...]:
    """Lower every pipeline that can be rendered whole; ``edges`` say what each step waits for."""
    found = []
    for name, spec in sorted(context.spec.pipelines.items()):
        orchestrator = context.ports.orchestrators.get(name)
        if orchestrator is None:
            continue
        lowering = Lowering(context, spec, orchestrator, tracked(context))
        if _refused(context, lowering) or _withheld(context, lowering):
            continue
        try:
            found.append(_pipeline(lowering, edges[name]))
        except Refused as problem:
            context.refuse("MS141", str(problem), problem.address or spec.address, "write the value in another way")
    return tuple(found)


def tracked(context: Context) -> bool:
    """Tell whether runs are tracked: there are a runtime image and a tracking server to create them with."""
    tracking = context.ports.tracking
    return context.runtime is not None and tracking is not None and tracking.available()


def _refused(context: Context, lowering: Lowering) -> bool:
    """Report what no rendering could make right; return whether there was any."""
    before = len(context.problems)
    spec, artifacts = lowering.pipeline, context.spec.platform.artifacts
    base = artifacts.uri if artifacts else None
    keeping = next((step for step in spec.steps.values() if step.outputs), None)
    if keeping is not None and base is None:
        context.refuse("MS142", "outputs need a place to be kept", keeping.address, "set platform.artifacts.uri")
    elif keeping is not None and scheme(base or "") not in lowering.orchestrator.schemes:
        known = ", ".join(sorted(lowering.orchestrator.schemes))
        message = f"the orchestrator moves no artifacts under {scheme(base or '')}:, as {spec.name} needs"
        context.refuse("MS142", message, "platform.artifacts.uri", f"set it to one of: {known}")
    for step in spec.steps.values():
        for name in step.env:
            if name.startswith(contract.RESERVED):
                message = f"variables {contract.RESERVED}* are the contract's own"
                context.refuse("MS143", message, f"{step.address}.env.{name}", "choose another name")
        if step.name in (contract.BEGIN, contract.TRIGGER):
            message = f"the step {step.name} is added before all others"
            context.refuse("MS143", message, step.address, "choose another name")
    return len(context.problems) > before


def _withheld(context: Context, lowering: Lowering) -> bool:
    """List a pipeline that lacks what it needs: it is withheld whole, never in part."""
    spec = lowering.pipeline
    for step in spec.steps.values():
        if step.image is not None and "@" not in step.image and not _tagged(step.image):
            context.withhold(spec.address, f"the image of its step {step.name} has no digest in the lock")
            return True
    ours = [step for step in spec.steps.values() if step.gate or step.register]
    if ours and not lowering.tracked:
        lacks = "runtime image" if context.runtime is None else "tracking address"
        hint = "set platform.runtime.image and lock it" if context.runtime is None else "set platform.tracking.uri"
        context.withhold(spec.address, f"its step {ours[0].name} needs a {lacks}", hint)
        return True
    fetching = [step for step in spec.steps.values() if lowering.fetched(step)]
    if fetching and context.runtime is None:
        reason = f"its step {fetching[0].name} takes a pinned dataset, which the runtime image fetches"
        context.withhold(spec.address, reason, "set platform.runtime.image and lock it")
        return True
    return False


def _tagged(image: str) -> bool:
    return ":" in image.rpartition("/")[2]


def _pipeline(lowering: Lowering, edges: Mapping[str, tuple[str, ...]]) -> Pipeline:
    spec, context = lowering.pipeline, lowering.context
    name = context.names.of(spec.address, SCHEDULED)
    asking = _events(lowering)
    resource = context.resource(spec.address, name, "pipelines", 1, notes={"description": spec.description})
    return Pipeline(
        **resource,
        account=lowering.orchestrator.account(),
        pods=resource["labels"],
        parameters=tuple(
            Parameter(
                address=f"{spec.address}.parameters.{key}",
                name=Name(key),
                value=lowering.literal(text(value), f"{spec.address}.parameters.{key}"),
            )
            for key, value in sorted(spec.parameters.items())
        ),
        schedule=Schedule(
            address=spec.schedule.address,
            cron=spec.schedule.cron,
            timezone=spec.schedule.timezone,
            deadline=contract.LATEST_START,
        )
        if spec.schedule
        else None,
        timeout=spec.timeout.seconds if spec.timeout else None,
        events=asking,
        decision=_decision(lowering) if asking else None,
        steps=tuple(_steps(lowering, edges, asked=bool(asking))),
    )


def _events(lowering: Lowering) -> tuple[Event, ...]:
    """Return what may start a pipeline, withheld where nothing can decide whether it does."""
    spec, found = lowering.pipeline, tuple(events(lowering.context, lowering.pipeline))
    if found and not lowering.tracked:
        at = f"{spec.address}.triggers" if spec.triggers else f"{spec.address}.retraining"
        reason = "the program that decides whether a run starts needs a runtime image and a tracking address"
        lowering.context.withhold(at, reason, "set platform.runtime.image and platform.tracking.uri")
        return ()
    return found


def _decision(lowering: Lowering) -> Step:
    """The step that decides whether a run starts: event systems keep no state for hours.

    It holds cooldown and budget in the tracking server, and starts nothing for data whose arrival (the second argument)
    lies before the start of another run of the pipeline. A schedule and a person are always obeyed.
    """
    spec, orchestrator = lowering.pipeline, lowering.orchestrator
    configuration: dict[str, object] = {}
    if spec.retraining:
        configuration["retraining"] = contract.present(
            {
                "cooldown": spec.retraining.cooldown.seconds,
                "at_most": spec.retraining.at_most,
                "within": spec.retraining.within.seconds if spec.retraining.within else None,
            }
        )
    told = (lowering.say(spec.address, parameter=contract.STARTED_BY), orchestrator.times()[1])
    results = _results(lowering, (contract.START,))
    env = (*lowering.environment(None, spec.address), *_left(lowering, results))
    command = contract.program("trigger", configuration)
    workload = _program(lowering, contract.TRIGGER, spec.address, env, command, told)
    return Step(
        address=spec.address, name=contract.TRIGGER, workload=workload, fetch=None, annotations=(), after=(),
        takes=lowering.taken(), inputs=(), outputs=(), results=results, retries=None, timeout=None, when=None,
        items=(),
    )  # fmt: skip


def _steps(lowering: Lowering, edges: Mapping[str, tuple[str, ...]], *, asked: bool) -> Iterator[Step]:
    first: tuple[str, ...] = ()
    if lowering.tracked:
        yield _begin(lowering, asked=asked)
        first = (contract.BEGIN,)
    for name, said in lowering.pipeline.steps.items():
        after = (*first, *edges[name])
        if said.gate:
            yield _gate(lowering, said, after)
        elif said.register:
            yield _register(lowering, said, after)
        else:
            yield lowering.step(said, after)


def _begin(lowering: Lowering, *, asked: bool) -> Step:
    """The step that creates the tracking run and says when the run was due; its results are wired like any value."""
    spec, orchestrator = lowering.pipeline, lowering.orchestrator
    scheduled, now = orchestrator.times()
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
    results = _results(lowering, contract.BEGUN)
    who = (lowering.say(spec.address, parameter=contract.STARTED_BY),) if asked else ()
    env = (
        *lowering.environment(None, spec.address),
        *parameters,
        *_left(lowering, results),
        *(lowering.variable("MLOPS_STARTED_BY", word, spec.address) for word in who),
        lowering.variable("MLOPS_SCHEDULED_AT", scheduled, spec.address),
        lowering.variable("MLOPS_STARTED_AT", now, spec.address),
    )
    workload = _program(
        lowering, contract.BEGIN, spec.address, env, contract.program("begin", contract.present(configuration))
    )
    return Step(
        address=spec.address, name=contract.BEGIN, workload=workload, fetch=None, annotations=(), after=(),
        takes=lowering.taken(), inputs=(), outputs=(), results=results, retries=None, timeout=None, when=None, items=(),
    )  # fmt: skip


def _results(lowering: Lowering, names: Iterable[Name]) -> tuple[Result, ...]:
    address, path = lowering.pipeline.address, lowering.orchestrator.result_path
    return tuple(Result(address=address, name=name, path=path(name)) for name in names)


def _left(lowering: Lowering, results: Iterable[Result]) -> Iterator[Variable]:
    """Yield the variables by which a program knows where to leave its results."""
    for result in results:
        yield lowering.variable(contract.variable("RESULT", result.name), result.path, result.address)


def _program(
    lowering: Lowering,
    name: str,
    address: str,
    env: tuple[Variable, ...],
    command: tuple[str, ...],
    told: tuple[str, ...] = (),
) -> Workload:
    """Return a program of the runtime's as a step; ``told`` are arguments in the orchestrator's words already."""
    words = (*(lowering.orchestrator.literal(word) for word in command), *told)
    return Workload(
        address=address, name=Name(name), image=lowering.context.runtime or "", command=words, env=env,
        compute=compute(None, address), volumes=volumes(None, address),
    )  # fmt: skip


def _ours(
    lowering: Lowering,
    said: Said,
    after: tuple[str, ...],
    artifact: tuple[str, str],
    configuration: dict[str, object],
    told: tuple[str, ...] = (),
) -> Step:
    """A gate or a register: a program of the runtime's with one artifact as its input."""
    name, source = artifact
    program = "gate" if said.gate else "register"
    registry = lowering.context.ports.registry
    given = registry.variables().env if registry else ()
    found = lowering.variable(
        contract.variable("INPUT", name), lowering.orchestrator.input_path(Name(name)), f"{said.address}.{program}"
    )
    env = {v.name: v for v in (*lowering.environment(said, said.address), found, *map(lowering.escaped, given))}
    command = contract.program(program, configuration)
    workload = _program(lowering, said.name, said.address, tuple(env.values()), command, told)
    wire = lowering.artifact(name, parse(source), f"{said.address}.{program}")
    return lowering.finish(said, workload, after, (wire,))


def _gate(lowering: Lowering, said: Said, after: tuple[str, ...]) -> Step:
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
    return _ours(lowering, said, after, ("metrics", gate.metrics), configuration)


def _register(lowering: Lowering, said: Said, after: tuple[str, ...]) -> Step:
    register = said.register
    assert register is not None
    model = lowering.context.spec.models.get(register.model)
    parts = parse(register.from_)
    output = lowering.pipeline.steps[parts[1]].outputs[parts[3]]
    configuration: dict[str, object] = {
        "name": str(lowering.context.names.of(f"models.{register.model}")),
        "alias": register.alias,
        "flavor": output.flavor or (model.flavor if model else None),
    }
    kept = (lowering.uri(parts[1], parts[3]),)
    return _ours(lowering, said, after, ("model", register.from_), contract.present(configuration), kept)
