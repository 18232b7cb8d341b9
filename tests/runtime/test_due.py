"""Which day a scoring is of, and what stands for it in a URI."""

from __future__ import annotations

from datetime import datetime

import pytest

from mlops_spec.runtime.due import Due, due
from mlops_spec.runtime.program import Failed

BERLIN = {"cron": "0 5 * * *", "timezone": "Europe/Berlin"}


@pytest.mark.parametrize("cron, zone, now, expected", [
    ("0 5 * * *", "Europe/Berlin", "2026-03-04T04:00:00+00:00", "2026-03-04T05:00:00+01:00"),
    ("0 5 * * *", "Europe/Berlin", "2026-03-04T03:59:59.5+00:00", "2026-03-03T05:00:00+01:00"),
    ("0 5 * * *", "Europe/Berlin", "2026-03-04T04:00:07+00:00", "2026-03-04T05:00:00+01:00"),
    ("55 23 * * *", "Europe/Berlin", "2026-03-04T00:10:00+01:00", "2026-03-03T23:55:00+01:00"),
    ("0 5 * * 1", "UTC", "2026-03-05T12:00:00+00:00", "2026-03-02T05:00:00+00:00"),
    ("*/15 * * * *", "Asia/Kolkata", "2026-03-04T00:04:00+00:00", "2026-03-04T05:30:00+05:30"),
    ("30 2 * * *", "Europe/Berlin", "2026-10-25T12:00:00+01:00", "2026-10-25T02:30:00+02:00"),
    ("0 5 * * *", "Europe/Berlin", "2026-03-29T05:00:00+02:00", "2026-03-29T05:00:00+02:00"),
    ("30 2 * * *", "Europe/Berlin", "2026-03-29T12:00:00+02:00", "2026-03-28T02:30:00+01:00"),
    ("30 2 * * *", "Europe/Berlin", "2026-10-25T02:10:00+01:00", "2026-10-25T02:30:00+02:00"),
    ("*/30 * * * *", "Europe/Berlin", "2026-10-25T02:00:00+02:00", "2026-10-25T02:00:00+02:00"),
    ("*/30 * * * *", "Europe/Berlin", "2026-10-25T02:00:00+01:00", "2026-10-25T02:00:00+01:00"),
    ("*/30 * * * *", "Europe/Berlin", "2026-10-25T03:00:00+01:00", "2026-10-25T03:00:00+01:00"),
])  # fmt: skip
def test_a_run_is_due_at_the_last_time_of_its_schedule_in_its_zone(
    cron: str, zone: str, now: str, expected: str
) -> None:
    found = due({"cron": cron, "timezone": zone}, {}, datetime.fromisoformat(now))
    assert found.isoformat() == expected


def test_a_day_is_done_again_by_saying_when_it_was_due() -> None:
    now = datetime.fromisoformat("2026-05-01T00:00:00+00:00")
    found = due(BERLIN, {"MLOPS_SCHEDULED_AT": "2026-03-03T23:30:00Z"}, now)
    assert found.isoformat() == "2026-03-04T00:30:00+01:00"
    assert Due("r", found).put_into("s3://acme/ds=${{ run.date }}/") == "s3://acme/ds=2026-03-04/"


@pytest.mark.parametrize("said", ["", "yesterday", "2026-03-03", "2026-03-03T23:30:00"])
def test_a_text_that_is_no_time_with_a_zone_is_refused(said: str) -> None:
    with pytest.raises(Failed, match="no time with a zone"):
        due(BERLIN, {"MLOPS_SCHEDULED_AT": said}, datetime.fromisoformat("2026-05-01T00:00:00+00:00"))


def test_a_uri_holds_what_is_known_of_the_run_and_nothing_else() -> None:
    when = Due("churn-17", datetime.fromisoformat("2026-03-04T05:00:00+01:00"))
    text = "s3://a/$${{ run.date }}/${{ run.id }}/${{run.scheduled_at}}/"
    assert when.put_into(text) == "s3://a/${{ run.date }}/churn-17/2026-03-04T05:00:00+01:00/"
    for unknown in ("run.name", "run", "parameters.date", "run.date.year"):
        with pytest.raises(Failed, match="nobody knows"):
            when.put_into(f"s3://a/${{{{ {unknown} }}}}/")
