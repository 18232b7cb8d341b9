"""The longest wait between two starts of a cron line."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_spec.lint.recurrence import longest_wait

MINUTE, HOUR, DAY = 60, 3600, 86400


@pytest.mark.parametrize(
    ("cron", "wait"),
    [
        ("* * * * *", MINUTE),
        ("*/30 * * * *", 30 * MINUTE),
        ("5 * * * *", HOUR),
        ("0 3 * * *", DAY),
        ("0 3 * * 1", 7 * DAY),
        ("0 3 * * MON", 7 * DAY),
        ("0 3 * * 0,7", 7 * DAY),
        ("0 9-17 * * 1-5", 64 * HOUR),
        ("0 8,20 * * *", 12 * HOUR),
        ("10/20 3 * * *", DAY - 40 * MINUTE),
        ("0 */5 * * *", 5 * HOUR),
        ("0 3 * * */2", 2 * DAY),
    ],
)
def test_it_is_the_longest_one_of_the_week(cron: str, wait: int) -> None:
    assert longest_wait(cron) == wait


@pytest.mark.parametrize(
    "cron", ["0 3 1 * *", "0 3 * 1 *", "0 3 */2 * *", "0 3 * * 5-1", "A 3 * * *", "*/0 3 * * *", "** 3 * * *"]
)
def test_what_no_week_tells_is_not_known(cron: str) -> None:
    assert longest_wait(cron) is None


def numbers(end: int) -> st.SearchStrategy[set[int]]:
    return st.sets(st.integers(0, end - 1), min_size=1, max_size=4)


@given(numbers(60), numbers(24), numbers(7))
def test_nothing_starts_within_it_and_it_is_no_longer(minutes: set[int], hours: set[int], days: set[int]) -> None:
    fields = (",".join(map(str, sorted(values))) for values in (minutes, hours))
    cron = "{} {} * * ".format(*fields) + ",".join(map(str, sorted(days)))
    weeks = [w * 7 + d for w in (0, 1) for d in days]
    starts = sorted(day * DAY + hour * HOUR + minute * MINUTE for day in weeks for hour in hours for minute in minutes)
    assert longest_wait(cron) == max(after - before for before, after in pairwise(starts))
