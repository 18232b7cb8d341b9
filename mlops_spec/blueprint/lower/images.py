"""How images are built, upon what and of what; and where CI does that, and checks changes of the spec."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence

from mlops_spec.blueprint import contract
from mlops_spec.blueprint.lower.context import Context
from mlops_spec.blueprint.types import Blueprint, Build, Integration
from mlops_spec.language.image import built_upon, registry
from mlops_spec.language.text import Name, Word
from mlops_spec.model.images import Image, ImageBuild

FILES = "project/images"
"""Where Dockerfiles and what builds by them lie, below the folder of the tree."""

CHECKS = "project/ci"
"""Where jobs and the scripts that check a change lie, below the folder of the tree."""

_CHARACTERS = "letters, digits and . _ / - @ : alone, of which the last three do not begin it"


def builds(context: Context) -> tuple[Build, ...]:
    """Return how the environment's images are built; one whose base no digest names is withheld."""
    found = (_build(context, image, image.build) for image in context.spec.images.values() if image.build)
    return tuple(build for build in found if build is not None)


def integration(context: Context, built: Sequence[Build]) -> Integration | None:
    """Return where CI checks changes and builds these images; None without the image of ours that both are done by.

    That is withheld where the spec asks for it: by images to build, or by naming a CI system.
    """
    delivery, rollout = context.ports.delivery, context.ports.rollout
    if delivery is None:
        return None
    if context.runtime is None:
        if built or context.ci:
            reason = "jobs check changes, and put the digests of images into the lock, by the runtime image"
            context.withhold("platform.ci", reason, "set platform.runtime.image and lock it")
        return None
    at = {"platform.rollout.path": rollout.path if rollout else ".", "platform.delivery.path": delivery.path}
    odd = next((address for address, text in at.items() if not _is_word(text)), None)
    if odd and not built:
        context.withhold("platform.ci", f"jobs carry no {odd} such as {at[odd]!r}", f"write it with {_CHARACTERS}")
        return None
    folder, tree = (_word(context, address, text) for address, text in at.items())
    if folder is None or tree is None:
        return None
    return Integration(
        address="platform.ci",
        project=Name(context.spec.project.name),
        branch=Word(delivery.branch),
        folder=folder,
        scripts=Word(posixpath.join(tree, FILES)),
        checks=Word(posixpath.join(tree, CHECKS)),
        runtime=Word(context.runtime),
    )


def alike(context: Context, blueprints: Sequence[Blueprint]) -> tuple[Build, ...]:
    """Return each build of any environment once; one that differs between them is withheld: the lock has one digest."""
    found: dict[Name, list[Build]] = {}
    for build in (build for blueprint in blueprints for build in blueprint.builds):
        known = found.setdefault(build.name, [])
        if build not in known:
            known.append(build)
    for known in found.values():
        if len(known) > 1:
            reason = "it is not the same in all environments, and the lock has one digest for them"
            context.withhold(known[0].address, reason, "let no override or variable change what is built, or where")
    return tuple(known[0] for known in found.values() if len(known) == 1)


def _build(context: Context, image: Image, said: ImageBuild) -> Build | None:
    at = f"{image.address}.build"
    base = _base(context, image, said)
    if base is None:
        return None
    delivery, rollout = context.ports.delivery, context.ports.rollout
    root = rollout.path if rollout else "."
    folder = _word(context, f"{at}.context", posixpath.normpath(posixpath.join(root, said.context)))
    requirements = _word(context, f"{at}.requirements", posixpath.normpath(said.requirements))
    path = posixpath.join(delivery.path if delivery else "deploy", FILES, image.name, "Dockerfile")
    file = _word(context, "platform.delivery.path", path)
    if folder is None or requirements is None or file is None:
        return None
    if requirements.split("/")[0] == "..":
        message = f"the requirements of the image {image.name} lie outside of its context"
        context.refuse("MS125", message, f"{at}.requirements", "move them below the context, or name a higher one")
        return None
    source, listed = (posixpath.normpath(posixpath.join(folder, one)) for one in (contract.SOURCE, requirements))
    return Build(
        address=at,
        name=Name(image.name),
        repository=Word(image.repository),
        registry=Word(registry(image.repository)),
        tag=Word(image.tag) if image.tag else None,
        base=base,
        python=Name(said.python),
        context=folder,
        requirements=requirements,
        source=contract.SOURCE,
        file=file,
        inputs=" ".join((source, listed, file)),
        patterns=(f"{source}/**", listed, file),
    )


def _base(context: Context, image: Image, said: ImageBuild) -> Word | None:
    """Return the base by its digest: as the spec has it, else as the lock has it; without any it is withheld."""
    name = built_upon(said.base, said.python)
    if "@" in name:
        return Word(name)
    if image.name not in context.bases:
        reason = f"the lock has no digest for {name}, which it is built upon"
        context.withhold(f"{image.address}.build", reason, "run `mlops-spec lock`")
        return None
    return Word(f"{name}@{context.bases[image.name]}")


def _is_word(text: str) -> bool:
    try:
        return bool(Word(text))
    except ValueError:
        return False


def _word(context: Context, address: str, text: str) -> Word | None:
    """Return a text that Dockerfiles, workflows and shells all read as it stands; any other is refused at its place."""
    try:
        return Word(text)
    except ValueError:
        context.refuse("MS125", f"a build carries no text such as {text!r}", address, f"write it with {_CHARACTERS}")
        return None
