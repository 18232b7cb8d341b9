"""What a step's code runs in: a virtual environment with the requirements of its image, or the interpreter at hand."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from mlops_spec.live.local.folder import Folder, remove, write
from mlops_spec.live.local.process import Processes
from mlops_spec.live.local.source import digest_of, source_of
from mlops_spec.model.images import ImageBuild

_HASHED = re.compile(rb"--hash[= ]")
_INHERITED = re.compile(
    r"PATH|HOME|USER|LOGNAME|LANG|LC_.*|TZ|TERM|LD_LIBRARY_PATH|CUDA_.*|NVIDIA_.*|SSL_CERT_.*|REQUESTS_CA_BUNDLE"
    r"|(?:HTTPS?|NO|ALL)_PROXY|(?:https?|no|all)_proxy|AWS_.*|GOOGLE_APPLICATION_CREDENTIALS|CLOUDSDK_.*"
)
"""What a step sees of the variables of whoever runs it: this machine, and the identity that stores are opened by."""


class Failed(Exception):
    """An environment that cannot be made; the message says where the reason stands."""


class Environment(NamedTuple):
    """A Python, and the code on its path. ``parts`` say what it is made of, for the keys of steps."""

    python: Path
    source: Path | None
    parts: Mapping[str, str]

    def changed(self) -> bool:
        """Tell whether the code is no longer what it was when the run began."""
        return self.source is not None and digest_of(self.source) != self.parts["source"]

    def variables(self) -> dict[str, str]:
        """Return the variables of a step that it has from this machine."""
        found = {name: value for name, value in os.environ.items() if _INHERITED.fullmatch(name)}
        found["PATH"] = os.pathsep.join((str(self.python.parent), found.get("PATH", os.defpath)))
        found["PYTHONDONTWRITEBYTECODE"] = "1"  # the source is the user's own folder
        if self.source is not None:
            found["PYTHONPATH"] = str(self.source)
        return found


class Wanted(NamedTuple):
    """An environment to be: where it is made, of what, and by which interpreter; without ``folder`` it is there."""

    folder: Path | None
    python: Path
    requirements: Path | None
    environment: Environment

    @property
    def made(self) -> bool:
        """Tell whether there is nothing to make."""
        return self.folder is None or (self.folder / _DONE).exists()


_DONE = "done"


def at_hand() -> Wanted:
    """Return the interpreter that runs this program, which nothing is put into."""
    python = Path(sys.executable)
    environment = Environment(python, None, {"python": f"{python} {sys.version}"})
    return Wanted(None, python, None, environment)


def wanted(folder: Folder, build: ImageBuild, python: Path, version: str) -> Wanted:
    """Return the environment of a built image, made by ``python``. Raises Failed where its files are missing."""
    context = folder.spec / build.context
    requirements = context / build.requirements
    try:
        listed = requirements.read_bytes()
    except OSError as problem:
        raise Failed(f"{build.requirements} cannot be read: {problem.strerror}") from None
    source = source_of(context)
    key = hashlib.sha256(f"{version}\n{python}\n".encode() + listed).hexdigest()
    parts = {"requirements": hashlib.sha256(listed).hexdigest(), "python": version}
    if source is not None:
        parts["source"] = digest_of(source)
    made = folder.environments / key[:16]
    return Wanted(made, python, requirements, Environment(made / "bin" / "python", source, parts))


def interpreter(version: str) -> tuple[Path, str]:
    """Return the interpreter of a version (3.12), and its own whole one; where there is none, the one at hand."""
    minor = ".".join(version.split(".")[:2])
    for python in (sys.executable, shutil.which(f"python{version}"), shutil.which(f"python{minor}")):
        found = _version(python) if python else None
        if python and found and (found == version or found.startswith(f"{version}.")):
            return Path(python), found
    return Path(sys.executable), ".".join(map(str, sys.version_info[:3]))


async def make(wanted: Wanted, processes: Processes) -> None:
    """Make an environment: there is either all of it, or it is made anew. Raises Failed, Stopped."""
    folder, requirements = wanted.folder, wanted.requirements
    if folder is None or requirements is None:
        return
    remove(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    install = [str(folder / "bin" / "python"), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    if _HASHED.search(requirements.read_bytes()):
        install.append("--require-hashes")
    log = folder.with_suffix(".log")
    with log.open("wb") as stream:
        for command in ([str(wanted.python), "-m", "venv", str(folder)], [*install, "-r", str(requirements)]):
            environment = {**os.environ, "PYTHONPATH": ""}
            ended = await processes.run(command, environment, requirements.parent, stream, None)
            if ended.code:
                raise Failed(f"{' '.join(command[1:4])} ended with {ended.code}: {log} says why")
    write(folder / _DONE, b"")


def _version(python: str) -> str | None:
    ask = "import platform; print(platform.python_version())"
    try:
        done = subprocess.run([python, "-c", ask], capture_output=True, text=True, check=False)
    except OSError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None
