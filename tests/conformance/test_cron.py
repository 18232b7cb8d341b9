"""Kubernetes and Argo Workflows, which read cron lines by robfig/cron, start at the times that we read from a line."""

from __future__ import annotations

import json
import os
import random
import subprocess
from datetime import UTC, datetime
from itertools import islice

import pytest
from cronsim import CronSim, CronSimError

from mlops_spec.language.cron import wrong

pytestmark = pytest.mark.conformance

COUNT, TIMES = 2_000, 20
START = datetime(2000, 1, 1, tzinfo=UTC)
MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split()
WEEKDAYS = "SUN MON TUE WED THU FRI SAT".split()

Bounds = tuple[int, int, list[str]]


def lines() -> list[str]:
    """Return lines of all that the schema lets through, odd ones among them."""
    chosen = random.Random(20_260_101)

    def number(bounds: Bounds) -> str:
        least, most, names = bounds
        return chosen.choice(names) if names and chosen.random() < 0.2 else str(chosen.randint(least, most))

    def part(bounds: Bounds) -> str:
        kind = chosen.random()
        step = f"/{chosen.randint(1, 9)}" if chosen.random() < 0.3 else ""
        if kind < 0.02:
            return chosen.choice(["L", "LW", "5L"])
        if kind < 0.4:
            return f"*{step}"
        last = f"-{number(bounds)}" if kind < 0.7 else ""
        return f"{number(bounds)}{last}{step}"

    def field(bounds: Bounds) -> str:
        if chosen.random() < 0.4:
            return "*"
        return ",".join(part(bounds) for _ in range(chosen.choice([1, 1, 1, 2, 3])))

    fields: tuple[Bounds, ...] = ((0, 59, []), (0, 23, []), (1, 31, []), (1, 12, MONTHS), (0, 7, WEEKDAYS))
    return [" ".join(map(field, fields)) for _ in range(COUNT)]


def kubernetes(lines: list[str]) -> list[object]:
    reader = os.environ.get("MLOPS_SPEC_GO_CRON")
    if not reader:
        pytest.skip("MLOPS_SPEC_GO_CRON names no reader")
    told = "".join(json.dumps(line) + "\n" for line in lines)
    done = subprocess.run([reader], input=told, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def ours(line: str) -> list[int] | None:
    try:
        return [int(moment.timestamp()) for moment in islice(CronSim(line, START), TIMES)]
    except CronSimError:
        return None


def test_what_we_take_is_read_alike_and_what_is_disputed_is_not_always() -> None:
    said, taken, disputed = lines(), 0, set()
    for line, found in zip(said, kubernetes(said), strict=True):
        problem = wrong(line)
        if problem is None:
            assert found == ours(line), line
            taken += 1
        elif problem[0].startswith("is not read alike") and found != ours(line):
            disputed.add(problem[1].partition(",")[0])
    assert taken > COUNT / 10
    assert len(disputed) > 3, disputed
