"""Rules about images: MS231 to MS239."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mlops_spec.diagnostic import Severity
from mlops_spec.lint.rule import Finding, View, rule
from mlops_spec.model.choice import Choice
from mlops_spec.source.tree import find

_LOOSE = re.compile(r"(?:^|/)(?:[\w.-]+\.in|pyproject\.toml|setup\.(?:py|cfg)|Pipfile)\Z")


@rule("MS231", "an image by a tag that moves")
def moving(view: View) -> Iterator[Finding]:
    """A step, a batch engine, or the build of an image, names an image without its digest.

    Why: A tag can be moved to another image, and a missing one means `latest`: what runs tomorrow need not be what was
    reviewed, and no run can be repeated. An image that stands under `images` gets its digest from the lock; that it
    lacks one there is MS130.

    Bad:

        image: registry.acme.example/train:1.4

    Good:

        image: registry.acme.example/train@sha256:4be1c7a0d1a1a0b2c6e5f1c6a3fb7f7f1dcb4f2c8a1d7e8e3a5b6c7d8e9f0a1b
    """
    unlocked = set(_unlocked(view))
    for pipeline in view.spec.pipelines.values():
        for step in pipeline.steps.values():
            if step.image and "@" not in step.image and step.image not in unlocked:
                hint = "put it under `images` and write `${{ images.<name> }}`, or add its digest: `@sha256:…`"
                yield Finding(f"{step.address}.image", f"the step {step.name} names its image by a tag", hint)
    for address, engine in _engines(view):
        own = engine.options.get("image")
        if own and "@" not in own and own not in unlocked:
            hint = "put it under `images` and write `${{ images.<name> }}`, or add its digest: `@sha256:…`"
            yield Finding(f"{address}.image", f"the batch engine {engine.backend} names its image by a tag", hint)
    for image in view.spec.images.values():
        base = image.build.base if image.build else None
        if base and "@" not in base and find(view.lock, ("images", image.name, "base", "digest")) is None:
            line = f'`images: {{{image.name}: {{base: {{digest: "sha256:…"}}}}}}`'
            hint = f"add its digest: `@sha256:…`, or run `mlops-spec lock`; in mlops.lock.yaml it is {line}"
            yield Finding(f"{image.address}.build.base", f"the image {image.name} is built on one named by a tag", hint)


@rule("MS232", "an image that nothing runs", protected=Severity.WARNING)
def unused(view: View) -> Iterator[Finding]:
    """An image stands under `images`, and nothing names it in any environment.

    Why: It is built, scanned, locked and upgraded for nobody. Mostly a step was meant to run it, and names another.

    Bad:

        images:
          train: {repository: registry.acme.example/train}
          report: {repository: registry.acme.example/report}

    Good:

        images:
          train: {repository: registry.acme.example/train}
    """
    for image in view.spec.images.values() if view.written.is_whole else ():
        is_named = view.written.refers(image.address) or view.written.spells(image.repository)
        if not is_named and view.written.defines(image.address):
            hint = f"run it, as `image: ${{{{ images.{image.name} }}}}`, or take it out"
            yield Finding(image.address, f"nothing runs the image {image.name}", hint)


@rule("MS233", "an image of requirements that are not locked")
def loose(view: View) -> Iterator[Finding]:
    """An image is built from a file that says what is wanted, not what was resolved: `requirements.in`,
    `pyproject.toml`, `setup.py`, `setup.cfg` or `Pipfile`.

    Why: Each build resolves anew, so that two builds of one commit are two images. A model trained in the one is
    served by the other, with whatever library came out last night.

    Bad:

        build: {python: "3.12", requirements: requirements.in}

    Good:

        build: {python: "3.12", requirements: requirements.lock}
    """
    for image in view.spec.images.values():
        file = image.build.requirements if image.build else ""
        if _LOOSE.search(file):
            message = f"the image {image.name} is built from {file}, which locks no versions"
            hint = "name a file with every version and hash, as `uv pip compile --generate-hashes` writes it"
            yield Finding(f"{image.address}.build.requirements", message, hint)


def _engines(view: View) -> Iterator[tuple[str, Choice]]:
    """What scores whole datasets: the platform's engine, and those that models choose for themselves."""
    yield "platform.batch", view.spec.platform.batch
    for model in view.spec.models.values():
        if model.batch and model.batch.engine:
            yield model.batch.engine.address, model.batch.engine


def _unlocked(view: View) -> Iterator[str]:
    """What `${{ images.x }}` is as long as the lock has no digest for it: that is one problem, the lock's."""
    for image in view.spec.images.values():
        if find(view.lock, ("images", image.name, "digest")) is None:
            yield image.repository if image.tag is None else f"{image.repository}:{image.tag}"
    if view.spec.platform.runtime and find(view.lock, ("images", "runtime", "digest")) is None:
        yield view.spec.platform.runtime.image


RULES = (moving, unused, loose)
