"""Which specs differ between two states of a repository in any file that they are read from."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Sequence
from pathlib import Path

from mlops_spec.cli.locate import Located
from mlops_spec.cli.rendering import writing
from mlops_spec.cli.revisions import merge_base
from mlops_spec.language.reads import reads
from mlops_spec.source.files import Files, Folder
from mlops_spec.write.repository import Repository
from mlops_spec.write.standing import Committed, OnDisk, Side, same, same_folder


def since(specs: Sequence[Located], revision: str, crds: str | None = None) -> list[Located]:
    """Return the specs that are others now than where HEAD left ``revision``, or are checked by other ``crds``.

    A spec is not compiled for it. Raises Stopped where there is no repository, or Git knows no such revision.
    """
    with writing():
        repository = Repository.require(Path.cwd())
    then, now = Committed(repository, merge_base(repository, revision, "HEAD")), OnDisk(repository)
    own = repository.inside(Path(crds)) if crds is not None else ".."
    if not own.startswith("..") and not same_folder(now, then, own):
        return [*specs]
    return [spec for spec in specs if is_touched(spec, Folder(spec.root), repository, now, then)]


def is_touched(spec: Located, files: Files, repository: Repository, after: Side, before: Side) -> bool:
    """Tell whether a file differs that ``spec`` is read from in ``after``, of which ``files`` are those of its folder.

    What is read is told by what has been read: where none of that differs, the same was read before.
    """
    root = repository.inside(spec.root)
    if root.startswith(".."):
        return True  # another repository's, of which this one knows nothing
    found = reads(files, spec.name)
    return not (
        all(same(after, before, path) for path in _from(root, found.files))
        and all(same_folder(after, before, path) for path in _from(root, found.folders))
    )


def _from(root: str, paths: Iterable[str]) -> list[str]:
    joined = (posixpath.normpath(posixpath.join(root, path)) for path in paths)
    return [path for path in joined if not path.startswith(("..", "/"))]  # what leads out is refused, then as now
