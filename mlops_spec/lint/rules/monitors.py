"""Rules about whom a breach tells, and what it starts: of MS401 to MS499."""

from __future__ import annotations

from collections.abc import Iterator

from mlops_spec.lint.retraining import maker_of
from mlops_spec.lint.rule import Change, Finding, View, rule
from mlops_spec.model.monitors import RETRAIN, ROLLBACK, acting, conditions


@rule("MS401", "a page with nobody notified", repair="notifies the channel that there is, if it is one")
def unheard(view: View) -> Iterator[Finding]:
    """A monitor has a condition of `severity: page`, but names no channel to notify.

    Why: `page` says that somebody is to be woken. Without `notify` the alert fires and nobody hears of it.

    Bad:

        churn-quality:
          model: churn
          service: {error_rate: "< 1%", severity: page}

    Good:

        churn-quality:
          model: churn
          notify: [ml-oncall]
          service: {error_rate: "< 1%", severity: page}
    """
    known = next(iter(view.spec.channels), None)
    hint = f"add `notify: [{known}]`" if known else "define a channel under `channels`, and name it in `notify`"
    for monitor in view.spec.monitors.values():
        pages = tuple(f"{c.address}.severity" for c in conditions(monitor) if c.severity == "page")
        if pages and not monitor.notify:
            message = f"the monitor {monitor.name} pages, but notifies nobody"
            related = tuple(("this is a page", page) for page in pages)
            change = Change(f"{monitor.address}.notify", (known,)) if known and len(view.spec.channels) == 1 else None
            yield Finding(monitor.address, message, hint, related, change=change)


@rule("MS402", "a breach of data quality that retrains", repair="takes the action out")
def taught_by_faults(view: View) -> Iterator[Finding]:
    """The `quality` of a monitor has `action: retrain`.

    Why: Broken rows come from a broken source: a column that is empty, a unit that has changed. A retraining learns
    from those very rows, and the model that answered well until now is replaced by one that has learnt the fault.

    Bad:

        quality: {nulls: {tenure: "< 1%"}, severity: page, action: retrain}

    Good:

        quality: {nulls: {tenure: "< 1%"}, severity: page}
    """
    for monitor in view.spec.monitors.values():
        if monitor.quality and monitor.quality.action == RETRAIN:
            yield Finding(
                f"{monitor.quality.address}.action",
                f"broken rows would start a retraining of {monitor.model}, which learns from them",
                "take the action out, and let somebody mend the source; `drift` may retrain",
                change=Change(f"{monitor.quality.address}.action", None),
            )


@rule("MS403", "a retraining that cannot help")
def untaught(view: View) -> Iterator[Finding]:
    """The `service` of a monitor has `action: retrain`.

    Why: Slow answers and errors come from the server, its load or its network. A new model on the same server is as
    slow, and hours of training go by while the users wait.

    Bad:

        service: {latency_p99: "< 300ms", action: retrain}

    Good:

        service: {latency_p99: "< 300ms", action: rollback}
    """
    for monitor in view.spec.monitors.values():
        if monitor.service and monitor.service.action == RETRAIN:
            yield Finding(
                f"{monitor.service.address}.action",
                f"a slow or failing server would start a retraining of {monitor.model}",
                "put the version before back, with `action: rollback`, or take the action out",
            )


@rule("MS404", "a rollback that cannot help", repair="takes the action out")
def unreturned(view: View) -> Iterator[Finding]:
    """The `drift` or `quality` of a monitor has `action: rollback`.

    Why: It is the incoming data that has changed or is broken, and the version before gets the same data. It answers
    no better, is older, and the reason is looked for in the wrong place.

    Bad:

        drift: {method: psi, threshold: 0.2, action: rollback}

    Good:

        drift: {method: psi, threshold: 0.2}
    """
    for monitor in view.spec.monitors.values():
        for watched in (monitor.drift, monitor.quality):
            if watched and watched.action == ROLLBACK:
                yield Finding(
                    f"{watched.address}.action",
                    f"the version before of {monitor.model} would get the same data, and answer no better",
                    "take the action out; a rollback helps where the version itself is at fault",
                    change=Change(f"{watched.address}.action", None),
                )


@rule("MS405", "a retraining that nothing runs", repair="adds the pipeline that registers the model, if it is one")
def unanswered(view: View) -> Iterator[Finding]:
    """A condition has `action: retrain`, and the model that its monitor watches has no `trained_by`.

    Why: A retraining goes to the pipeline that `trained_by` names. With none the breach is noted and nothing starts,
    while everybody believes that the model looks after itself.

    Bad:

        churn: {}

    Good:

        churn: {trained_by: train}
    """
    for monitor in view.spec.monitors.values():
        model = view.spec.models[monitor.model]
        maker = maker_of(model.name, view.spec) if model.trained_by is None else None
        for watched in acting(monitor, RETRAIN) if model.trained_by is None else ():
            yield Finding(
                f"{watched.address}.action",
                f"no pipeline retrains the model {model.name}, which has no `trained_by`",
                f"add `trained_by: {maker or '<pipeline>'}` to it",
                (("this is the model", model.address),),
                change=Change(f"{model.address}.trained_by", maker) if maker else None,
            )


RULES = (unheard, taught_by_faults, untaught, unreturned, unanswered)
