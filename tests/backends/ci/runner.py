"""What runs the jobs of a workflow or a pipeline as GitHub's and GitLab's runners do."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tests.backends.ci.forge import Forge

Ran = tuple[int, str]
_SET = re.compile(r"\s*::set-output name=(\w+)::(.*)|.*##\[set-output name=(\w+);?\](.*)")


def run_workflow(
    made: Forge, workflow: Mapping[str, Any], jobs: Iterable[str], known: dict[str, str], own: Mapping[str, str]
) -> Ran:
    """Run jobs of a workflow, each in a folder of its own, until one fails. Return how it ended, and all it printed.

    ``known`` are the values of expressions, to which outputs are added; ``own`` are the runner's variables.
    """

    def said(values: Mapping[str, Any]) -> dict[str, str]:
        def value(found: re.Match[str]) -> str:
            return next((known[name] for name in found[1].split(" || ") if known[name]), "")

        return {name: re.sub(r"\$\{\{ (.*?) \}\}", value, text) for name, text in values.items()}

    printed = ""
    for name in jobs:
        job, runner = workflow["jobs"][name], made.folder / f"runner-{name}"
        at, output = runner / "workspace", runner / "output"
        at.mkdir(parents=True, exist_ok=True)
        for step in job["steps"]:
            output.write_text("")
            files = {"RUNNER_TEMP": str(runner), "GITHUB_OUTPUT": str(output), **own}
            done = made.run(step["run"], {**said(workflow["env"]), **said(step.get("env", {})), **files}, at)
            printed += done.stdout + done.stderr
            if done.returncode:
                return done.returncode, printed
            # A runner reads both streams; what stops its commands is flushed before and after what it stops.
            obeyed = dict(_commanded(_between(done.stdout, done.stderr)))
            printed += "".join(f"obeyed: {key}={value}\n" for key, value in obeyed.items())
            told = {**obeyed, **dict(_outputs(output.read_text()))}
            known |= {f"steps.{step.get('id')}.outputs.{key}": value for key, value in told.items()}
        known |= {f"needs.{name}.outputs.{key}": text for key, text in said(job.get("outputs", {})).items()}
    return 0, printed


def _between(stdout: str, stderr: str) -> list[str]:
    """Return what a runner reads in the order of time: errors come while commands are stopped, if they ever are."""
    lines = stdout.splitlines()
    stop = next((i + 1 for i, line in enumerate(lines) if line.startswith("::stop-commands::")), 0)
    return [*lines[:stop], *stderr.splitlines(), *lines[stop:]]


def _commanded(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield the outputs that printed lines set."""
    stopped = ""
    for line in lines:
        if stopped:
            stopped = "" if line == f"::{stopped}::" else stopped
        elif line.startswith("::stop-commands::"):
            stopped = line.removeprefix("::stop-commands::")
        elif found := _SET.match(line):
            yield (found[1], found[2]) if found[1] else (found[3], found[4])


def _outputs(text: str) -> Iterator[tuple[str, str]]:
    """Yield the outputs in a file of them: ``name=value``, or lines up to a word."""
    lines = iter(text.splitlines())
    for line in lines:
        if found := re.fullmatch(r"(\w+)<<(.+)", line):
            value = []
            for inner in lines:
                if inner == found[2]:
                    break
                value.append(inner)
            yield found[1], "\n".join(value)
        elif line:
            key, _, text = line.partition("=")
            yield key, text


def run_job(made: Forge, jobs: Mapping[str, Any], name: str, known: Mapping[str, str], at: Any) -> Ran:
    """Run a job of GitLab CI in the folder ``at``; ``known`` are the variables of the pipeline and of the project."""
    job = jobs[name]
    base = jobs[job["extends"]] if "extends" in job else {}
    own = {**base.get("variables", {}), **job.get("variables", {})}
    variables = {**known, **own}
    for _ in range(2):  # a variable may name another one
        variables |= {key: _expanded(text, variables) for key, text in variables.items() if key in own}
    done = made.run("\n".join(job["script"]), variables, at)
    return done.returncode, done.stdout + done.stderr


def _expanded(text: str, variables: Mapping[str, str]) -> str:
    return re.sub(r"\$(\w+)", lambda found: variables[found[1]], text)
