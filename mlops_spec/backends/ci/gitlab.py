"""GitLab CI: each image has a file of two jobs, which run the scripts of the tree."""

from __future__ import annotations

from collections.abc import Iterable

from mlops_spec.backends.building import Building
from mlops_spec.blueprint.ports import File, file
from mlops_spec.blueprint.types import Project


class GitLab(Building):
    """The options of ``platform.ci`` with ``backend: gitlab``."""

    tags: tuple[str, ...]
    image: str | None

    def emit_project(self, project: Project) -> Iterable[File]:
        """Print what builds images, and the jobs of each."""
        yield from super().emit_project(project)
        for build in project.builds if project.builder else ():
            yield file(
                "ci/gitlab/jobs.yaml.j2",
                path=f"ci/image-{build.name}.yaml",
                build=build,
                builder=project.builder,
                options=self,
            )
