"""Pipelines: which can be rendered, and in which order their steps stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlops_spec.blueprint import contract
from mlops_spec.blueprint.lower import own_steps, submissions
from mlops_spec.blueprint.lower.artifacts import scheme
from mlops_spec.blueprint.lower.context import Context
from mlops_spec.blueprint.lower.events import events, pollable
from mlops_spec.blueprint.lower.step import Lowering
from mlops_spec.blueprint.names import SCHEDULED
from mlops_spec.blueprint.ports import Refused
from mlops_spec.blueprint.types import Event, Pipeline, Schedule, Step
from mlops_spec.language.environment import LOCAL
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
    elif keeping is not None and not lowering.moved and not lowering.carried:
        known = ", ".join(sorted(lowering.orchestrator.schemes or contract.STORES))
        message = f"nothing moves artifacts under {scheme(base or '')}: between the steps of {spec.name}"
        context.refuse("MS142", message, "platform.artifacts.uri", f"set it to one of: {known}")
    for step in spec.steps.values():
        for name in step.env:
            if name.startswith(contract.RESERVED):
                message = f"variables {contract.RESERVED}* are the contract's own"
                context.refuse("MS143", message, f"{step.address}.env.{name}", "choose another name")
        if step.name in lowering.added():
            message = f"a step {step.name} is added to the pipeline"
            context.refuse("MS143", message, step.address, "choose another name")
    return len(context.problems) > before


def _withheld(context: Context, lowering: Lowering) -> bool:
    """List a pipeline that lacks what it needs: it is withheld whole, never in part."""
    spec = lowering.pipeline
    at_hand = context.environment.name == LOCAL  # where no image is pulled
    for step in spec.steps.values():
        if not at_hand and step.image is not None and "@" not in step.image and not _tagged(step.image):
            context.withhold(spec.address, f"the image of its step {step.name} has no digest in the lock")
            return True
    ours = [step for step in spec.steps.values() if step.gate or step.register]
    if ours and not lowering.tracked:
        lacks = "runtime image" if context.runtime is None else "tracking address"
        hint = "set platform.runtime.image and lock it" if context.runtime is None else "set platform.tracking.uri"
        context.withhold(spec.address, f"its step {ours[0].name} needs a {lacks}", hint)
        return True
    brought = [(step, "takes a pinned dataset") for step in spec.steps.values() if lowering.fetched(step)]
    carried = [(step, "hands files on") for step in spec.steps.values() if step.outputs and not lowering.moved]
    gathered = [(step, "runs once per item") for step in spec.steps.values() if lowering.gathered(step)]
    for step, what in (*brought, *carried, *gathered):
        if context.runtime is None:
            reason = f"its step {step.name} {what}, which the runtime image sees to"
            context.withhold(spec.address, reason, "set platform.runtime.image and lock it")
            return True
    return False


def _tagged(image: str) -> bool:
    return ":" in image.rpartition("/")[2]


def _pipeline(lowering: Lowering, edges: Mapping[str, tuple[str, ...]]) -> Pipeline:
    spec, context = lowering.pipeline, lowering.context
    name = context.names.of(spec.address, SCHEDULED)
    heard, polled = _events(lowering)
    deciding = lowering.orchestrator.hears and bool(heard or polled)
    parameters = [lowering.parameter(key, value) for key, value in sorted(spec.parameters.items())]
    if polled and not deciding:
        parameters.append(lowering.parameter(contract.STARTED_BY, contract.MANUAL))
    artifacts = context.spec.platform.artifacts
    resource = context.resource(spec.address, name, "pipelines", 1, notes={"description": spec.description})
    pipeline = Pipeline(
        **resource,
        account=lowering.orchestrator.account(),
        description=spec.description,
        pods=resource["labels"],
        parameters=tuple(parameters),
        schedule=Schedule(
            address=spec.schedule.address,
            cron=spec.schedule.cron,
            timezone=spec.schedule.timezone,
            deadline=contract.LATEST_START,
        )
        if spec.schedule
        else None,
        timeout=spec.timeout.seconds if spec.timeout else None,
        events=heard,
        polled=polled,
        decision=own_steps.decision(lowering) if deciding else None,
        steps=tuple(_steps(lowering, edges, asked=bool(heard or polled))),
        end=own_steps.end(lowering) if lowering.tracked else None,
        root=lowering.orchestrator.text(artifacts.uri) if artifacts and lowering.orchestrator.keeps else None,
        submission=None,
    )
    submitted = submissions.submission(context, lowering.orchestrator, pipeline)
    return Pipeline(**{**pipeline.__dict__, "submission": submitted}) if submitted else pipeline


def _events(lowering: Lowering) -> tuple[tuple[Event, ...], tuple[Event, ...]]:
    """Return what may start a pipeline: what is heard of, and what is looked for from time to time.

    All is withheld where nothing can decide whether a run starts.
    """
    spec, found = lowering.pipeline, tuple(events(lowering.context, lowering.pipeline))
    if found and not lowering.tracked:
        at = f"{spec.address}.triggers" if spec.triggers else f"{spec.address}.retraining"
        reason = "the program that decides whether a run starts needs a runtime image and a tracking address"
        lowering.context.withhold(at, reason, "set platform.runtime.image and platform.tracking.uri")
        return (), ()
    heard = tuple(event for event in found if event.data is None and lowering.orchestrator.hears)
    return heard, pollable(lowering.context, (event for event in found if event not in heard))


def _steps(lowering: Lowering, edges: Mapping[str, tuple[str, ...]], *, asked: bool) -> Iterator[Step]:
    """Yield the steps in an order in which each comes after those that it waits for, but for ``after`` of the spec."""
    first: tuple[Name, ...] = ()
    if lowering.tracked:
        yield own_steps.begin(lowering, asked=asked)
        first = (contract.BEGIN,)
    for name, said in lowering.pipeline.steps.items():
        after = (*first, *(one for waited in edges[name] for one in lowering.named(waited)))
        if said.gate:
            yield own_steps.gate(lowering, said, after)
        elif said.register:
            yield own_steps.register(lowering, said, after)
        else:
            yield from _own(lowering, said, after, first)


def _own(lowering: Lowering, said: Said, after: tuple[Name, ...], first: tuple[Name, ...]) -> Iterator[Step]:
    """Yield a step of the user's, once for each item where the orchestrator has no loops, and those that serve it."""
    if lowering.fetched(said) and not lowering.orchestrator.init_containers:
        yield own_steps.fetch(lowering, said, first)
    yield from lowering.occurrences(said, (*after, *lowering.served_by(said)))
    for output in lowering.gathered(said):
        yield own_steps.gather(lowering, said, output, (*first, *lowering.named(said.name)))
