"""A spec beside a cluster: what is rendered for it, and what the cluster says of each object."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import NamedTuple

import click

from mlops_spec.blueprint.lower.environment import PROJECT
from mlops_spec.changes.live import Printed
from mlops_spec.cli import exits, planned, traced
from mlops_spec.cli.compiling import Done, compile_located, refuse_unknown
from mlops_spec.cli.console import Console
from mlops_spec.cli.locate import Located
from mlops_spec.cli.rendering import report_compile
from mlops_spec.cli.stop import Stopped, stopped
from mlops_spec.compiler import Compilation, Compiled
from mlops_spec.diagnostic import Diagnostic, error
from mlops_spec.language.environment import CLUSTER
from mlops_spec.live.kubernetes.answer import Why, forbidden
from mlops_spec.live.kubernetes.ask import Asked, Wanted, ask
from mlops_spec.live.kubernetes.client import Cluster, Refusal, Unreachable
from mlops_spec.live.kubernetes.connect import NotInstalled, Unconfigured, connect
from mlops_spec.render.trace import Line
from mlops_spec.render.tree import is_object, resource
from mlops_spec.source.yaml import read

ARGOCD = "argocd-controller"
"""The field manager that Argo CD applies as."""


class Given(NamedTuple):
    """What was asked for on the command line; ``argocd`` is the context of the cluster in which Argo CD runs."""

    environments: Sequence[str]
    kubeconfig: str | None
    context: str | None
    manager: str
    argocd: str | None = None


class Group(NamedTuple):
    """What is rendered for one environment, or for the project, object by object; None is the project's."""

    name: str
    compiled: Compiled | None
    printed: tuple[Printed, ...]

    @property
    def wanted(self) -> tuple[Wanted, ...]:
        """The objects as a cluster is asked for them."""
        return tuple(Wanted(each.path, each.data) for each in self.printed)


class Answered(NamedTuple):
    """A group, and what the cluster says of its objects, in their order."""

    group: Group
    asked: tuple[Asked, ...]

    def pairs(self) -> Iterator[tuple[Printed, Asked]]:
        """Yield each object with what is said of it."""
        return zip(self.group.printed, self.asked)


class Beside(NamedTuple):
    """A spec as it was compiled, beside the cluster that was asked."""

    done: Done
    cluster: Cluster
    answered: list[Answered]


def beside(console: Console, located: Located, given: Given, *, reading: bool = False) -> Beside | int:
    """Compile a spec, and ask its cluster of every object; the exit code where the spec has errors.

    Raises Stopped as ``groups``, ``reach`` and ``answers`` do.
    """
    done = compile_located(located, given.environments)
    refuse_unknown(done, given.environments)
    if done.exit_code:
        return report_compile(console, done)
    found = groups(done, given)
    cluster = reach(console, found, given)
    return Beside(done, cluster, answers(console, cluster, found, given.manager, reading=reading))


def groups(done: Done, given: Given) -> list[Group]:
    """Return what lies in the one cluster that is asked. Raises Stopped where the environments are of several.

    The project's own objects are for Argo CD, and lie where it runs: in the environments' cluster where that is its.
    """
    compiled = done.compilation.environments
    clusters: dict[str, list[str]] = {}
    for name, each in compiled.items():
        clusters.setdefault(cluster_of(each), []).append(name)
    if len(clusters) > 1:
        listed = "; ".join(f"{', '.join(names)} in {cluster}" for cluster, names in clusters.items())
        (first, *_), last = [*clusters.values()][-1], [*clusters][-1]
        hint = f"ask one after the other, such as --env {first} --context NAME with the context that leads to {last}"
        raise stopped(exits.USAGE, "MS513", f"a context is one cluster, and these are {len(clusters)}: {listed}", hint)
    found = [Group(name, each, _printed(done.compilation, name, each)) for name, each in compiled.items()]
    if not given.environments and [*clusters] == [CLUSTER]:
        found.append(Group(PROJECT, None, _printed(done.compilation, PROJECT, None)))
    return [group for group in found if group.printed]


def cluster_of(compiled: Compiled) -> str:
    """Return the API server's address of an environment, as Argo CD knows it."""
    return str(compiled.blueprint.environment.cluster) if compiled.blueprint else CLUSTER


def _printed(compilation: Compilation, name: str, compiled: Compiled | None) -> tuple[Printed, ...]:
    paths = [path for path in compilation.tree if path.startswith(f"{name}/") and is_object(path, compilation.files)]
    return tuple(_one(compilation, name, compiled, path) for path in paths)


def _one(compilation: Compilation, name: str, compiled: Compiled | None, path: str) -> Printed:
    below = path.removeprefix(f"{name}/")
    source, _ = read(compilation.tree[path].encode("utf-8", "surrogatepass"), path)
    assert source is not None, "verified when it was rendered"
    file = compilation.files.get(path)
    node = resource(file) if file is not None else None
    entry = compiled.brought.get(below) if compiled is not None else None
    address = node.address if node is not None else f"manifests.{entry}" if entry is not None else ""

    @cache
    def trace() -> Sequence[Line]:
        return traced.lines(compilation, path)

    return Printed(
        name, below, address, file.template if file else None, source.data, trace, traced.resolved(compilation, name)
    )


@contextmanager
def told() -> Iterator[None]:
    """Say why a cluster cannot be asked as a command does."""
    try:
        yield
    except NotInstalled as problem:
        hint = str(problem).partition(": ")[2]
        raise stopped(exits.USAGE, "MS502", "Kubernetes' client is not installed", hint) from None
    except Unconfigured as problem:
        hint = "name a context with --context, and another kubeconfig with --kubeconfig"
        raise stopped(exits.USAGE, "MS507", planned.escaped(str(problem)), hint) from None
    except Unreachable as problem:
        hint = "mend that, or ask another cluster with --context"
        raise stopped(exits.IO, "MS505", planned.escaped(str(problem)), hint) from None
    except Refusal as problem:
        if problem.code == 403:
            raise Stopped(exits.IO, _rights([forbidden(problem.message)])) from None
        said = planned.escaped(problem.message) or f"status {problem.code}"
        raise stopped(exits.IO, "MS505", f"the server refuses: {said}", "mend that") from None


def reach(console: Console, found: Sequence[Group], given: Given) -> Cluster:
    """Return the cluster that is asked; where an environment names another address, say so. Raises Stopped."""
    with told():
        cluster = connect(given.kubeconfig, given.context)
    for group in found:
        meant = cluster_of(group.compiled) if group.compiled else CLUSTER
        if meant not in (CLUSTER, cluster.server):
            asked = f"{cluster.server} is asked" + (f" (context {cluster.context})" if cluster.context else "")
            console.note(f"{group.name}: {asked}, and the spec says {meant}: see that this is one cluster")
    return cluster


def reach_argocd(given: Given) -> Cluster:
    """Return the cluster in which Argo CD runs. Raises Stopped."""
    with told():
        return connect(given.kubeconfig, given.argocd)


def answers(
    console: Console, cluster: Cluster, found: Sequence[Group], manager: str, *, reading: bool = False
) -> list[Answered]:
    """Ask the cluster of every object. Raises Stopped where it cannot be asked, or not by us.

    For ``reading`` it is enough that what is there can be read: that nothing can be tried is then for ``lacking``.
    """
    total = sum(len(group.printed) for group in found)
    with told(), _bar(console, total) as step:
        answered = [Answered(group, tuple(ask(cluster, group.wanted, manager, step))) for group in found]
    problems = lacking(answered)
    if problems and not (reading and all(asked.seen for each in answered for asked in each.asked)):
        raise Stopped(exits.IO, problems)
    return answered


def lacking(answered: Sequence[Answered]) -> tuple[Diagnostic, ...]:
    """Return which rights whoever asks has not, each once."""
    return _rights(
        forbidden(fault.said)
        for each in answered
        for asked in each.asked
        if asked.answer is not None and asked.answer.why is Why.FORBIDDEN
        for fault in asked.answer.faults
    )


def _rights(said: Iterable[str]) -> tuple[Diagnostic, ...]:
    hint = "have these verbs granted: get, list, create and patch are needed, the last two for dry runs alone"
    # The same verb of the same resource is said once, whatever the objects' names.
    return tuple(error("MS506", planned.escaped(each), None, "", hint) for each in dict.fromkeys(said))


@contextmanager
def _bar(console: Console, length: int) -> Iterator[Callable[[], None]]:
    """Show on a terminal how far it is."""
    if console.form != "text" or not sys.stderr.isatty():
        yield lambda: None
        return
    with click.progressbar(length=length, label="Asking the cluster", file=sys.stderr) as bar:
        yield lambda: bar.update(1)
