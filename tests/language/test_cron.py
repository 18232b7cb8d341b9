"""The longest pause of a cron line, against walking through all that it says."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise, takewhile

import pytest
from cronsim import CronSim
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops_spec import assets
from mlops_spec.compiler import compile_spec
from mlops_spec.language.cron import SCHEDULES, longest_pause
from mlops_spec.source.files import Memory

HOUR, DAY = 3600, 86400


@pytest.mark.parametrize("cron, pause", [
    ("*/30 * * * *", HOUR // 2),
    ("0 3 * * *", DAY),
    ("0 3 * * 1", 7 * DAY),
    ("0 9-17 * * 1-5", 2 * DAY + 16 * HOUR),
    ("0 0 1 * *", 31 * DAY),
    ("0 0 29 2 *", 1461 * DAY),
])  # fmt: skip
def test_the_longest_pause_is_between_the_last_and_the_next(cron: str, pause: int) -> None:
    assert longest_pause(cron) == pause


@pytest.mark.parametrize("cron", ["0 0 31 2 *", "0 0 * FOO *"])
def test_a_line_that_never_comes_is_refused(cron: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        longest_pause(cron)


SPEC = """\
apiVersion: mlops-spec/v1
project: {name: x}
pipelines:
  train:
    schedule: {cron: "0 3 * * 1", timezone: Europe/Berlin}
    steps: {fit: {image: "registry.acme.example/fit@sha256:%s", command: [fit]}}
""" % ("4b" * 32)


@pytest.mark.parametrize("old, new, place, message", [
    ("0 3 * * 1", "0 3 31 2 *", "mlops.yaml:5:22", "the schedule `0 3 31 2 *` never comes: "),
    ("0 3 * * 1", "0 3 * * MOO", "mlops.yaml:5:22", "the schedule `0 3 * * MOO` never comes: "),
    ("Berlin", "Berlim", "mlops.yaml:5:45", "there is no time zone `Europe/Berlim`"),
])  # fmt: skip
def test_a_schedule_that_nothing_would_start_is_an_error_where_it_is_said(
    old: str, new: str, place: str, message: str
) -> None:
    result = compile_spec(Memory({"mlops.yaml": SPEC.replace(old, new).encode()}), "mlops.yaml")
    (problem,) = (d for d in result.diagnostics if d.code == "MS129")
    assert str(problem.place) == place
    assert problem.message.startswith(message)
    assert problem.hint


def test_every_schedule_of_the_language_is_looked_at() -> None:
    found = []
    for section in ("features", "models", "monitors", "pipelines"):
        text = (assets.SCHEMAS / f"{section}.schema.json").read_text(encoding="utf-8")
        found += [section] * text.count('"common.schema.json#/$defs/schedule"')
    assert found == [pattern[0] for pattern in SCHEDULES]


@settings(max_examples=12)
@given(
    st.tuples(
        st.sampled_from(["0", "5,50"]), st.sampled_from(["3", "0,23"]),
        st.sampled_from(["*", "1", "28,30", "*/10"]), st.sampled_from(["*", "1-3", "2"]),
        st.sampled_from(["*", "0", "1-5"]),
    )
)  # fmt: skip
def test_it_is_what_walking_through_nine_years_finds(fields: tuple[str, ...]) -> None:
    start, cron = datetime(2000, 1, 1), " ".join(fields)
    walked = takewhile(lambda moment: moment < start + timedelta(days=9 * 366), CronSim(cron, start))
    assert longest_pause(cron) == max((after - before).total_seconds() for before, after in pairwise(walked))
