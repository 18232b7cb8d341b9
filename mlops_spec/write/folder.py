"""A folder as it is found: everything that stands in it, nothing followed."""

from __future__ import annotations

import os
import stat
from typing import NamedTuple

from mlops_spec.write.failure import CONFLICT, IO, refusal


class Entry(NamedTuple):
    """What tells one state of a file or folder from the next; ``modified`` in nanoseconds."""

    mode: int
    inode: int
    size: int
    modified: int
    owner: int
    group: int

    @property
    def is_file(self) -> bool:
        return stat.S_ISREG(self.mode)

    @property
    def is_link(self) -> bool:
        return stat.S_ISLNK(self.mode)

    @property
    def is_folder(self) -> bool:
        return stat.S_ISDIR(self.mode)


class Snapshot(NamedTuple):
    """Leaves (all but folders, and folders that hold nothing) and folders that hold something (``""`` is the root)."""

    leaves: dict[str, Entry]
    folders: dict[str, Entry]

    def same_files(self, other: Snapshot) -> bool:
        """Tell whether the leaves are the same, unedited, and in folders of the same names."""
        return self.leaves == other.leaves and self.folders.keys() == other.folders.keys()


def snapshot(root: str) -> Snapshot:
    """Look at everything below ``root``. Raises WriteFailed where another file system is mounted in it."""
    found = Snapshot({}, {})
    if os.path.lexists(root):
        about = os.lstat(root)
        found.folders[""] = _entry(about)
        _walk(root, "", about.st_dev, found)
    return found


def real_path(out: str) -> str:
    """Return the absolute path of an output folder. Raises WriteFailed where it or a parent is a symlink."""
    path = "/" if os.path.isabs(out) else os.getcwd()
    for part in out.split("/"):
        path = os.path.join(path, part)
        if os.path.islink(path):
            message = f"{out}: {path} is a symlink, which is not followed"
            raise refusal(IO, "MS154", message, f"name the folder itself: {os.path.realpath(out)}")
    return os.path.normpath(path)


def refuse_unsuitable(target: str) -> None:
    """Raise WriteFailed where the folder ``target`` cannot give its place to another."""
    if not os.path.lexists(target):
        return
    if os.path.lexists(os.path.join(target, ".git")):
        raise _unsuitable(target, "it is the root of a repository")
    if os.path.ismount(target):
        raise _unsuitable(target, "a file system is mounted there")
    if os.path.commonpath((target, os.getcwd())) == target:
        raise _unsuitable(target, "it is the current directory, or holds it", "run this from a folder outside it")


def _unsuitable(target: str, why: str, hint: str = "render into a folder below it") -> Exception:
    return refusal(CONFLICT, "MS158", f"{target} cannot be replaced as a whole: {why}", hint)


def _walk(root: str, prefix: str, device: int, found: Snapshot) -> None:
    with os.scandir(os.path.join(root, prefix)) as entries:
        for item in entries:
            path = prefix + item.name
            about = item.stat(follow_symlinks=False)
            entry = _entry(about)
            if not entry.is_folder:
                found.leaves[path] = entry
                continue
            if about.st_dev != device:
                raise _unsuitable(os.path.join(root, path), "a file system is mounted there", "unmount it first")
            before = len(found.leaves)
            _walk(root, f"{path}/", device, found)
            holder = found.folders if len(found.leaves) > before else found.leaves
            holder[path] = entry


def _entry(about: os.stat_result) -> Entry:
    return Entry(about.st_mode, about.st_ino, about.st_size, about.st_mtime_ns, about.st_uid, about.st_gid)
