"""The text of the lock as commands change it: an edit that may be refused, and the file that is written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mlops_spec.address import Path as Addressed
from mlops_spec.address import text
from mlops_spec.cli import exits
from mlops_spec.cli.locate import Located
from mlops_spec.cli.rendering import writing
from mlops_spec.cli.stop import Stopped
from mlops_spec.diagnostic import error
from mlops_spec.language.layers import LOCK
from mlops_spec.source import edit
from mlops_spec.write.file import put


@contextmanager
def editing(located: Located, at: Addressed = ()) -> Iterator[None]:
    """Say as a command does why the line of the lock that is about ``at`` cannot be edited."""
    try:
        yield
    except edit.Refused as why:
        hint = "write it without what stands in the way, or change it by hand"
        problem = error("MS199", str(why), located.place(why.place(LOCK)), text(at), hint)
        raise Stopped(exits.FINDINGS, [problem]) from None


def write(located: Located, after: bytes, before: bytes | None) -> None:
    """Write the lock in place of ``before``; None is no lock. Raises Stopped, and then it is as it was."""
    with writing():
        put(Path(located.shown(LOCK)), after, before)
