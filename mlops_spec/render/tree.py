"""The files of one environment, or of the project, as a tree: path to text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from mlops_spec.blueprint.ports import File, file
from mlops_spec.blueprint.types import Resource
from mlops_spec.diagnostic import Diagnostic, error
from mlops_spec.render.environment import Templates
from mlops_spec.render.fault import TemplateFault

KUSTOMIZATION = "kustomization.yaml"


def tree(files: Iterable[File], templates: Templates) -> tuple[dict[str, str], dict[str, File], list[Diagnostic]]:
    """Print files; return the texts and the files by path, sorted, and a problem for each object that two files are.

    An object's path is ``<component>/<kind>-<name>.yaml``: two of one kind and name meet in the cluster, wherever they
    lie. Raises TemplateFault.
    """
    made: dict[str, File] = {}
    identities: dict[str, File] = {}
    problems = []
    for each in files:
        path = path_of(each, templates)
        first = identities.setdefault(path if each.path else path.rpartition("/")[2], each)
        if first is each:
            made[path] = each
        else:
            problems.append(_twice(path, first, each))
    made = dict(sorted(made.items()))
    return {path: templates.render(each) for path, each in made.items()}, made, problems


def listed(texts: Iterable[str], made: Mapping[str, File]) -> Iterator[File]:
    """Name the template that lists the objects of a folder, where there are any."""
    objects = tuple(sorted(path for path in texts if is_object(path, made)))
    if objects:
        yield file("kustomization.yaml.j2", path=KUSTOMIZATION, paths=objects)


def is_object(path: str, made: Mapping[str, File]) -> bool:
    """Tell whether a path of a tree is an object of a cluster: all but what is printed for another reader."""
    return path not in made or made[path].path is None


def path_of(file: File, templates: Templates) -> str:
    """Return where a file goes. Raises TemplateFault, and ValueError where neither the file nor a node says so."""
    if file.path is not None:
        return file.path
    node, kind = resource(file), templates.kind(file.template)
    if node is not None and kind is None:
        raise TemplateFault(file.template, 1, "a template of an object says its `kind:` on a line of its own")
    if node is None or kind is None:
        raise ValueError(f"{file.template}: a file that prints no object says its path")
    return f"{node.component}/{kind.lower()}-{node.name}.yaml"


def resource(file: File) -> Resource | None:
    """Return the node whose object a file prints: the first that is one."""
    return next((value for value in file.values.values() if isinstance(value, Resource)), None)


def _twice(path: str, first: File, second: File) -> Diagnostic:
    one, other = (_address(each) for each in (first, second))
    message = f"{one} and {other} come to the same object, {path}"
    return error("MS180", message, None, other, "give one of them another name")


def _address(file: File) -> str:
    node = resource(file)
    return node.address if node is not None else file.template
