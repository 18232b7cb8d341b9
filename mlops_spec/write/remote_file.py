"""A file of another repository, at a ref of it: nothing of that repository is checked out, run, or kept."""

from __future__ import annotations

from tempfile import TemporaryDirectory

from mlops_spec.write.process import GitFailed, git, line
from mlops_spec.write.repository import EXECUTABLE, FILE, Repository

_STALLED = 20  # seconds
_CONFIG = {
    # Nothing but these, whatever an address, or where it is sent on to, makes of it.
    "protocol.allow": "never",
    "protocol.http.allow": "always",
    "protocol.https.allow": "always",
    "protocol.ssh.allow": "always",
    "http.lowSpeedLimit": "1",
    "http.lowSpeedTime": str(_STALLED),
}
_NO_REF = ("couldn't find remote ref", "no such remote ref", "not our ref", "unadvertised object")


class NoFile(Exception):
    """There is no such file, or ref, or what is there is no file; the message says which."""


class Unreachable(Exception):
    """The server does not answer, or does not let us in; the message is git's."""


def read(url: str, ref: str, path: str, most: int) -> bytes:
    """Return the file at ``path`` of ``ref`` (empty: HEAD) of the repository ``url``, which has at most ``most`` bytes.

    The server is opened as git would: by the user's credential helpers and ssh. Raises NoFile and Unreachable.
    """
    with TemporaryDirectory(prefix="mlops-spec-") as folder:
        git(folder, "init", "--quiet", "--bare", "--template=", ".")
        wanted = ("fetch", "--quiet", "--no-tags", "--depth=1", f"--filter=blob:limit={most + 1}")
        try:
            git(folder, *wanted, "--", url, f"{ref or 'HEAD'}:refs/layer", access=True, config=_CONFIG)
        except GitFailed as why:
            if any(said in why.reason for said in _NO_REF):
                raise NoFile(f"it has no branch, tag or commit {ref}") from None
            raise Unreachable(why.reason) from None
        return _content(folder, path, most)


def _content(folder: str, path: str, most: int) -> bytes:
    found = Repository(None, folder, folder, "sha1").entry("refs/layer", path)
    if found is None:
        raise NoFile(f"it has no file {path}")
    if found.mode not in (FILE, EXECUTABLE):
        raise NoFile(f"{path} is no file there, but a folder, link or submodule")
    try:
        size = int(line(folder, "cat-file", "-s", found.id))
    except GitFailed:  # more than was asked for
        size = most + 1
    if size > most:
        raise NoFile(f"{path} has more than the {most} bytes that are ever read of a file")
    return git(folder, "cat-file", "blob", found.id)
