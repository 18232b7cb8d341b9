"""``sync``: brings the tracking server and the registry to what the rendered document says, as ``apply mlflow`` does.

It runs once what was delivered is healthy, so that aliases follow the versions that run. Nothing is ever deleted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mlops_spec.live.mlflow.actual import actual
from mlops_spec.live.mlflow.apply import Applier, Done
from mlops_spec.live.mlflow.client import NotInstalled, Refusal, Servers, Unreachable, connect
from mlops_spec.live.mlflow.plan import Action, Verb, plan
from mlops_spec.live.mlflow.state import desired
from mlops_spec.runtime.program import Configuration, Failed, needed


def run(configuration: Configuration, values: Sequence[str], environment: Mapping[str, str]) -> dict[str, Any]:
    """Do what there is to do, and say what that was. Raises Failed, with what was done all the same."""
    tracking = needed(environment, "MLFLOW_TRACKING_URI")
    servers = Servers(tracking, environment.get("MLFLOW_REGISTRY_URI") or tracking)
    wanted = desired(configuration)
    try:
        client = connect(servers)
        planned = plan(wanted, actual(client, servers, wanted))
    except (NotInstalled, Unreachable, Refusal) as problem:
        raise Failed(str(problem)) from None
    done = [*Applier(client, servers, wanted).apply(planned)]
    said = _said(planned, done)
    failed = [Done(action, action.why) for action in planned if action.verb is Verb.REFUSED]
    failed += [each for each in done if each.failed is not None]
    if failed:
        why = "; ".join(f"{each.action.kind.value} {each.action.name}: {each.failed}" for each in failed)
        raise Failed(f"{len(failed)} of {len(planned)} could not be brought about: {why}", **said)
    return said


def _said(planned: Sequence[Action], done: Sequence[Done]) -> dict[str, Any]:
    return {
        "done": [_told(each.action) for each in done if each.failed is None],
        "nothing": sum(action.verb is Verb.NOTHING for action in planned),
        "left": [_told(action) for action in planned if action.verb is Verb.LEFT],
    }


def _told(action: Action) -> dict[str, Any]:
    aliases = {change.key[1:]: change.after for change in action.changes if change.key.startswith("@")}
    told = {"verb": action.verb.value, "kind": action.kind.value, "name": action.name}
    return {**told, **({"aliases": aliases} if aliases else {})}
