"""Run git so that only its own plumbing runs: no hooks, no fsmonitor, nothing of the caller's ``GIT_*`` variables.

Where a server is asked, those that open it are let through: the user's own way in, and CI's.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping

from mlops_spec.write.failure import CONFLICT, refusal

_OPTIONS = ("--no-pager", "--no-replace-objects")
_CONFIG = {
    "core.hooksPath": os.devnull,
    "core.fsmonitor": "false",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "i18n.commitEncoding": "UTF-8",
    "core.quotePath": "false",
    # Neither a name nor an address is guessed from the machine.
    "user.useConfigOnly": "true",
}
# How a remote is reached and who one is there: Git's own settings, as whoever runs this has them.
_ACCESS = re.compile(
    r"GIT_(ASKPASS|SSH|SSH_COMMAND|SSH_VARIANT|SSL_\w+|HTTP_\w+|PROXY_\w+|CURL_\w+|ALLOW_PROTOCOL"
    r"|CONFIG_(COUNT|KEY_\d+|VALUE_\d+|GLOBAL|SYSTEM|NOSYSTEM))\Z"
)
_IDENTITY = tuple(f"GIT_{who}_{what}" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL", "DATE"))


NOTHING: Mapping[str, str] = {}


class GitFailed(Exception):
    """Git ended with an error; ``reason`` is what it said, on one line."""

    def __init__(self, command: str, reason: str) -> None:
        self.reason = reason
        super().__init__(f"git {command}: {reason}")


def git(
    folder: str,
    *arguments: str,
    stdin: bytes = b"",
    index: str = "",
    identity: bool = False,
    access: bool = False,
    config: Mapping[str, str] = NOTHING,
) -> bytes:
    """Run git in ``folder`` and return what it prints.

    ``index`` takes the place of the user's index; ``identity`` lets ``GIT_AUTHOR_*`` and ``GIT_COMMITTER_*`` through,
    ``access`` what says how a remote is reached; ``config`` overrides more of the user's settings.
    Raises GitFailed where git fails, WriteFailed where it is missing.
    """
    variables = _environment()
    variables |= _identity() if identity else {}
    variables |= {name: value for name, value in os.environ.items() if access and _ACCESS.match(name)}
    variables |= {"GIT_INDEX_FILE": index} if index else {}
    settings = [word for key, value in {**_CONFIG, **config}.items() for word in ("-c", f"{key}={value}")]
    command = ["git", *_OPTIONS, *settings, "-C", folder, *arguments]
    try:
        # In its own session: Ctrl-C at a terminal reaches the whole group, and would stop git between two refs.
        done = subprocess.run(
            command,
            input=stdin,
            env=variables,
            capture_output=True,
            check=False,
            start_new_session=True,
            close_fds=False,
        )
    except FileNotFoundError as problem:
        raise refusal(CONFLICT, "MS160", "git is not installed", "install git 2.27 or newer") from problem
    if done.returncode != 0:
        raise GitFailed(arguments[0], _reason(done.stderr) or f"ended with {done.returncode}")
    return done.stdout


def line(folder: str, *arguments: str, index: str = "") -> str:
    """Run git and return the one line that it prints."""
    return os.fsdecode(git(folder, *arguments, index=index)).removesuffix("\n")


def succeeds(folder: str, *arguments: str) -> bool:
    """Tell whether git ends well."""
    try:
        git(folder, *arguments)
    except GitFailed:
        return False
    return True


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_") and name != "LANGUAGE"}
    return {**kept, "LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0"}


def _identity() -> dict[str, str]:
    return {name: os.environ[name] for name in _IDENTITY if os.environ.get(name)}


def _reason(stderr: bytes) -> str:
    lines = [text.strip() for text in stderr.decode("utf-8", "replace").splitlines()]
    told = [text.removeprefix("! ") for text in lines if text.startswith("! [")]  # what a remote says of a push
    told = told or [text for text in lines if text.startswith(("fatal:", "error:"))] or [text for text in lines if text]
    return told[0].partition(": ")[2] or told[0] if told else ""
