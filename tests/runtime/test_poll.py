"""`poll`: what is told of runs, by nothing but how they went."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mlops_spec.blueprint import signals
from mlops_spec.runtime.due import instant
from mlops_spec.runtime.poll import _asked, told
from mlops_spec.runtime.program import Failed
from mlops_spec.runtime.runs import FAILED, STOPPED, SUCCEEDED, UNDER_WAY, Run

NOW = datetime(2026, 3, 29, 12, 0, tzinfo=UTC)  # a Sunday; clocks in Berlin went from 02:00 to 03:00
NIGHTLY = {"after": 7200, "schedule": {"cron": "30 2 * * *", "timezone": "Europe/Berlin"}}


class NoRuns:
    """An orchestrator of which nothing may be started."""

    def newest(self) -> list[Run]:
        return []

    def start(self, started_by: str, of: Mapping[str, str]) -> str:
        raise AssertionError(started_by)


def run(state: str, hours: float) -> Run:
    return Run(began=NOW - timedelta(hours=hours), state=state, known_as=None)


def said(*runs: Run, **more: Any) -> dict[str, float]:
    """Return the hours since each series' time."""
    found = told(more, runs, NOW)
    assert found.pop(signals.LAST_POLL) == NOW.timestamp()
    return {str(series.name): (NOW.timestamp() - value) / 3600 for series, value in found.items()}


def test_the_newest_of_each_end_is_told_and_nothing_of_what_has_none() -> None:
    assert said() == {}
    assert said(run(UNDER_WAY, 1), run(STOPPED, 2)) == {}
    runs = (run(FAILED, 3), run(SUCCEEDED, 5), run(FAILED, 4), run(SUCCEEDED, 9), run(UNDER_WAY, 1))
    assert said(*runs) == {
        "mlops_pipeline_last_success_timestamp_seconds": 5,
        "mlops_pipeline_last_failure_timestamp_seconds": 3,
    }


@pytest.mark.parametrize("after, hours", [(3600, 10), (10 * 3600, 10), (10 * 3600 + 1, 33), (40 * 3600, 57)])
def test_what_was_due_is_told_once_its_grace_is_over(after: int, hours: float) -> None:
    nightly = {"cron": "0 4 * * *", "timezone": "Europe/Berlin"}
    found = said(missed={"after": after, "schedule": nightly})
    assert found == {"mlops_pipeline_last_due_timestamp_seconds": pytest.approx(hours)}


def test_no_run_was_due_at_a_time_that_clocks_have_skipped() -> None:
    assert said(missed=NIGHTLY) == {"mlops_pipeline_last_due_timestamp_seconds": pytest.approx(34.5)}


def test_nothing_is_taken_out_of_a_queue_while_a_run_is_under_way() -> None:
    """Each time that a message is received counts: after some of them its queue gives it up."""
    asks = {"asks": [{"name": "a", "queue": {"name": "arrivals", "region": "eu-central-1", "keys": ["ABSENT"]}}]}
    problems: list[str] = []
    assert _asked(asks, NoRuns(), [run(UNDER_WAY, 1)], {}, problems) == {"why": "a run is under way"}
    assert not problems
    _asked(asks, NoRuns(), [run(FAILED, 1)], {}, problems)
    assert problems, "the queue is asked, and its key is absent"


def test_data_that_is_not_there_yet_asks_for_nothing(tmp_path: Path) -> None:
    asks = {"asks": [{"name": "a", "data": f"file:{tmp_path / 'absent'}"}]}
    problems: list[str] = []
    assert _asked(asks, NoRuns(), [], {}, problems) == {}
    assert not problems
    asks = {"asks": [{"name": "a", "data": "ftp://acme/absent"}]}
    assert _asked(asks, NoRuns(), [], {}, problems) == {}
    assert problems == ["nothing here reads ftp: URIs, as ftp://acme/absent is one"]


def test_a_time_without_a_zone_is_none() -> None:
    assert instant("2026-03-29T12:00:00Z", "it") == NOW
    for text in ("2026-03-29T12:00:00", "soon", ""):
        with pytest.raises(Failed):
            instant(text, "it")
