"""A compiled tree as commits on the branches that are delivered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from mlops_spec.blueprint.lower.environment import PROJECT
from mlops_spec.cli import exits
from mlops_spec.cli.compiling import Done
from mlops_spec.cli.console import Console
from mlops_spec.cli.rendering import project, tree_of, writing
from mlops_spec.cli.stop import stopped
from mlops_spec.compiler import Compiled
from mlops_spec.source.tree import find
from mlops_spec.write import git
from mlops_spec.write.git import Planned, Published


def publish(console: Console, done: Done, environments: Sequence[str], branch: str | None, allow_prune: bool) -> int:
    """Commit the tree, and say which branches moved where."""
    commits = list(planned(done, environments, branch))
    if not commits:
        raise stopped(exits.USAGE, "MS192", "there is nothing to publish", "add an environment, or name another one")
    with writing():
        repository = git.Repository.require(done.located.root)
        published = git.publish(repository, commits, allow_prune=allow_prune)
    console.result("\n".join(map(_line, published)), [p._asdict() for p in published])
    return exits.FINE


def planned(done: Done, environments: Sequence[str], branch: str | None) -> Iterator[Planned]:
    """Yield one commit for all that is not protected, and one for each environment that is.

    Where only some environments were asked for, the others' folders stay as they are.
    """
    tree, compiled = tree_of(done, environments), done.compilation.environments
    shared = [name for name, environment in compiled.items() if not environment.protected]
    for (to, folder), names in _by_target(compiled, shared, branch).items():
        own = _of(tree, names)
        if own:
            folders = sorted({path.partition("/")[0] for path in own})
            yield Planned(to, folder, own, _message(done, folders), folders if environments else None, project(done))
    for name, environment in compiled.items():
        own = _of(tree, [name])
        if environment.protected and own:
            to, folder = _target(environment, branch)
            yield Planned(f"{to}-{name}", folder, own, _message(done, [name]), [name], project(done))


def _by_target(
    compiled: Mapping[str, Compiled], shared: Sequence[str], branch: str | None
) -> dict[tuple[str, str], list[str]]:
    """Group environments by branch and folder; what belongs to the project goes with the first of them."""
    targets: dict[tuple[str, str], list[str]] = {}
    first = next(iter(compiled.values()), None)
    if first is not None:
        targets[_target(compiled[shared[0]] if shared else first, branch)] = [PROJECT]
    for name in shared:
        targets.setdefault(_target(compiled[name], branch), []).append(name)
    return targets


def _of(tree: Mapping[str, str], folders: Sequence[str]) -> dict[str, str]:
    return {path: text for path, text in tree.items() if path.partition("/")[0] in folders}


def _target(compiled: Compiled, branch: str | None) -> tuple[str, str]:
    delivery = find(compiled.resolved, ("platform", "delivery"))
    return branch or str(delivery["branch"]), str(delivery["path"])


def _message(done: Done, folders: Sequence[str]) -> str:
    return f"Render {', '.join(folders)} of {project(done)}"


def _line(published: Published) -> str:
    if published.commit is None:
        return f"{published.branch}: up to date"
    counts = f"{len(published.changed)} written, {len(published.removed)} deleted"
    return f"{published.branch}: {published.commit[:10]}, {counts}"
