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
from mlops_spec.language.cron import SCHEDULES, longest_pause, wrong
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
    ("0 3 * * 1", "0 3 * * 5-7", "mlops.yaml:5:22", "the schedule `0 3 * * 5-7` is not read alike by all: Kubernetes knows no weekday 7"),
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


@pytest.mark.parametrize("cron, hint", [
    ("0 3 * * 7", "write 0 or SUN for Sunday: `5-7` is `5,6,0`"),
    ("0 3 * * 1,0-7", "write 0 or SUN for Sunday: `5-7` is `5,6,0`"),
    ("0 3 * * 2/5", "write both ends, as in `2-6/5`"),
    ("10/20 3 * * *", "write both ends, as in `10-59/20`"),
    ("0 3 5-5/2 * *", "write both ends, as in `5-31/2`"),
    ("0 3 L * *", "write the days as numbers"),
    ("0 3 1,LW * *", "write the days as numbers"),
    ("0 3 * * 5L", "write the days as numbers"),
    ("0 3 */2 * 1", "let one of the two be `*`, or write both without"),
    ("0 3 1 * MON,*", "let one of the two be `*`, or write both without"),
])  # fmt: skip
def test_what_readers_take_differently_is_refused_with_the_way_out(cron: str, hint: str) -> None:
    found = wrong(cron)
    assert found is not None
    assert (found[0].partition(":")[0], found[1]) == ("is not read alike by all", hint)


@pytest.mark.parametrize("cron", [
    "0 3 * JUL SUN", "*/7 */7 */7 */7 *", "0 3 * * */7", "7 7 7 7 *", "0 3 1,15 * 1-5", "0 3 7-7 * *", "0 3 * * 0-6/7",
])  # fmt: skip
def test_what_all_read_alike_is_not(cron: str) -> None:
    assert wrong(cron) is None


def test_every_schedule_of_the_language_is_looked_at() -> None:
    found = []
    for section in ("features", "models", "monitors", "pipelines"):
        text = (assets.SCHEMAS / f"{section}.schema.json").read_text(encoding="utf-8")
        found += [section] * text.count('"common.schema.json#/$defs/schedule"')
    assert found == [pattern[0] for pattern in SCHEDULES]


def parts(least: int, most: int, *more: str) -> st.SearchStrategy[str]:
    """Return what a field may hold, and what it must not."""
    numbers = st.integers(least, most)
    spans = st.tuples(numbers, numbers).map(lambda ends: f"{ends[0]}-{ends[1]}")
    stepped = st.tuples(spans | st.just("*"), st.integers(1, 9)).map(lambda said: "/".join(map(str, said)))
    return st.lists(numbers.map(str) | spans | stepped | st.sampled_from(more), min_size=1, max_size=3).map(",".join)


@pytest.mark.long
@settings(max_examples=40, deadline=None)
@given(
    st.tuples(
        st.sampled_from(["0", "5,50"]), st.sampled_from(["3", "0,23", "*/9"]), st.just("*") | parts(1, 31, "5/9", "L"),
        st.just("*") | parts(1, 12, "JAN-MAR"), st.just("*") | parts(0, 7, "2/5", "3-3/2", "FRI-SUN", "MON-FRI/2"),
    ).map(" ".join)
)  # fmt: skip
def test_it_is_what_walking_through_nine_years_finds(cron: str) -> None:
    if wrong(cron) is not None:
        return
    start = datetime(2000, 1, 1)
    walked = takewhile(lambda moment: moment < start + timedelta(days=9 * 366), CronSim(cron, start))
    assert longest_pause(cron) == max((after - before).total_seconds() for before, after in pairwise(walked))
