"""Pull requests on GitHub and merge requests on GitLab, by the forge's own program: ``gh`` or ``glab``.

Both have ``api``, which sends a request as whoever is logged in: a title or a text is on no command line.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode, urlsplit

PATIENCE = 120  # seconds
_QUIET = {"GH_PROMPT_DISABLED": "1", "GH_NO_UPDATE_NOTIFIER": "1", "GLAB_CHECK_UPDATE": "false", "NO_COLOR": "1"}
_SCP = re.compile(r"(?:[^@/\s]+@)?(?P<host>\[[^\]]+\]|[^:/\s]+):(?!//)(?P<path>.+)\Z")
_ALSO = {"ssh.github.com": "github.com", "altssh.gitlab.com": "gitlab.com"}
"""Hosts that take SSH where only HTTPS gets through, and whose they are."""


class Refused(Exception):
    """The forge, or its program, refuses; the message says which and why, on one line."""


class Unknown(Exception):
    """Nothing tells which forge it is, or its program is missing; the message says so."""

    def __init__(self, message: str, hint: str, *, is_missing: bool = False) -> None:
        self.hint, self.is_missing = hint, is_missing
        super().__init__(message)


class Place(NamedTuple):
    """Where a forge has a project: its host, with a port where it has one of its own, and the project's path."""

    host: str
    path: str


class Opened(NamedTuple):
    """A request that is open: its number, and where people read it."""

    number: int
    url: str


class Forge(NamedTuple):
    """A project on a forge: ``kind`` is ``github`` or ``gitlab``, ``program`` the path of what speaks to it."""

    kind: str
    program: str
    place: Place

    @property
    def words(self) -> str:
        """What it calls a request."""
        return "pull request" if self.kind == "github" else "merge request"

    def find(self, branch: str, base: str) -> Opened | None:
        """Return the request of ``branch`` into ``base`` that is open. Raises Refused."""
        if self.kind == "github":
            owner = self.place.path.partition("/")[0]
            found = self._ask("GET", f"pulls?{urlencode({'state': 'open', 'head': f'{owner}:{branch}', 'base': base})}")
        else:
            asked = {"state": "opened", "source_branch": branch, "target_branch": base}
            found = self._ask("GET", f"merge_requests?{urlencode(asked)}")
            # A fork's branch may have the same name.
            found = [each for each in found if each["source_project_id"] == each["target_project_id"]]
        return self._opened(found[0]) if found else None

    def open(self, branch: str, base: str, title: str, body: str) -> Opened:
        """Open a request of ``branch`` into ``base``. Raises Refused."""
        if self.kind == "github":
            said = {"title": title, "body": body, "head": branch, "base": base}
            return self._opened(self._ask("POST", "pulls", said))
        said = {"title": title, "description": body, "source_branch": branch, "target_branch": base}
        return self._opened(self._ask("POST", "merge_requests", {**said, "remove_source_branch": True}))

    def update(self, request: Opened, title: str, body: str) -> Opened:
        """Give an open request another title and text. Raises Refused."""
        if self.kind == "github":
            return self._opened(self._ask("PATCH", f"pulls/{request.number}", {"title": title, "body": body}))
        said = {"title": title, "description": body}
        return self._opened(self._ask("PUT", f"merge_requests/{request.number}", said))

    def _opened(self, found: Mapping[str, Any]) -> Opened:
        number, url = ("number", "html_url") if self.kind == "github" else ("iid", "web_url")
        return Opened(found[number], found[url])

    def _ask(self, method: str, what: str, body: Mapping[str, Any] | None = None) -> Any:
        of = f"repos/{self.place.path}" if self.kind == "github" else f"projects/{quote(self.place.path, safe='')}"
        command = [self.program, "api", "--hostname", self.place.host, "--method", method]
        if body is not None:
            command += ["--header", "Content-Type: application/json", "--input", "-"]
        command.append(f"{of}/{what}")
        name = os.path.basename(self.program)
        try:
            done = subprocess.run(
                command,
                input=json.dumps(body) if body is not None else "",
                env={**os.environ, **_QUIET},
                capture_output=True,
                text=True,
                check=False,
                timeout=PATIENCE,
            )
        except (OSError, subprocess.TimeoutExpired) as problem:
            raise Refused(f"{name} did not end: {problem}") from problem
        if done.returncode != 0:
            raise Refused(f"{name} says: {_said(done.stderr) or f'it ended with {done.returncode}'}")
        try:
            return json.loads(done.stdout)
        except ValueError as problem:
            raise Refused(f"{name} printed no JSON") from problem


def choose(url: str, wanted: str | None) -> Forge:
    """Return the forge that has the project at ``url``: the one that is ``wanted``, else the one that its host names,
    else the one whose program is there. Raises Unknown."""
    place = place_of(url)
    if place is None:
        raise Unknown("the remote is no project of a forge", "name another with --remote, or make a branch: --branch")
    kind = wanted or next((kind for kind in _PROGRAMS if kind in place.host), None)
    there = {kind: found for kind, (name, _) in _PROGRAMS.items() if (found := shutil.which(name))}
    if kind is None and len(there) != 1:
        raise Unknown(f"nothing tells which forge {place.host} is", "say it: --forge github, or --forge gitlab")
    kind = kind or next(iter(there))
    if kind not in there:
        name, source = _PROGRAMS[kind]
        hint = f"install {name} ({source}) and log in, or make a branch with --branch and open the request by hand"
        raise Unknown(f"{name}, the program of {_TITLES[kind]}, is not installed", hint, is_missing=True)
    return Forge(kind, there[kind], place)


def place_of(url: str) -> Place | None:
    """Read the address of a remote, without who pushes there; None where it leads to no host."""
    if "://" in url:
        parts = urlsplit(url)
        host = (parts.hostname or "") if parts.scheme == "ssh" else parts.netloc.rpartition("@")[2]
        path = parts.path if parts.scheme in ("http", "https", "ssh") else ""
    else:
        found = _SCP.match(url)
        host, path = (found["host"], found["path"]) if found else ("", "")
    path = path.strip("/").removesuffix(".git")
    host = host.lower()
    return Place(_ALSO.get(host, host), path) if host and "/" in path else None


_PROGRAMS = {"github": ("gh", "https://cli.github.com"), "gitlab": ("glab", "https://gitlab.com/gitlab-org/cli")}
_TITLES = {"github": "GitHub", "gitlab": "GitLab"}
KINDS = tuple(_PROGRAMS)


def _said(printed: str) -> str:
    lines = [text.strip() for text in printed.splitlines() if text.strip()]
    return " ".join(lines)[:400]
