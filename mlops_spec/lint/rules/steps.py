"""Rules about what the steps of a pipeline run: of MS203 to MS229."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mlops_spec.diagnostic import Severity
from mlops_spec.lint.rule import Finding, View, rule
from mlops_spec.model.pipelines import Step

_NOTEBOOK = re.compile(r"\.ipynb\b|\b(?:nbconvert|nbclient|papermill|runipy|jupyter[ -](?:execute|run))\b")
_RUNNER = re.compile(r"(?:^|/)jupyter (?:execute|run)\Z")
_SHELLS = ("sh", "bash", "ash", "dash", "zsh")
_FETCHING = (
    # What is installed from the image itself, or without what it needs, fetches nothing.
    r"(?:[\w./-]*python[0-9.]* +-m +)?(?:uv +)?pip[0-9.]* +install\b(?!.*--no-(?:index|deps))(?!(?: +-e)? +\.)"
    r"|(?:poetry|pdm|npm|yarn) +install\b|uv +sync\b|(?:conda|mamba|micromamba) +(?:install|env +create)\b"
    r"|apt(?:-get)? +(?:-\S+ +)*install\b|apk +add\b|git +(?:clone|pull)\b"
)
_AS_COMMAND = re.compile(_FETCHING)
_IN_SCRIPT = re.compile(rf"(?:^|[;&|(\n])\s*({_FETCHING})")


@rule("MS203", "a notebook run as a step")
def notebook(view: View) -> Iterator[Finding]:
    """A step runs a notebook: `jupyter nbconvert`, `jupyter execute`, papermill or any `.ipynb` in its command.

    Why: A notebook has no functions to test, hides the order in which its cells were run, and its diffs cannot be
    reviewed. Whatever state its author had is not in the image.

    The way out: `jupytext --to py train.ipynb` makes a script of its cells. What they do becomes functions of a module
    below `src`, which tests can call; what they were told becomes arguments, which the command gives: paths as
    `${{ inputs.x }}` and `${{ outputs.x }}`, numbers as `${{ parameters.x }}`. Plots and tables become outputs.

    Bad:

        command: [papermill, train.ipynb, out.ipynb]

    Good:

        command: [python, -m, churn.fit]
    """
    for step in _steps(view):
        found = _notebook(step.command)
        if found is not None:
            message = f"the step {step.name} runs a notebook"
            hint = "move its code into a module, of which `jupytext --to py` makes a first draft, and run that one"
            yield Finding(f"{step.address}.command.{found}", message, hint)


@rule("MS211", "a parameter that no step reads", protected=Severity.WARNING)
def unread(view: View) -> Iterator[Finding]:
    """A pipeline has a parameter, and nothing in the spec reads it: no command, no env, no `when`.

    Why: Who starts a run with another value believes that it changes something, and the tracking server records that
    it did. The runs are compared by it, and it never had an effect.

    Bad:

        parameters: {max_depth: 6, test_size: 0.2}

    Good:

        parameters: {max_depth: 6}
    """
    for pipeline in view.spec.pipelines.values():
        for name in pipeline.parameters:
            address = f"{pipeline.address}.parameters.{name}"
            # A step that reads it may be left out of this environment; `when` names it as a whole value.
            is_read = view.written.refers(f"parameters.{name}") or view.written.says(name)
            if not is_read and view.written.defines(address):
                message = f"no step of the pipeline {pipeline.name} reads the parameter {name}"
                yield Finding(address, message, f'give it to a step as "${{{{ parameters.{name} }}}}", or take it out')


@rule("MS212", "software that is fetched while a step runs")
def fetched(view: View) -> Iterator[Finding]:
    """The command of a step installs packages or clones a repository: `pip install`, `conda install`, `apt-get
    install`, `git clone` and the like.

    Why: The image is pinned by its digest, and what is fetched into it is not: two runs of one commit run other
    code. On the day that the package index is down, or a release is taken back, no model can be trained.

    Bad:

        command: [sh, -c, pip install xgboost && python -m churn.fit]

    Good:

        command: [python, -m, churn.fit]
    """
    for step in _steps(view):
        index = _fetches(step.command)
        if index is not None:
            message = f"the step {step.name} fetches software while it runs"
            hint = "put it into the image, from locked requirements, and pin that by its digest"
            yield Finding(f"{step.address}.command.{index}", message, hint)


def _notebook(command: tuple[str, ...]) -> int | None:
    """Return which word of a command runs a notebook, by itself or with the one behind it."""
    pairs = enumerate(zip(command, (*command[1:], "")))
    return next((i for i, (word, after) in pairs if _NOTEBOOK.search(word) or _RUNNER.search(f"{word} {after}")), None)


def _fetches(command: tuple[str, ...]) -> int | None:
    """Return which word of a command fetches software: the program itself, or a script that a shell is given."""
    if command[:1] and command[0].rpartition("/")[2] in _SHELLS:
        return next((i for i, word in enumerate(command) if _IN_SCRIPT.search(word)), None)
    return 0 if _AS_COMMAND.match(" ".join(command)) else None


def _steps(view: View) -> Iterator[Step]:
    yield from (step for pipeline in view.spec.pipelines.values() for step in pipeline.steps.values())


RULES = (notebook, unread, fetched)
