"""What of its spec may come next on a line that a shell completes."""

from __future__ import annotations

from collections.abc import Iterator

import click
from click.shell_completion import CompletionItem

from mlops_spec.address import text
from mlops_spec.cli.locate import locate, path_and
from mlops_spec.cli.stop import Stopped
from mlops_spec.language import environment, layers
from mlops_spec.source.files import Folder
from mlops_spec.source.tree import select, walk


def environments(ctx: click.Context, incomplete: str) -> list[CompletionItem]:
    """Return the environments that begin so, of the spec that the line is about."""
    found = _spec(ctx)
    names = environment.names(found.layers)[0] if found is not None else ()
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]


def named(ctx: click.Context, incomplete: str, section: str) -> list[CompletionItem]:
    """Return what a section has that begins so, of the spec that the line is about."""
    found = _spec(ctx)
    declared = (select(layer.data, (section, "*")) for layer in found.layers) if found is not None else ()
    names = {path[1] for entries in declared for path, _, _ in entries}
    return [CompletionItem(name) for name in sorted(names) if name.startswith(incomplete)]


def addresses(ctx: click.Context, incomplete: str) -> list[CompletionItem]:
    """Return the addresses that begin so, of the spec that the line is about; of each only as far as is typed."""
    depth = incomplete.count(".") + 1
    found = _spec(ctx)
    written = (address for layer in found.layers for address in _below(layer, depth)) if found is not None else ()
    return [CompletionItem(address) for address in sorted({a for a in written if a.startswith(incomplete)})]


def _below(layer: layers.Layer, depth: int) -> Iterator[str]:
    for path, _, _ in walk(layer.data):
        if len(path) <= depth and path[0] in layers.RESOURCES:
            yield text(path)


def _spec(ctx: click.Context) -> layers.Loaded | None:
    """Read the spec that the words typed so far name. Click leaves arguments before an option's open value unread."""
    words = ctx.params.get("path_and_address") or ctx.args
    try:
        first, *_ = ctx.params.get("paths") or ctx.params.get("specs") or (None,)
        located = locate(first or ctx.params.get("path") or ctx.params.get("spec") or path_and(words)[0])
    except Stopped:
        return None
    return layers.load(Folder(located.root), located.name)[0]
