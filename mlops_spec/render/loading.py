"""Where templates come from, and where compiled ones are kept."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemBytecodeCache, FileSystemLoader
from jinja2.bccache import Bucket

from mlops_spec.render.fault import Unprintable


class Folders(FileSystemLoader):
    """Folders of templates, earlier ones before later ones; one that does not exist counts as empty."""

    def __init__(self, folders: Sequence[Path]) -> None:
        super().__init__([str(folder) for folder in folders])

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        """Read a template. Raises Unprintable where a link leads out of its folder."""
        found = super().get_source(environment, template)
        path = Path(found[1]).resolve()
        if not any(path.is_relative_to(Path(folder).resolve()) for folder in self.searchpath):
            raise Unprintable(f"{template} is a link to something outside of the templates' folder")
        return found


class Bytecode(FileSystemBytecodeCache):
    """Compiled templates in a folder, which is trusted: whoever can write it runs code here."""

    def __init__(self, folder: Path) -> None:
        super().__init__(str(folder), f"%s.{_passes()}.cache")

    def get_cache_key(self, name: str, filename: str | None = None) -> str:
        """Name a template's entry by its own name alone, so that the folder may be moved and shipped."""
        return hashlib.sha256(name.encode()).hexdigest()[:20]

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take what was kept, if there is anything to read."""
        with suppress(OSError):
            super().load_bytecode(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled, if the folder can be written: it only saves time."""
        with suppress(OSError):
            Path(self.directory).mkdir(mode=0o700, parents=True, exist_ok=True)
            super().dump_bytecode(bucket)


@cache
def _passes() -> str:
    """Tell this version of the code that compiles templates from any other."""
    sources = sorted(Path(__file__).parent.glob("*.py"))
    return hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:12]
