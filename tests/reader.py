"""A reader who does what a page says: runs each command and compares what it prints, writes each file, compiles each spec.

Blocks of ``console`` are commands behind ``$ `` with what they print. A block with a title is a file of that name; where
the file is there already and the block has no ``apiVersion``, its sections take the place of the file's. A block of
``yaml`` without a title is a spec that compiles, or a part of one that its schema takes. ``text`` is only read.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import jsonschema_rs
import yaml

from mlops_spec.compiler import Options, compile_spec
from mlops_spec.diagnostic import failed
from mlops_spec.language import shape
from mlops_spec.source.files import Folder, Memory
from tests import kept_templates

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
_BLOCK = re.compile(
    r'^```(?P<language>\w+)(?: title="(?P<title>[^"]+)")?[^\n]*\n(?P<body>.*?)^```$', re.MULTILINE | re.DOTALL
)
_COMMAND = re.compile(r"^\$ ((?:.*\\\n)*.*)$", re.MULTILINE)
_SECTION = re.compile(r"^(?=[A-Za-z]+:)", re.MULTILINE)
_HASH = re.compile(r"\b[0-9a-f]{10}\b")
_FOLLOWS = re.compile(r"\A---\nfollows: (?P<page>\S+)\n---\n")
_EDITOR = jsonschema_rs.Draft202012Validator(shape.document("editor.schema.json"))


class Reader:
    """A reader in a clone of this repository's examples, who has the command and Git."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self.here = self.clone = folder / "clone"
        self.specs: set[Path] = set()
        shutil.copytree(ROOT / "examples", self.clone / "examples")
        (self.home / "bin").mkdir(parents=True)
        command = self.home / "bin" / "mlops-spec"
        command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m mlops_spec "$@"\n')
        command.chmod(0o755)
        me = "git config --global user.name Ada && git config --global user.email ada@acme.example"
        assert self.run(f"{me} && git config --global init.defaultBranch main") == ""
        assert self.run("git init -q && git add examples && git commit -qm Start") == ""

    def run(self, command: str) -> str:
        """Run a command where the last one ended, and return what it prints."""
        environment = {
            "PATH": f"{self.home / 'bin'}:{os.environ['PATH']}", "HOME": str(self.home), "GIT_CONFIG_NOSYSTEM": "1",
            "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8",
            "XDG_CACHE_HOME": str(kept_templates.cache()),
        }  # fmt: skip
        left = self.home / "left"
        done = subprocess.run(
            ["bash", "-c", f"trap 'pwd >{left}' EXIT; {command}"],
            cwd=self.here,
            env=environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        self.here = Path(left.read_text().strip())
        return _HASH.sub("0" * 10, done.stdout)

    def play(self, text: str) -> str:
        """Run the commands of a page; return the page with what they print."""
        return _BLOCK.sub(lambda block: self._played(block) if block["language"] == "console" else block[0], text)

    def follow(self, text: str) -> str:
        """Do all that a page says, behind the page that it follows; return the page with what its commands print."""
        before = _FOLLOWS.match(text)
        if before:
            self.follow((DOCS / before["page"]).read_text("utf-8"))
            self.here = self.clone
        done = _BLOCK.sub(self._done, text)
        for spec in sorted(spec for spec in self.specs if (spec / "mlops.yaml").exists()):  # a page may move one
            compiles(compile_spec(Folder(spec), "mlops.yaml", Options(root=spec)).diagnostics)
        return done

    def _done(self, block: re.Match[str]) -> str:
        language, title, body = block["language"], block["title"], block["body"]
        if language == "console":
            return self._played(block)
        if title:
            self._write(title, body)
        elif language == "yaml":
            checked(body)
        else:
            assert language == "text", f"nobody checks a block of {language} without a title"
        return block[0]

    def _played(self, block: re.Match[str]) -> str:
        head, _, _ = block[0].partition("\n")
        commands = _COMMAND.findall(block["body"])
        return f"{head}\n" + "".join(f"$ {command}\n{self.run(command)}" for command in commands) + "```"

    def _write(self, title: str, body: str) -> None:
        file = self.here / title
        file.parent.mkdir(parents=True, exist_ok=True)
        if file.exists() and not re.search("^(apiVersion|lockVersion):", body, re.MULTILINE):
            body = "".join({**_sections(file.read_text("utf-8")), **_sections(body)}.values())
        file.write_text(body, "utf-8")
        if file.name == "mlops.yaml":
            self.specs.add(file.parent)


def compiles(diagnostics: object) -> None:
    """Hold that a spec compiles, be it with warnings."""
    assert not failed(diagnostics), "\n".join(map(str, diagnostics))  # type: ignore[arg-type]


def checked(text: str) -> None:
    """Hold a spec, or a part of one, to what it must be by itself."""
    data = yaml.safe_load(text)
    if "apiVersion" in data:
        compiles(compile_spec(Memory({"mlops.yaml": text.encode()}), "mlops.yaml").diagnostics)
    else:
        assert [error.message for error in _EDITOR.iter_errors(data)] == []


def _sections(text: str) -> dict[str, str]:
    """Split a file into its sections by their keys; what stands above the first has none."""
    return {part.partition(":")[0] if _SECTION.match(part) else "": part for part in _SECTION.split(text)}
