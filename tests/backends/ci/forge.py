"""A forge of this machine's own: Git's own server over HTTP that asks for a token, and what jobs find on their path.

There is no Docker daemon here, and no GitHub: ``programs`` has what stands in their place.
"""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.backends.ci.programs import DOCKER, GH, IMAGE

ROOT = Path(__file__).parents[3]
# What a push asks of GitLab comes as options of it.
HOOK = """#!/bin/sh
if [ "${GIT_PUSH_OPTION_COUNT:-0}" != 0 ]; then
  env | grep '^GIT_PUSH_OPTION_[0-9]' | sort | cut -d= -f2- | tr '\\n' ' ' >> asked
  echo >> asked
fi
"""


class Forge:
    """A project of a forge: ``url`` is its repository's, without ``.git`` at its end; ``token`` opens it."""

    def __init__(self, folder: Path, user: str) -> None:
        self.folder, self.user, self.token = folder, user, "t0ken"
        self.bare, self.bin, self.url = folder / "served" / "churn.git", folder / "bin", ""
        (self.bin / "image").mkdir(parents=True)
        programs = {"docker": DOCKER, "gh": GH, **{f"image/{name}": text for name, text in IMAGE.items()}}
        for name, text in programs.items():
            (self.bin / name).write_text(text)
            (self.bin / name).chmod(0o755)
        (self.bin / "opened").write_text("[]")
        (self.bin / "comments").write_text("[]")
        self.git("init", "--quiet", "--bare", "--initial-branch", "main", str(self.bare), at=folder)
        self.git("config", "http.receivepack", "true", at=self.bare)
        self.git("config", "receive.advertisePushOptions", "true", at=self.bare)
        self.git("config", "uploadpack.allowFilter", "true", at=self.bare)
        hook = self.bare / "hooks" / "post-receive"
        hook.write_text(HOOK)
        hook.chmod(0o755)
        self.git("clone", "--quiet", str(self.bare), "work", at=folder)
        self.work = folder / "work"

    def git(self, *words: str, at: Path | None = None) -> str:
        """Run Git as the team does, by default in its own clone."""
        who = {
            f"GIT_{role}_{what}": "ada@acme.example" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
        }
        command = ["git", "-C", str(at or self.work), *words]
        done = subprocess.run(command, env={**os.environ, **who}, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def push(self, files: Mapping[str, str], message: str = "Change", ref: str = "main") -> str:
        """Commit files to a ref, by default to the branch main, and return the commit; a ``+`` forces it."""
        for name, text in files.items():
            path = self.work / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)
        self.git("push", "--quiet", "origin", f"+HEAD:{ref[1:]}" if ref.startswith("+") else f"HEAD:{ref}")
        return self.git("rev-parse", "HEAD")

    def run(self, script: str, variables: Mapping[str, str], at: Path, *shell: str) -> subprocess.CompletedProcess[str]:
        """Run the script of a job as a runner does: nothing of this machine but programs is there."""
        environment = {
            "PATH": f"{self.bin}:{os.environ['PATH']}", "HOME": str(self.folder), "GIT_CONFIG_NOSYSTEM": "1",
            "PYTHONPATH": str(ROOT), **variables,
        }  # fmt: skip
        command = [*(shell or ("sh", "-e")), "-c", script]
        return subprocess.run(command, cwd=at, env=environment, capture_output=True, text=True, check=False)

    def proposed(self, branch: str = "mlops-spec/churn/image-train") -> str | None:
        """Return what the proposal changes, as a diff without context; None where there is none."""
        if not self.git("for-each-ref", f"refs/heads/{branch}", at=self.bare):
            return None
        return self.git("diff", "--unified=0", f"main...{branch}", at=self.bare)

    def opened(self) -> list[dict[str, Any]]:
        """Return the pull requests that were opened."""
        found: list[dict[str, Any]] = json.loads((self.bin / "opened").read_text())
        return found

    def asked(self) -> list[str]:
        """Return what pushes have asked for, each in one line."""
        file = self.bare / "asked"
        return file.read_text().splitlines() if file.exists() else []

    def said_to_docker(self) -> str:
        """Return every command that docker was given, one a line."""
        return (self.bin / "state" / "log").read_text()


@contextmanager
def forge(folder: Path, user: str) -> Iterator[Forge]:
    """Serve a project to whoever has the token of ``user``."""
    made = Forge(folder, user)
    wanted = "Basic " + base64.b64encode(f"{user}:{made.token}".encode()).decode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.answer()

        def do_POST(self) -> None:
            self.answer()

        def answer(self) -> None:
            if self.headers.get("Authorization") != wanted:
                self.send_response(401)
                self.send_header("WWW-Authenticate", 'Basic realm="forge"')
                self.end_headers()
                return
            path, _, query = self.path.partition("?")
            path = re.sub(r"\A/growth/churn(\.git)?/", "/churn.git/", path)
            length = int(self.headers.get("Content-Length") or 0)
            cgi = {
                "PATH": os.environ["PATH"], "GIT_PROJECT_ROOT": str(folder / "served"), "GIT_HTTP_EXPORT_ALL": "1",
                "PATH_INFO": path, "QUERY_STRING": query, "REQUEST_METHOD": self.command, "REMOTE_USER": user,
                "CONTENT_TYPE": self.headers.get("Content-Type", ""), "CONTENT_LENGTH": str(length),
                "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
                "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            }  # fmt: skip
            body = self.rfile.read(length)
            head, _, rest = subprocess.run(
                ["git", "http-backend"], input=body, env=cgi, capture_output=True, check=True
            ).stdout.partition(b"\r\n\r\n")
            headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
            self.send_response(int(headers.pop("Status", "200").split()[0]))
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(rest)

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.url = f"http://127.0.0.1:{server.server_port}/growth/churn"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
