"""The rollouts that are under way in a spec, and what is said of one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from mlops_spec.cli.compiling import Done
from mlops_spec.language import rollout
from mlops_spec.language.rollout import UnderWay
from mlops_spec.model.models import Weight
from mlops_spec.source.tree import Map, select


def lock(done: Done) -> Map:
    """Return the lock of a spec."""
    return done.compilation.loaded.lock if done.compilation.loaded else Map()


def models(done: Done) -> set[str]:
    """Return the models that the spec or the lock has in the environments of a compile."""
    compiled = done.compilation.environments
    found = {path[1] for each in compiled.values() for path, _, _ in select(each.resolved, ("models", "*"))}
    pinned = select(lock(done), ("environments", "*", "models", "*"))
    return found | {path[3] for path, _, _ in pinned if path[1] in compiled}


def under_way(done: Done) -> Iterator[UnderWay]:
    """Yield the rollouts in the environments of a compile; none where it ended before them."""
    if done.compilation.environments:
        for each in rollout.under_way(lock(done)):
            if each.environment in done.compilation.environments:
                yield each


def steps(done: Done, each: UnderWay) -> tuple[Weight, ...]:
    """Return the steps that the spec has for a rollout; none where it has errors or no canary."""
    spec = done.compilation.environments[each.environment].spec
    model = spec.models.get(each.model) if spec else None
    said = model.serving.rollout if model and model.serving else None
    return said.steps if said else ()


def told(each: UnderWay, steps: Sequence[Weight]) -> str:
    """Say in one line where a rollout stands, and what is next."""
    subject, number = f"{each.environment} {each.model}", each.step + 1
    if each.step >= len(steps):
        return f"{subject}: step {number}, which the spec lacks: version {each.version} takes over from {each.before}"
    shares = f"version {each.version} gets {steps[each.step].weight} of 100 requests, {each.before} the others"
    return f"{subject}: step {number} of {len(steps)}: {shares}; next: {_next(each, steps)}"


def _next(each: UnderWay, steps: Sequence[Weight]) -> str:
    pause, following = steps[each.step].pause, steps[each.step + 1 :]
    return f"{following[0].weight if following else 'done'}{f' after {pause}' if pause else ''}"


def as_json(each: UnderWay, steps: Sequence[Weight]) -> dict[str, Any]:
    """Return a rollout as data; ``step`` counts from 0, as in the lock."""
    said = [{"weight": step.weight, "pause": str(step.pause) if step.pause else None} for step in steps]
    return {**each._asdict(), "place": str(each.place), "steps": said}
