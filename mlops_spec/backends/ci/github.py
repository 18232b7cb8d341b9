"""GitHub Actions: each image has a workflow, which runs the scripts of the tree and no action of anybody's."""

from __future__ import annotations

from collections.abc import Iterable

from mlops_spec.backends.building import Building
from mlops_spec.blueprint.ports import File, file
from mlops_spec.blueprint.types import Project


class GitHub(Building):
    """The options of ``platform.ci`` with ``backend: github``."""

    runner: str

    def emit_project(self, project: Project) -> Iterable[File]:
        """Print what builds images, and the workflow of each."""
        yield from super().emit_project(project)
        for build in project.builds if project.builder else ():
            yield file(
                "ci/github/workflow.yaml.j2",
                path=f"ci/image-{build.name}.yaml",
                build=build,
                builder=project.builder,
                options=self,
            )
