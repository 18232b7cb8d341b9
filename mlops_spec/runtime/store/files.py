"""Files and folders of this machine, by ``file:`` URIs."""

from __future__ import annotations

import shutil
from pathlib import Path
from urllib.parse import unquote, urlsplit

from mlops_spec.runtime.program import Failed
from mlops_spec.runtime.store.listing import Listing, Nothing, Object, below, files_of
from mlops_spec.runtime.whole import replacing


class Files:
    """A file or folder of this machine; ``file:data/x`` lies below the current directory."""

    def __init__(self, uri: str) -> None:
        parts = urlsplit(uri)
        if parts.netloc not in ("", "localhost"):
            raise Failed(f"{uri} is on another machine")
        self.path = Path(unquote(parts.path))

    def look(self, version: str | None = None) -> Listing:
        """Return what lies there. Raises Nothing where there is nothing, Failed."""
        if version is not None:
            raise Failed(f"{self.path} has no versions: they are S3's")
        if self.path.is_file():
            return Listing(False, (Object("", self.path.stat().st_size),))
        names = files_of(self.path)
        if not names:
            raise Nothing(f"there is nothing at {self.path}")
        return Listing(True, tuple(Object(name, (self.path / name).stat().st_size) for name in names))

    def read(self, found: Object, to: Path) -> None:
        """Copy one of the files. Raises Failed."""
        source = below(self.path, found.name) if found.name else self.path
        shutil.copyfile(source, to)
        if to.stat().st_size != found.size:
            raise Failed(f"{source} has changed while it was read")

    def write(self, source: Path) -> None:
        """Keep a file or folder, whole."""
        with replacing(self.path) as made:
            if source.is_file():
                shutil.copyfile(source, made)
                return
            for name in files_of(source):
                path = below(made, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source / name, path)
