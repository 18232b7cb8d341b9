"""Argo CD: one Application per environment syncs the committed tree."""

from __future__ import annotations

from collections.abc import Iterable

from mlops_spec.backends.backend import System
from mlops_spec.blueprint.ports import File, file
from mlops_spec.blueprint.types import Ignored, Label, Project
from mlops_spec.language.text import Name


class ArgoCD(System):
    """The options of ``platform.delivery`` with ``backend: argocd``."""

    namespace: str
    project: str
    create_project: bool
    path: str
    branch: str

    def annotations(self, wave: int, hook: bool) -> tuple[Label, ...]:
        """Return the sync wave (0 is Argo CD's own), and for a hook that it runs once all else is healthy."""
        said = {"sync-wave": str(wave)} if wave else {}
        if hook:
            said |= {"hook": "PostSync", "hook-delete-policy": "BeforeHookCreation"}
        return tuple(
            Label(address=self.address, key=f"argocd.argoproj.io/{key}", value=value)
            for key, value in sorted(said.items())
        )

    def ignored(self) -> tuple[Ignored, ...]:
        """Return what the cluster fills in: a token, into the Secret that asks for it."""
        paths = ("/data", "/metadata/annotations/kubernetes.io~1service-account.uid")
        return (Ignored(address=self.address, group="", kind=Name("Secret"), paths=paths),)

    def emit_project(self, project: Project) -> Iterable[File]:
        """Print the AppProject, where it is ours to make, and the Applications."""
        if self.create_project and project.delivered:
            yield file("delivery/argocd/appproject.yaml.j2", project=project)
        for delivered in project.delivered:
            yield file("delivery/argocd/application.yaml.j2", delivered=delivered, options=self)
