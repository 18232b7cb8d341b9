"""Rendered text, read back: it is what the blueprint decided, and nothing that a cluster refuses or should refuse."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlops_spec.blueprint.ports import File
from mlops_spec.blueprint.types import Blueprint
from mlops_spec.diagnostic import Diagnostic
from mlops_spec.render.environment import Templates
from mlops_spec.render.tree import resource
from mlops_spec.source.plain import plain
from mlops_spec.source.tree import Map
from mlops_spec.verify import identity, kinds, pods, syntax

if TYPE_CHECKING:
    from mlops_spec.render.hatch import Opened
    from mlops_spec.verify.schemas import Schemas

_SUFFIX = ".yaml"


def verify(
    opened: Opened, made: Mapping[str, File], templates: Templates, blueprint: Blueprint, crds: Path | None
) -> list[Diagnostic]:
    """Report what is wrong with one environment's rendered files, after the escape hatches."""
    problems: list[Diagnostic] = []
    schemas = _opened(crds, problems)
    protected = blueprint.environment.protected
    for path, text in opened.texts.items():
        if not path.endswith(_SUFFIX):
            continue
        touched = path in opened.brought or opened.patched.get(path) or schemas is not None
        if not touched and _is_as_decided(text, path, made[path], templates):
            continue
        document, found = syntax.read(text, path)
        problems += found
        if document is None:
            continue
        if path in opened.brought:
            address = f"manifests.{opened.brought[path]}"
            problems += kinds.check(document, path, address)
            problems += _foreign(document, path, blueprint, address)
            problems += pods.check(document, path, address, protected)
        elif path in made:
            patches = opened.patched.get(path, ())
            problems += _ours(document, path, made[path], templates, patches)
            if patches:
                problems += pods.check(document, path, f"patches.{patches[-1]}", protected)
        problems += _against(schemas, document, path)
    return problems


def verify_project(
    texts: Mapping[str, str], made: Mapping[str, File], templates: Templates, crds: Path | None
) -> list[Diagnostic]:
    """Report what is wrong with the rendered files of the project, which no hatch touches."""
    problems: list[Diagnostic] = []
    schemas = _opened(crds, problems)
    for path, text in texts.items():
        if not path.endswith(_SUFFIX) or (schemas is None and _is_as_decided(text, path, made[path], templates)):
            continue
        document, found = syntax.read(text, path)
        problems += found
        if document is not None:
            problems += _ours(document, path, made[path], templates, ())
            problems += _against(schemas, document, path)
    return problems


def _is_as_decided(text: str, path: str, file: File, templates: Templates) -> bool:
    """Tell at a glance whether a file is the object that it should be; only what is not so needs to know places."""
    document = plain(text)
    return document is not None and not any(_ours(document, path, file, templates, ()))


def _ours(
    document: Mapping[str, Any], path: str, file: File, templates: Templates, patches: tuple[int, ...]
) -> Iterator[Diagnostic]:
    kind = templates.kind(file.template)
    if kind is None:
        return
    node = resource(file)
    address = f"patches.{patches[-1]}" if patches else node.address if node else ""
    wanted: dict[identity.Field, str | None]
    wanted = {identity.API_VERSION: templates.api_version(file.template), identity.KIND: kind}
    if node is not None:
        wanted[identity.NAME] = node.name
        wanted[identity.NAMESPACE] = None if kind == "Namespace" else node.namespace
    yield from identity.check(document, path, address, wanted, patched=bool(patches))
    yield from identity.named_after_template(kind, path, address, file.template)


def _foreign(document: Map, path: str, blueprint: Blueprint, address: str) -> Iterator[Diagnostic]:
    wanted: dict[identity.Field, str | None] = {identity.NAMESPACE: blueprint.environment.namespace}
    yield from identity.check(document, path, address, wanted, patched=False)


def _opened(crds: Path | None, problems: list[Diagnostic]) -> Schemas | None:
    if crds is None:
        return None
    from mlops_spec.verify.schemas import open_schemas

    return open_schemas(crds, problems)


def _against(schemas: Schemas | None, document: Map, path: str) -> Iterator[Diagnostic]:
    for fault in schemas.faults(document) if schemas else ():
        message = f"`{syntax.dotted(fault.field) or document['kind']}` is not as the CRD wants it: {fault.message}"
        yield syntax.at(document, fault.field, path, "MS187", message, hint="mend the template, or the patch")
