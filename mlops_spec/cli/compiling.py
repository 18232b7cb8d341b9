"""A spec on disk through the compiler, with what its problems need to be shown."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from mlops_spec.address import meant
from mlops_spec.blueprint.types import Withheld
from mlops_spec.cli import exits
from mlops_spec.cli.locate import SUFFIXES, Located
from mlops_spec.cli.masking import masked
from mlops_spec.cli.stop import stopped
from mlops_spec.compiler import Compilation, Kin, Options, compile_spec
from mlops_spec.diagnostic import Diagnostic, Place
from mlops_spec.language import environment
from mlops_spec.lint.run import Choice
from mlops_spec.source.characters import shown
from mlops_spec.source.files import Files, Folder


class Done(NamedTuple):
    """A compile that ended, in whatever way."""

    located: Located
    compilation: Compilation

    @property
    def exit_code(self) -> int:
        """How it ended."""
        return exits.of(self.compilation.diagnostics, read=self.compilation.loaded is not None)

    @property
    def texts(self) -> dict[str, str]:
        """The texts that its problems point into, by their files, without the secrets in them."""
        files, tree = Folder(self.located.root), self.compilation.tree
        found = {}
        for file, places in _places(self.compilation.diagnostics).items():
            # A path may name any file of the repository: only what is a spec by its name is ever quoted.
            raw = files.read(file, None)[0] if file.endswith(SUFFIXES) and file not in tree else None
            if raw is not None or file in tree:
                found[file] = masked(tree[file] if raw is None else shown(raw), places)
        return found

    def withheld(self) -> Iterator[tuple[str, Withheld]]:
        """Yield what was not rendered, each with its environment."""
        for name, compiled in self.compilation.environments.items():
            for item in compiled.blueprint.withheld if compiled.blueprint else ():
                yield name, item


def compile_located(
    located: Located,
    only: Sequence[str] = (),
    crds: str | None = None,
    rules: Choice | None = None,
    files: Files | None = None,
    kin: Kin | None = None,
) -> Done:
    """Compile a spec; ``only`` narrows it to the environments of these names that there are.

    ``files`` are read in place of those of its folder; ``kin`` is another revision that was compiled before.
    """
    options = Options(located.root, only, Path(crds) if crds else None, rules or Choice(), template_cache(), kin)
    return Done(located, compile_spec(files or Folder(located.root), located.name, options))


def template_cache() -> Path | None:
    """Return the user's own folder for compiled templates (XDG Base Directory); None where it has no home."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.environ.get("HOME", ""), ".cache")
    return Path(base, "mlops-spec", "templates") if os.path.isabs(base) else None


def refuse_unknown(done: Done, wanted: Collection[str]) -> None:
    """Raise Stopped where one of ``wanted`` is no environment of the spec."""
    loaded = done.compilation.loaded
    known = environment.names(loaded.layers)[0] if loaded is not None else wanted
    for name in wanted:
        if name not in known:
            raise stopped(exits.USAGE, "MS191", f"no environment is named {name}", meant(name, known, "environment"))


def _places(diagnostics: Sequence[Diagnostic]) -> dict[str, list[Place]]:
    """Return the places that diagnostics speak of, by file."""
    found: dict[str, list[Place]] = {}
    for d in diagnostics:
        for place in (d.place, *(r.place for r in d.related)):
            if place is not None:
                found.setdefault(place.file, []).append(place)
    return found
