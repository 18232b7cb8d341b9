"""Alerts of how a pipeline's runs went: one that failed, one that is missing, and nobody looking at them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mlops_spec.address import parse
from mlops_spec.blueprint import signals as table
from mlops_spec.blueprint.lower.alerts import Alerts
from mlops_spec.blueprint.lower.context import Context
from mlops_spec.blueprint.lower.objectives import TICKET
from mlops_spec.blueprint.lower.polling import EVERY
from mlops_spec.blueprint.names import shorten
from mlops_spec.blueprint.ports import Metrics
from mlops_spec.blueprint.types import Alert, AlertGroup, Pipeline
from mlops_spec.language.cron import longest_pause
from mlops_spec.language.units import Duration
from mlops_spec.model.pipelines import Missed

FAILED, MISSED, UNWATCHED = "failed", "missed", "unwatched"
"""What may have happened: the label ``condition`` of its alerts."""

_PATIENCE = 6 * EVERY


def run_alerts(context: Context, told: Iterable[Pipeline]) -> tuple[AlertGroup, ...]:
    """Return the alerts of each pipeline whose channels are ``told`` of its runs."""
    metrics = context.ports.metrics
    return tuple(_Runs(context, metrics, pipeline).group() for pipeline in told) if metrics else ()


class _Runs(Alerts):
    """The alerts of one pipeline's runs."""

    def __init__(self, context: Context, metrics: Metrics, pipeline: Pipeline) -> None:
        notify = context.spec.pipelines[parse(pipeline.address)[1]].notify
        assert notify is not None
        self.notify, self.pipeline = notify, pipeline
        name = str(pipeline.name)
        super().__init__(context, metrics, notify.address, name, {table.PIPELINE: name})
        self.select = {key: self.labels[key] for key in table.POLLED_BY}

    def group(self) -> AlertGroup:
        return self.group_of(shorten(f"{self.pipeline.name}.runs", self.address, 253), self._alerts())

    def _alerts(self) -> Iterator[Alert]:
        if self.notify.failed:
            failed = self.metrics.later(table.LAST_FAILURE, table.LAST_SUCCESS, self.select, ever=True)
            yield self._alert(f"{self.address}.failed", FAILED, failed, f"The last run of {self.named} has failed.")
        if self.notify.missed is not None and self.pipeline.schedule is not None:
            yield from self._missed(self.notify.missed, self.pipeline.schedule.cron)
        yield from self._unwatched()

    def _missed(self, missed: Missed, cron: str) -> Iterator[Alert]:
        """Yield the alert of a run that is late, and of a pipeline of which none has ever succeeded."""
        late = self.metrics.later(table.LAST_DUE, table.LAST_SUCCESS, self.select)
        said = f"No run of {self.named} that was due has succeeded within {missed.after}."
        yield self._alert(missed.address, MISSED, late, said)
        never = self.metrics.missing(table.LAST_SUCCESS, self.select)
        seconds = longest_pause(cron) + missed.after.seconds
        said = f"No run of {self.named} has succeeded yet, and one was due."
        yield self._alert(missed.address, MISSED, never, said, seconds, kind="never")

    def _unwatched(self) -> Iterator[Alert]:
        silent = self.metrics.silent(table.LAST_POLL, self.select, _PATIENCE)
        said = f"Nobody has looked at the runs of {self.named} for {Duration.of(_PATIENCE)}: the job fails that does."
        yield self._alert(self.address, UNWATCHED, silent, said)
        missing = self.metrics.missing(table.LAST_POLL, self.select)
        said = f"Nothing is known of the runs of {self.named}: the job that looks fails, or the Pushgateway is lost."
        yield self._alert(self.address, UNWATCHED, missing, said, _PATIENCE, kind="unknown")

    def _alert(self, address: str, condition: str, expression: str, said: str, wait: int = 0, kind: str = "") -> Alert:
        return self.alert(address, kind or condition, expression, said, TICKET, None, wait, condition=condition)
