"""The lock with a digest more, or another one."""

from __future__ import annotations

from mlops_spec.address import meant
from mlops_spec.cli import exits, locked_text
from mlops_spec.cli.compiling import Done, compile_located
from mlops_spec.cli.console import Console
from mlops_spec.cli.locate import Located
from mlops_spec.cli.rendering import report_compile
from mlops_spec.cli.stop import stopped
from mlops_spec.language import pin
from mlops_spec.language.layers import LOCK
from mlops_spec.language.needs import RUNTIME
from mlops_spec.source.files import Folder
from mlops_spec.source.tree import Map, find, select
from mlops_spec.write.difference import unified


def pin_image(console: Console, located: Located, name: str, digest: str, base: bool, dry_run: bool) -> int:
    """Pin an image's digest, or that of its base, and say what has become of the lock."""
    raw = Folder(located.root).read(LOCK, None)[0]
    done = compile_located(located)
    if not done.compilation.environments:  # the spec cannot be read, or the lock is not as its schema says
        return report_compile(console, done)
    _refuse_unknown(done, name, base)
    lock = done.compilation.loaded.lock if done.compilation.loaded else Map()
    with locked_text.editing(located, ("images", name)):
        after = pin.image((raw or b"").decode(), lock, name, digest, base=base).encode()
    if after != raw and not dry_run:
        locked_text.write(located, after, raw)
    return _say(console, located, (name, digest, base), raw, after, dry_run)


def _say(
    console: Console, located: Located, pinned: tuple[str, str, bool], raw: bytes | None, after: bytes, dry_run: bool
) -> int:
    name, digest, base = pinned
    file, diff = located.shown(LOCK), unified(located.shown(LOCK), raw, after)
    what = f"images.{name}{'.base' if base else ''} is {digest}"
    data = {"image": name, "base": base, "digest": digest, "file": file, "written": bool(diff) and not dry_run}
    console.result(diff.removesuffix("\n") if dry_run else f"{file}: {what}", {**data, "diff": diff})
    if not diff:
        console.note("it was that already; nothing is written")
    else:
        console.note(f"{what}; nothing is written" if dry_run else "commit it; `mlops-spec publish` renders it")
    return exits.FINE


def _refuse_unknown(done: Done, name: str, base: bool) -> None:
    """Raise Stopped where no environment has such an image, or with ``base`` none that is built."""
    trees = [compiled.resolved for compiled in done.compilation.environments.values()]
    known = {path[1]: value for tree in trees for path, value, _ in select(tree, ("images", "*"))}
    ours = {RUNTIME} if any(find(tree, ("platform", "runtime", "image")) for tree in trees) else set()
    if name not in known and (base or name not in ours):
        raise stopped(exits.USAGE, "MS193", f"images has no `{name}`", meant(name, {*known, *ours}, "image"))
    if base and find(known[name], ("build",)) is None:
        hint = "add `build` to it, or leave --base out"
        raise stopped(exits.USAGE, "MS193", f"images.{name} has no `build`: it is built elsewhere", hint)
