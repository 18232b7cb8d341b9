"""Addresses of layers from elsewhere: a file of another Git repository, or an OCI artifact that is one file.

``git+https://git.acme.example/platform/specs.git//base.mlops.yaml?ref=v3``, as Terraform and Kustomize write it;
without ``ref`` it is the repository's HEAD. ``git+ssh://git@…`` alike, and ``oci://registry.acme.example/platform/base:3``.
Only a host of this machine is asked without TLS.
"""

from __future__ import annotations

import posixpath
import re
from typing import NamedTuple

_FOLDER = "vendor"
_LOOPBACK = r"(?:localhost|127(?:\.[0-9]{1,3}){3}|\[::1\])(?::[0-9]{1,5})?"
_GIT = re.compile(
    r"git\+(?P<url>(?:https://(?P<host>[A-Za-z0-9][A-Za-z0-9.-]*(?::[0-9]{1,5})?)"
    r"|ssh://(?:[A-Za-z0-9_][A-Za-z0-9_.-]*@)?(?P<ssh>[A-Za-z0-9][A-Za-z0-9.-]*(?::[0-9]{1,5})?)"
    rf"|http://(?P<here>{_LOOPBACK}))"
    r"(?P<path>(?:/[A-Za-z0-9_~][A-Za-z0-9_.~-]*)+))"
    r"//(?P<file>[A-Za-z0-9_][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_][A-Za-z0-9_.-]*)*)"
    r"(?:\?ref=(?P<ref>[A-Za-z0-9_](?:[A-Za-z0-9_./-]*[A-Za-z0-9_])?))?\Z"
)
_OCI = re.compile(
    rf"oci://(?P<host>[A-Za-z0-9][A-Za-z0-9.-]*(?::[0-9]{{1,5}})?|{_LOOPBACK})"
    r"(?P<path>(?:/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)+)"
    r"(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?\Z"
)


class Remote(NamedTuple):
    """Where a layer lies: a ``file`` at ``ref`` of the Git repository ``url``, or with no file an artifact at ``url``.

    ``ref`` is a branch, tag or commit, or an artifact's tag or digest; empty is HEAD.
    """

    text: str
    url: str
    place: str
    file: str
    ref: str

    @classmethod
    def read(cls, text: str) -> Remote | None:
        """Read an address; None is one of another form."""
        git = _GIT.match(text)
        if git is not None:
            host, path = git["host"] or git["ssh"] or git["here"], git["path"].removesuffix(".git")
            ref = git["ref"] or ""
            whole = ".." not in ref and "//" not in ref
            return cls(text, git["url"], f"{host}{path}", git["file"], ref) if whole else None
        oci = _OCI.match(text)
        if oci is None:
            return None
        at = f"{oci['host']}{oci['path']}"
        return cls(text, at, at, "", oci["digest"] or oci["tag"] or "latest")

    def beside(self, path: str) -> Remote | None:
        """Return the file that ``path`` names in this one; None where it is alone, or the path leads out."""
        joined = posixpath.normpath(posixpath.join(posixpath.dirname(self.file), path))
        if not self.file or path.startswith("/"):
            return None
        ref = f"?ref={self.ref}" if self.ref else ""
        return Remote.read(f"git+{self.url}//{joined}{ref}")

    @property
    def copy(self) -> str:
        """Where its copy goes in the repository: the same file for each ``ref``."""
        place = re.sub(r"[:\[\]~]", "_", self.place)
        return f"{_FOLDER}/{place}/{self.file}" if self.file else f"{_FOLDER}/{place}.mlops.yaml"

    @property
    def copy_of_ref(self) -> str:
        """Where its copy goes where another ``ref`` of the same file has that place."""
        folder, name = posixpath.split(self.copy)
        ref = re.sub(r"[/:]", "_", self.ref or "HEAD")
        return f"{folder}/{ref}/{name}"
