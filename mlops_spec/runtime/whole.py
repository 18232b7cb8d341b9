"""Files and folders that are there whole, or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp


def remove(path: Path) -> None:
    """Remove a file or a folder, if there is one; a link itself, not what it points to."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a free path beside ``path``; what the block leaves there takes the place of what is at ``path``.

    Where the block raises, nothing at ``path`` has changed.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(mkdtemp(prefix=".mlops-", dir=path.parent))
    made = beside / "made"
    try:
        yield made
        if path.is_dir() or made.is_dir():  # a folder cannot be renamed over what is there
            remove(path)
        os.replace(made, path)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
