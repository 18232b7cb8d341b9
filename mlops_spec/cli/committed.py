"""A spec as a commit has it, to be compiled without checking it out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from mlops_spec.cli.locate import Located
from mlops_spec.language import layers
from mlops_spec.language.environment import common
from mlops_spec.source.files import Files, Memory
from mlops_spec.source.tree import find
from mlops_spec.write.repository import Repository
from mlops_spec.write.revision import Revision


@contextmanager
def committed(
    located: Located, repository: Repository, commit: str, whole: Revision | None = None
) -> Iterator[tuple[Located, Files]]:
    """Give a spec's files as ``commit`` has them; its own templates lie in a folder that is gone afterwards.

    ``whole`` has all files of the commit, where they are known.
    """
    below = repository.inside(located.root)
    revision = Revision(repository, commit, below, whole)
    files = Memory(revision, lambda: revision.above, below)
    with TemporaryDirectory(prefix="mlops-spec-") as scratch:
        root = Path(scratch, below)  # as deep as in the repository, which a path may lead up in
        loaded, _ = layers.load(files, located.name)
        folder = find(common(loaded.layers), ("templates",)) if loaded else None
        if isinstance(folder, str):
            revision.check_out(folder, root)
        yield Located(root, located.name), files
