"""What is rendered, compared with what a cluster has."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from mlops_spec import assets
from mlops_spec.blueprint.effects import Effect
from mlops_spec.changes.live import Printed, created, deleted, differ, differ_as_rendered
from mlops_spec.changes.tree import Object
from mlops_spec.cli import exits
from mlops_spec.cli.clusters import ARGOCD, Answered, Given, beside, told
from mlops_spec.cli.comparing import HERE, Pair, placed
from mlops_spec.cli.compiling import Done
from mlops_spec.cli.console import Console
from mlops_spec.cli.locate import Located
from mlops_spec.cli.refused import is_made_anew, problems
from mlops_spec.cli.rendering import project, report_compile
from mlops_spec.diagnostic import ordered
from mlops_spec.live.kubernetes.answer import Why
from mlops_spec.live.kubernetes.ask import TRACKED, Asked
from mlops_spec.live.kubernetes.client import Cluster
from mlops_spec.live.kubernetes.left import Found, Kind, Left, left
from mlops_spec.report import changes as report
from mlops_spec.source.tree import find

__all__ = ["ARGOCD", "Given", "difference", "show", "with_problems"]

_LABELS = ("app.kubernetes.io/managed-by", "app.kubernetes.io/instance")
_TOP = re.compile(r"^apiVersion: ([a-z0-9./]+)\nkind: (\w+)$", re.MULTILINE)


def show(console: Console, located: Located, given: Given, form: str, exit_code: bool) -> int:
    """Print what applying what is rendered would change in a cluster; ``exit_code`` tells of it so too."""
    asked = beside(console, located, given)
    if isinstance(asked, int):
        return asked
    done, cluster, answered = asked
    objects = [each for group in answered for each in _objects(group)]
    leftovers = [(group, _left(cluster, group)) for group in answered]
    objects += [each for group, rest in leftovers for each in _deleted(group.group.name, rest)]
    code = report_compile(console, with_problems(done, answered, given.manager))
    names = tuple(done.compilation.environments)
    protected = tuple(name for name, each in done.compilation.environments.items() if each.protected)
    shown = placed(sorted(objects, key=lambda each: each.path), located, Pair(HERE, HERE))
    refused = tuple(path for group in answered for path in _refused(group))
    compared = report.Compared(HERE, HERE, names, protected, shown, cluster.server, refused, project(done))
    stays = [line for group, rest in leftovers for line in _stays(group, rest)]
    console.result(report.render(form, compared), {**report.as_data(compared), "left": stays})
    for line in stays:
        console.note(line)
    return code or (exits.FINDINGS if exit_code and compared.objects else exits.FINE)


def with_problems(done: Done, answered: Sequence[Answered], manager: str) -> Done:
    """Add to a compile's problems those that a cluster has with what it rendered."""
    told = ordered([*done.compilation.diagnostics, *problems(answered, manager)])
    return done._replace(compilation=done.compilation._replace(diagnostics=told))


def difference(printed: Printed, asked: Asked) -> Object | None:
    """Return how an object would change, None where it would not, or where that cannot be known."""
    if asked.would is not None:
        return created(printed) if asked.live is None else differ(printed, asked.live, asked.would)
    why = asked.answer.why if asked.answer else None
    if why is Why.NAMESPACE or (why is Why.UNCHECKED and asked.live is None):
        return created(printed)
    if asked.live is None or why not in (Why.UNCHECKED, Why.IMMUTABLE):
        return None
    least = Effect.NOTHING if why is Why.UNCHECKED else Effect.RUNS if is_made_anew(asked) else Effect.RECREATES
    return differ_as_rendered(printed, asked.live, least)


def _objects(answered: Answered) -> Iterator[Object]:
    for printed, asked in answered.pairs():
        found = difference(printed, asked)
        if found is not None:
            yield found


def _refused(answered: Answered) -> Iterator[str]:
    """Yield the objects of which the cluster would not say what an apply does."""
    for _, asked in answered.pairs():
        if asked.answer is not None and asked.answer.why in (Why.INVALID, Why.DENIED, Why.KIND):
            yield f"{answered.group.name}/{asked.wanted.path}"


def _left(cluster: Cluster, answered: Answered) -> Found:
    """Return what the cluster still has of an environment and is no longer rendered."""
    group = answered.group
    labels = _labels(group.printed)
    if group.compiled is None or not labels:
        return Found((), ())
    namespaces = sorted({each.namespace for each in group.wanted if each.namespace})
    with told():
        return left(cluster, _kinds(group.printed), namespaces, labels, group.wanted)


def _deleted(environment: str, found: Found) -> Iterator[Object]:
    """Yield what Argo CD will delete."""
    for each in found.left:
        if each.pruned:
            yield deleted(environment, _path(each), each.kind.kind)


def _stays(answered: Answered, found: Found) -> Iterator[str]:
    """Say what nobody deletes, as far as that is known, and of what nothing is known."""
    environment = answered.group.name
    annotated = any(find(asked.live, ("metadata", "annotations", TRACKED)) for asked in answered.asked if asked.live)
    untracked = "Argo CD does not track it: it stays until it is deleted by hand"
    if not annotated:
        untracked = "Argo CD deletes it if it tracks by labels, else it stays until it is deleted by hand"
    for each in found.left:
        if not each.pruned:
            why = "Argo CD is told to keep it: it stays until it is deleted by hand" if each.application else untracked
            yield f"{environment}: {_path(each)} is no longer rendered; {why}"
    if found.unknown:
        listed = ", ".join(sorted({kind.kind for kind in found.unknown}))
        yield f"{environment}: what is no longer rendered is not known of {listed}: they may not be listed"


def _path(each: Left) -> str:
    where = f"{each.namespace}/" if each.namespace else ""
    return f"{where}{each.kind.kind.lower()}-{each.name}"


def _labels(printed: Sequence[Printed]) -> dict[str, str]:
    """Return by which labels an environment's objects are told from all others."""
    for each in printed:
        found = {label: find(each.data, ("metadata", "labels", label)) for label in _LABELS}
        if each.template is not None and all(found.values()):
            return {label: str(value) for label, value in found.items()}
    return {}


def _kinds(printed: Sequence[Printed]) -> Iterator[Kind]:
    """Yield the kinds that an environment has, and those that it may have had."""
    for each in printed:
        yield Kind(str(each.data["apiVersion"]), str(each.data["kind"]))
    for template in sorted(assets.TEMPLATES.rglob("*.yaml.j2")):
        yield from (Kind(*found) for found in _TOP.findall(template.read_text("utf-8")))
