"""A first spec: a starter with the answers put in, checked before it is written."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from mlops_spec.cli.asking import QUESTIONS, Answers, answers, template

if TYPE_CHECKING:
    from mlops_spec.cli.console import Console

STARTERS = {
    "train-and-serve": "a pipeline that trains a model, its server, and a monitor that has it trained again",
    "batch": "a pipeline that trains a model, and a scoring every night",
    "monitor": "checks on a model that something else trains and serves",
}
"""Each is a file ``starters/<name>.yaml``, in which ``__NAME__`` and the like stand for what is asked."""

_IGNORED = ".mlops-spec/"
_RENDERED = "deploy"


def start(console: Console, folder: str, said: Answers, *, asking: bool) -> int:
    """Write the spec and the line of .gitignore, and print what to do next."""
    from mlops_spec.cli import exits
    from mlops_spec.cli.locate import NAME
    from mlops_spec.cli.rendering import writing
    from mlops_spec.write.file import put

    where = Path(folder)
    _refuse_existing(where / NAME)
    asking = asking and sys.stdin.isatty()
    chosen = said.template or (template(STARTERS) if asking else next(iter(STARTERS)))
    text = _filled(chosen, said, where, asking=asking)
    ignoring = _ignoring(where / ".gitignore")
    with writing():
        _make(where)
        # Last is what a second run would refuse to write again.
        if ignoring is not None:
            put(where / ".gitignore", *ignoring)
        put(where / NAME, text.encode(), None)
    written = [str(where / NAME), *([str(where / ".gitignore")] if ignoring is not None else [])]
    following = _next(folder)
    told = [f"wrote {' and '.join(written)}", "next:", *(f"  {command}" for command in following)]
    console.result("\n".join(told), {"written": written, "next": following})
    return exits.FINE


def _filled(starter: str, said: Answers, where: Path, *, asking: bool) -> str:
    """Put the answers into a starter, asking for those that lack. Raises Stopped where no spec comes of them."""
    from mlops_spec import assets

    text = (assets.STARTERS / f"{starter}.yaml").read_text("utf-8")
    markers = {key: f"__{key.upper()}__" for key in QUESTIONS}
    asked = [key for key, marker in markers.items() if marker in text]
    for key, given in answers(asked, said, where, asking=asking).items():
        text = text.replace(markers[key], given)
    text = _delivered(text, where)
    _refuse_unfit(text)
    return text


def _delivered(text: str, where: Path) -> str:
    """Give a spec below the root of its repository a folder there of its own: others may be in the same repository."""
    from mlops_spec.cli.asking import is_plain
    from mlops_spec.source import edit
    from mlops_spec.write.failure import WriteFailed
    from mlops_spec.write.repository import Repository

    try:
        repository = Repository.find(where)
    except WriteFailed:  # no git, and so no repository
        return text
    within = repository.inside(where) if repository is not None and repository.top is not None else "."
    if within == "." or within.startswith("..") or not is_plain(within):
        return text
    path = {"path": f"{within}/{_RENDERED}"}
    return edit.add(text, ("platform", "delivery"), path, before=("environments",))


def _refuse_existing(path: Path) -> None:
    from mlops_spec.cli import exits
    from mlops_spec.cli.stop import stopped

    if os.path.lexists(path):
        hint = f"begin in another folder, or go on with this one: mlops-spec lint {shlex.quote(str(path))}"
        raise stopped(exits.CONFLICT, "MS197", f"{path} is there already, and is not overwritten", hint)


def _refuse_unfit(text: str) -> None:
    """Raise Stopped where each answer is well-formed, but not what they make together, such as a name too long."""
    from mlops_spec.cli import exits
    from mlops_spec.cli.stop import Stopped
    from mlops_spec.compiler import compile_spec
    from mlops_spec.diagnostic import Severity
    from mlops_spec.source.files import Memory

    found = compile_spec(Memory({"mlops.yaml": text.encode()}), "mlops.yaml").diagnostics
    errors = [d._replace(place=None, related=()) for d in found if d.severity is Severity.ERROR]
    if errors:
        raise Stopped(exits.FINDINGS, errors)


def _ignoring(path: Path) -> tuple[bytes, bytes | None] | None:
    """Return what .gitignore must hold, and what it holds; None where it has the line."""
    if not path.is_file():
        return f"{_IGNORED}\n".encode(), None
    before = path.read_bytes()
    if _IGNORED.encode() in before.split():
        return None
    return before + (b"\n" if before and not before.endswith(b"\n") else b"") + f"{_IGNORED}\n".encode(), before


def _make(where: Path) -> None:
    from mlops_spec.write.failure import io_reported

    with io_reported(str(where)):
        where.mkdir(parents=True, exist_ok=True)


def _next(folder: str) -> list[str]:
    here = os.path.normpath(folder) == "."
    path = "" if here else f" {shlex.quote(folder)}"
    out = _RENDERED if here else shlex.quote(os.path.join(folder, _RENDERED))
    return [f"mlops-spec lint{path}", f"mlops-spec show{path}", f"mlops-spec render{path} --out {out}"]
