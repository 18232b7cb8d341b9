"""A plan brought about, one thing after the other; safe beside others who do the same, and again after half of it.

Each thing is read anew right before it is changed, and what a server refuses is looked at once more: where somebody
else was quicker, what is left to do is done. Setting a tag that is set already changes nothing.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from mlops_spec.blueprint.contract import NOTE
from mlops_spec.live.mlflow.actual import one
from mlops_spec.live.mlflow.client import Refusal, Servers, Unreachable, answering
from mlops_spec.live.mlflow.plan import Action, Change, Verb, plan
from mlops_spec.live.mlflow.state import Desired, Kind

if TYPE_CHECKING:
    from mlflow import MlflowClient

_ATTEMPTS = 8
_PAUSE = 0.05  # seconds, twice as long after each attempt


class Done(NamedTuple):
    """An action as it was done; ``failed`` says why it was not."""

    action: Action
    failed: str | None = None


class Applier:
    """Changes one environment's things on its servers. With ``delete``, what is no longer wanted is deleted."""

    def __init__(self, client: MlflowClient, servers: Servers, desired: Desired, *, delete: bool = False) -> None:
        self.client, self.servers, self.desired, self.delete = client, servers, desired, delete

    def apply(self, actions: Sequence[Action]) -> Iterator[Done]:
        """Do what acts, and yield each as it was done; where no server answers any more, the others are not."""
        lost: str | None = None
        for action in actions:
            if not action.verb.acts:
                continue
            if lost is not None:
                yield Done(action, lost)
                continue
            try:
                yield Done(self._done(action))
            except Unreachable as problem:
                lost = str(problem)
                yield Done(action, lost)
            except Refusal as problem:
                yield Done(action, str(problem))

    def _done(self, shown: Action) -> Action:
        """Do an action, or what it has become since it was shown. Raises Unreachable and Refusal."""
        action = shown if shown.verb is Verb.CREATE else self._now(shown)
        done = action
        for attempt in range(_ATTEMPTS):
            if action.verb is Verb.REFUSED:
                raise Refusal(action.why, "PERMISSION_DENIED")
            if not action.verb.acts:
                break
            done = action
            try:
                with answering(self.servers):
                    self._perform(action)
                break
            except Refusal:
                before, action = action, self._now(shown)
                if attempt + 1 == _ATTEMPTS or (attempt and action == before):
                    raise
                time.sleep(_PAUSE * 2**attempt)
        return done

    def _now(self, action: Action) -> Action:
        """Return what is to be done with a thing as it is by now."""
        found = one(self.client, self.servers, action.kind, action.name)
        things = tuple(t for t in self.desired.things if (t.kind, t.name) == (action.kind, action.name))
        planned = plan(self.desired._replace(things=things), [found] if found else [], delete=self.delete)
        return planned[0] if planned else Action(Verb.NOTHING, action.kind, action.name)

    def _perform(self, action: Action) -> None:
        if action.verb is Verb.CREATE:
            self._create(action)
        elif action.verb is Verb.DELETE and action.kind is Kind.MODEL:
            self.client.delete_registered_model(action.name)
        elif action.verb is Verb.DELETE:
            self.client.delete_experiment(action.id)
        else:
            if action.verb is Verb.RESTORE:
                self.client.restore_experiment(action.id)
            self._change(action, action.changes)

    def _create(self, action: Action) -> None:
        """Make a thing with all that is said of it at once; aliases need versions, so they come behind."""
        tags = {c.key: c.after for c in action.changes if c.after is not None and not c.key.startswith("@")}
        if action.kind is Kind.EXPERIMENT:
            self.client.create_experiment(action.name, tags=tags)
            return
        description = tags.pop(NOTE, None)
        self.client.create_registered_model(action.name, tags, description)
        self._change(action, [change for change in action.changes if change.key.startswith("@")])

    def _change(self, action: Action, changes: Sequence[Change]) -> None:
        client = self.client
        for key, _, after in changes:
            if action.kind is Kind.EXPERIMENT and after is not None:
                client.set_experiment_tag(action.id, key, after)
            elif action.kind is Kind.EXPERIMENT:
                client.delete_experiment_tag(action.id, key)
            elif key.startswith("@"):
                client.set_registered_model_alias(action.name, key.removeprefix("@"), after)
            elif key == NOTE:
                client.update_registered_model(action.name, after or "")
            elif after is not None:
                client.set_registered_model_tag(action.name, key, after)
            else:
                client.delete_registered_model_tag(action.name, key)
