"""GitHub Actions: a workflow checks changes, and each image has one; they run the tree's scripts and no actions."""

from __future__ import annotations

from collections.abc import Iterable

from mlops_spec.backends.building import Building, Upgrade
from mlops_spec.blueprint.ports import File, file
from mlops_spec.blueprint.types import Project


class ScheduledUpgrade(Upgrade):
    """That jobs ask registries by a schedule of their own."""

    schedule: str


class GitHub(Building):
    """The options of ``platform.ci`` with ``backend: github``."""

    runner: str
    sarif: bool
    upgrade: ScheduledUpgrade | None

    def emit_project(self, project: Project) -> Iterable[File]:
        """Print what checks changes and builds images, and the workflows that do it."""
        yield from super().emit_project(project)
        if project.integration:
            yield file("ci/github/request.sh.j2", path="ci/request.sh")
            yield file("ci/github/check.yaml.j2", path="ci/check.yaml", integration=project.integration, options=self)
            yield file(
                "ci/github/promote.yaml.j2", path="ci/promote.yaml", integration=project.integration, options=self
            )
        if project.integration and self.upgrade:
            yield file("ci/github/lock.yaml.j2", path="ci/lock.yaml", integration=project.integration, options=self)
        for build in project.builds if project.integration else ():
            yield file(
                "ci/github/workflow.yaml.j2",
                path=f"ci/image-{build.name}.yaml",
                build=build,
                integration=project.integration,
                options=self,
            )
