"""GitLab CI: a file of jobs that check changes, and one for each image; they run the scripts of the tree."""

from __future__ import annotations

from collections.abc import Iterable

from mlops_spec.backends.building import Building, Upgrade
from mlops_spec.blueprint.ports import File, file
from mlops_spec.blueprint.types import Project


class GitLab(Building):
    """The options of ``platform.ci`` with ``backend: gitlab``."""

    tags: tuple[str, ...]
    image: str | None
    upgrade: Upgrade | None

    def emit_project(self, project: Project) -> Iterable[File]:
        """Print what checks changes and builds images, and the jobs that do it."""
        yield from super().emit_project(project)
        if project.integration:
            yield file("ci/checks/note.py.j2", path="ci/note.py")
            yield file("ci/gitlab/check.yaml.j2", path="ci/check.yaml", integration=project.integration, options=self)
            yield file(
                "ci/gitlab/promote.yaml.j2", path="ci/promote.yaml", integration=project.integration, options=self
            )
        if project.integration and self.upgrade:
            yield file("ci/gitlab/lock.yaml.j2", path="ci/lock.yaml", integration=project.integration, options=self)
        for build in project.builds if project.integration else ():
            yield file(
                "ci/gitlab/jobs.yaml.j2",
                path=f"ci/image-{build.name}.yaml",
                build=build,
                integration=project.integration,
                options=self,
            )
