"""Many specs in one repository: what a second process saves, and what it costs to leave out those nobody touched."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from benchmarks.measure import Command, Stopwatch
from benchmarks.table import Goal, figure, table

_BASE = """\
apiVersion: mlops-spec/v1
platform:
  artifacts: {uri: s3://acme-ml/artifacts, region: eu-central-1, auth: workload-identity}
  delivery: {path: "deploy/teams/${{ project.name }}"}
environments:
  dev: {}
  prod: {promotes_from: dev}
images:
  train: {repository: registry.acme.example/train, tag: "1"}
"""
_TEAM = """\
apiVersion: mlops-spec/v1
extends: [../../platform/base.mlops.yaml]
project: {{name: team-{number}}}
datasets:
  customers: {{uri: s3://acme-ml/{number}/customers.parquet, version: per-run}}
pipelines:
  train:
    timeout: 6h
    steps:
      fit:
        image: ${{{{ images.train }}}}
        command: [python, -m, fit, --data, "${{{{ inputs.data }}}}", --model, "${{{{ outputs.model }}}}"]
        inputs: {{data: datasets.customers}}
        outputs: {{model: {{type: model, flavor: sklearn}}}}
"""
_SECOND_CORE = Goal(0.65)


def report(stopwatch: Stopwatch, counts: Iterable[int]) -> Iterator[str]:
    """Measure ``lint`` and ``render`` of workspaces of so many specs on one core and on two, and print a table."""
    columns = (
        "specs",
        "command",
        "one core, s",
        "two cores, s",
        "of one",
        "goal",
        "",
        "peak MiB",
        "since HEAD, of one",
    )
    yield table(columns, [row for count in sorted(counts) for row in _rows(stopwatch, count)])


def _rows(stopwatch: Stopwatch, count: int) -> Iterator[tuple[object, ...]]:
    folder = stopwatch.folder / f"specs-{count}"
    write(folder, count)
    for words in (("lint",), ("render", "--out", str(folder / "out"))):
        commands = [
            _command(f"{words[0]} on {cores}", folder, cores, words, since)
            for cores, since in ((1, ()), (2, ()), (1, ("--since", "HEAD")))
        ]
        one, two, since = (command.name for command in commands)
        costs = stopwatch.measure(commands)
        ratio = costs.ratio_of_time(two, one)
        times = figure(costs.wall(one)), figure(costs.wall(two)), figure(ratio)
        left = figure(costs.ratio_of_time(since, one))
        yield (count, f"`{words[0]}`", *times, *_SECOND_CORE.said(ratio), figure(costs.peak(one)), left)


def write(folder: Path, count: int) -> None:
    """Write a repository of so many specs on one layer, and commit it."""
    files = {"platform/base.mlops.yaml": _BASE}
    files |= {f"teams/team-{number}/mlops.yaml": _TEAM.format(number=number) for number in range(count)}
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "Specs"]):
        author = ["-c", "user.name=Ada", "-c", "user.email=ada@acme.example"]
        subprocess.run(["git", "-C", str(folder), *author, *words], check=True)


def _command(name: str, folder: Path, cores: int, words: tuple[str, ...], since: tuple[str, ...]) -> Command:
    program = (
        f"import os; os.chdir({str(folder)!r}); "
        f"os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:{cores}]); "
        "from mlops_spec.cli import main; main()"
    )
    line = (sys.executable, "-c", program, words[0], "teams/*", *words[1:], *since)
    return Command(f"{name}{' since' if since else ''}", (line,), folder / "out")
