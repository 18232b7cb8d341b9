"""Rules about what is judged before a model is registered: of MS203 to MS229."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlops_spec.address import parse
from mlops_spec.language.condition import Condition
from mlops_spec.lint.bounds import is_settled, largest, meant
from mlops_spec.lint.rule import Finding, View, rule
from mlops_spec.model.pipelines import Gate, Pipeline


@rule("MS204", "a model registered with no gate before it")
def ungated(view: View) -> Iterator[Finding]:
    """A pipeline registers a model, but has no gate.

    Why: Every gate stands before every `register`. With none, each run makes a new challenger, however bad, and
    whoever moves the lock takes it for one that has passed.

    Bad:

        register:
          register: {model: churn, from: steps.fit.outputs.model}

    Good:

        good-enough:
          gate: {metrics: steps.fit.outputs.metrics, require: {auc: ">= 0.80"}}
        register:
          register: {model: churn, from: steps.fit.outputs.model}
    """
    for pipeline in view.spec.pipelines.values():
        if any(step.gate for step in pipeline.steps.values()):
            continue
        for step in pipeline.steps.values():
            if step.register:
                message = f"the step {step.name} registers the model {step.register.model} with no gate before it"
                hint = f'add a step with `gate: {{metrics: {_metrics(pipeline)}, require: {{<metric>: ">= …"}}}}`'
                yield Finding(step.address, message, hint)


@rule("MS209", "a gate that judges another model")
def misjudged(view: View) -> Iterator[Finding]:
    """A step registers a model, and no gate of the pipeline reads metrics that were made with it.

    Why: The gates let it pass for what another model can do. It happens when a second training step is copied, and
    its gate is not.

    Bad:

        register: {model: churn, from: steps.fit-large.outputs.model}

    Good:

        register: {model: churn, from: steps.fit.outputs.model}
    """
    for pipeline in view.spec.pipelines.values():
        gates = [(step, step.gate) for step in pipeline.steps.values() if step.gate]
        judged = {name for _, gate in gates for name in _before(parse(gate.metrics)[1], pipeline)}
        for step in pipeline.steps.values() if gates else ():
            maker = parse(step.register.from_)[1] if step.register else None
            if step.register and maker not in judged:
                yield Finding(
                    f"{step.address}.register.from",
                    f"the step {step.name} registers the model of {maker}, which no gate judges",
                    f"register the model that is judged, or add a gate over metrics of {maker}",
                    tuple((f"{gate.name} judges these", f"{judging.address}.metrics") for gate, judging in gates),
                )


@rule("MS210", "a gate that every model passes, or none")
def undecided(view: View) -> Iterator[Finding]:
    """A gate has a condition that always holds, or never, for a metric that is bounded by its name: AUC lies between 0
    and 1; accuracy, precision, recall and F1 between 0 and 1, or in percent.

    Why: What always holds lets the worst model through. What never holds ends each run before `register`, after all
    the training was paid for.

    Bad:

        gate: {metrics: steps.fit.outputs.metrics, require: {auc: ">= 80"}}

    Good:

        gate: {metrics: steps.fit.outputs.metrics, require: {auc: ">= 80%"}}
    """
    for pipeline in view.spec.pipelines.values():
        for gate in _gates(pipeline):
            own, against = gate.require, gate.against
            yield from _settled(own, f"{gate.address}.require", is_difference=False)
            if against is not None:
                yield from _settled(against.require, f"{against.address}.require", is_difference=True)


@rule("MS213", "a gate that turns better models away")
def reversed_goal(view: View) -> Iterator[Finding]:
    """All that the gates ask of the metric of the pipeline's experiment is the opposite of the experiment's goal: that
    it is below a number although more is better, or above one although less is.

    Why: The better a model is, the more surely it is turned away, and what passes is the worst of all.

    Bad:

        gate: {metrics: steps.fit.outputs.metrics, require: {auc: "<= 0.80"}}

    Good:

        gate: {metrics: steps.fit.outputs.metrics, require: {auc: ">= 0.80"}}
    """
    for pipeline in view.spec.pipelines.values():
        metric = view.spec.experiments[pipeline.experiment].metric if pipeline.experiment else None
        asked = [*_asked(pipeline, metric.name)] if metric else []
        # One of two bounds may well be an upper one: what is too good to be true.
        if metric and all(condition.operator[0] == _OPPOSITE[metric.goal] for _, condition in asked):
            for address, condition in asked:
                yield Finding(
                    address,
                    f"to pass, {metric.name} must be {condition}, and the experiment's goal is to {metric.goal} it",
                    "turn the condition around, or correct the goal",
                    (("this is the goal", f"{metric.address}.goal"),),
                )


def _metrics(pipeline: Pipeline) -> str:
    """Name metrics that a gate could read."""
    outputs = ((step, output) for step in pipeline.steps.values() for output in step.outputs.values())
    made = (f"steps.{step.name}.outputs.{output.name}" for step, output in outputs if output.type == "metrics")
    return next(made, "steps.<step>.outputs.<metrics>")


def _before(step: str, pipeline: Pipeline) -> set[str]:
    """Return ``step`` and all that it waits for, in whatever way."""
    seen: set[str] = set()
    waiting = [step]
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            taken = (source.from_ for source in pipeline.steps[name].inputs.values())
            waiting += [parse(source)[1] for source in taken if source.startswith("steps.")]
            waiting += pipeline.steps[name].after
    return seen


def _settled(required: Mapping[str, Condition], address: str, *, is_difference: bool) -> Iterator[Finding]:
    """Yield the conditions that always hold, or never, whatever is measured."""
    for metric, condition in required.items():
        holds = is_settled(condition, largest(metric), signed=is_difference)
        if holds is not None:
            what = f"the difference in {metric}" if is_difference else metric
            how, which = ("always", "no") if holds else ("never", "every")
            message = f"{what} is {how} {condition}: this turns {which} model away"
            hint = "compare with a number between -1 and 1" if is_difference else meant(condition)
            yield Finding(f"{address}.{metric}", message, hint)


def _asked(pipeline: Pipeline, metric: str) -> Iterator[tuple[str, Condition]]:
    """Yield what the gates of a pipeline ask of a metric."""
    for gate in _gates(pipeline):
        for node in (gate, gate.against):
            if node is not None and metric in node.require:
                yield f"{node.address}.require.{metric}", node.require[metric]


def _gates(pipeline: Pipeline) -> Iterator[Gate]:
    return (step.gate for step in pipeline.steps.values() if step.gate)


_OPPOSITE = {"maximize": "<", "minimize": ">"}

RULES = (ungated, misjudged, undecided, reversed_goal)
