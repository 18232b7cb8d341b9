"""What checks changes and builds images, whichever CI system starts it: Dockerfiles, and the scripts that jobs run."""

from __future__ import annotations

from collections.abc import Iterable

from mlops_spec.backends.backend import System
from mlops_spec.blueprint.ports import File, file
from mlops_spec.blueprint.types import Project
from mlops_spec.model.node import Node


class Upgrade(Node):
    """That jobs ask registries; ``registry`` is where the one of models is for them, None where the spec says."""

    registry: str | None


class Building(System):
    """A CI system, as far as all are alike; ``buildkit`` is the image of what builds."""

    buildkit: str | None

    def emit_project(self, project: Project) -> Iterable[File]:
        """Print the Dockerfiles, and the scripts where there is a place to check and to build."""
        for build in project.builds:
            yield file("ci/images/image.dockerfile.j2", path=f"images/{build.name}/Dockerfile", build=build)
        if project.builds and project.integration:
            yield file("ci/images/build.sh.j2", path="images/build.sh")
            yield file("ci/images/propose.sh.j2", path="images/propose.sh")
        if project.integration:
            yield file("ci/checks/check.sh.j2", path="ci/check.sh")
            yield file("ci/checks/diff.sh.j2", path="ci/diff.sh")
            yield file("ci/checks/report.sh.j2", path="ci/report.sh")
            yield file("ci/checks/command.sh.j2", path="ci/command.sh")
            yield file("ci/checks/propose.sh.j2", path="ci/propose.sh")
            yield file("ci/checks/promotion.sh.j2", path="ci/promotion.sh")
